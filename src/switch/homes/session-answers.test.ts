/** What a home tells sessions: those of its own shard by a call, others by a hop, and nobody where there is no room. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManyToOneConsumer, ManyToOneProducer } from '../../ring/many-to-one-ring.ts';
import { RING_NONE, RingMemory, ringBytes } from '../../ring/ring-layout.ts';
import { AddressLayout } from '../tables/address-layout.ts';
import { SWITCH_COUNTERS, SwitchCounter } from '../terms/switch-counters.ts';
import { HopReader } from './hop-reader.ts';
import { HOP_NAMES, type HopTarget } from './hop-table.ts';
import { Hops } from './hops.ts';
import { type LocalSessions, SessionAnswers } from './session-answers.ts';

const INBOX_BYTES = 1024;
type Said = readonly [name: string, ...words: number[]];

/** The answers of shard 0 of two, which has an inbox of either. */
class Answering {
  readonly answers: SessionAnswers;
  /** What was said by calls, and by hops to each shard. */
  readonly calls: Said[] = [];
  readonly counters = new Float64Array(SWITCH_COUNTERS.length);
  readonly #reader: HopReader;
  readonly #consumers: readonly ManyToOneConsumer[];
  #hops: Said[] = [];

  constructor() {
    const memory = RingMemory.ofBytes(2 * ringBytes(INBOX_BYTES));
    const at = [0, ringBytes(INBOX_BYTES)];
    const inboxes = at.map((start) => new ManyToOneProducer(memory, start, INBOX_BYTES));
    this.#consumers = at.map((start) => new ManyToOneConsumer(memory, start, INBOX_BYTES));
    const note =
      (into: () => Said[], name: string) =>
      (...words: number[]): boolean =>
        into().push([name, ...words]) > 0;
    const calls = Object.fromEntries(
      ['loginAnswer', 'answer', 'groupAnswer', 'replace'].map((name) => [name, note(() => this.calls, name)]),
    );
    const target = Object.fromEntries(HOP_NAMES.map((name) => [name, note(() => this.#hops, name)]));
    this.#reader = new HopReader(memory, target as unknown as HopTarget); // a function for each row
    const hops = new Hops(memory, inboxes, 0, [0, 0], this.counters, () => {});
    const sessions = calls as unknown as LocalSessions; // a function for each of its methods
    this.answers = new SessionAnswers(AddressLayout.of({ peers: 2, shard: 0 }), hops, this.counters, sessions);
  }

  addressOf(shard: number, slot: number): number {
    return AddressLayout.of({ peers: 2, shard }).addressOf(slot);
  }

  /** The hops that have arrived at a shard, with their words. */
  heardBy(shard: number): Said[] {
    const consumer = this.#consumers[shard] ?? assert.fail();
    this.#hops = [];
    for (let place = consumer.next(); place !== RING_NONE; place = consumer.next()) {
      this.#reader.read(place, consumer.length);
      consumer.take();
    }
    consumer.release();
    return this.#hops;
  }

  get dropped(): number {
    return this.counters[SwitchCounter.answersDropped] ?? 0;
  }

  /** Says one answer of each kind to a session. */
  sayAll(shard: number, slot: number): boolean {
    const address = this.addressOf(shard, slot);
    this.answers.login(address, 3, 1, 40, 41, 42);
    this.answers.message(address, 3, 50, 2);
    this.answers.group(address, 3, 60, 7, 8);
    return this.answers.replace(90, address, 3);
  }
}

describe('the answers of a home', () => {
  it('are calls for sessions of its own shard, and take no room in an inbox', () => {
    const home = new Answering();
    assert.equal(home.sayAll(0, 17), true);
    assert.deepEqual(home.calls, [
      ['loginAnswer', 17, 3, 1, 40, 41, 42],
      ['answer', 17, 3, 50, 2],
      ['groupAnswer', 17, 3, 60, 7, 8],
      ['replace', 90, 17, 3],
    ]);
    assert.deepEqual([home.heardBy(0), home.heardBy(1)], [[], []]);
  });

  it('are hops to the shard of any other session, with the same words', () => {
    const home = new Answering();
    assert.equal(home.sayAll(1, 17), true);
    home.answers.located(home.addressOf(1, 5), 70, 2, 71, 72, 73);
    assert.deepEqual(home.calls, []);
    assert.deepEqual(home.heardBy(0), []);
    assert.deepEqual(home.heardBy(1), [
      ['loginAnswer', 17, 3, 1, 40, 41, 42],
      ['answer', 17, 3, 50, 2],
      ['groupAnswer', 17, 3, 60, 7, 8],
      ['replace', 90, 17, 3],
      ['located', 5, 70, 2, 71, 72, 73],
    ]);
    assert.equal(home.dropped, 0);
  });

  it('are dropped and counted, each, where the inbox has no room; a replacement is only refused', () => {
    const home = new Answering();
    const address = home.addressOf(1, 17);
    while (home.answers.replace(1, address, 3)); // until there is no room
    assert.equal(home.dropped, 0, 'whoever replaces a session tries again');
    home.answers.login(address, 3, 1, 40, 41, 42);
    assert.equal(home.dropped, 1);
    home.answers.message(address, 3, 50, 2);
    assert.equal(home.dropped, 2);
    home.answers.group(address, 3, 60, 7, 8);
    assert.equal(home.dropped, 3);
    home.answers.located(address, 70, 2, 71, 72, 73);
    assert.equal(home.dropped, 4);
    home.sayAll(0, 9);
    assert.deepEqual([home.calls.length, home.dropped], [4, 4], 'its own sessions need no room');
    const heard = home.heardBy(1);
    assert.ok(heard.length > 10 && heard.every(([name]) => name === 'replace'));
    assert.equal(home.sayAll(1, 17), true);
    assert.equal(home.dropped, 4, 'there is room again');
  });
});
