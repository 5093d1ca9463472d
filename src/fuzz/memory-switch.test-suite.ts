/**
 * Fuzzes a switch over `memory`: the streams of hostile phones, many at a time and some of one account, over the rings
 * of a simulated world of two shards. All is in one thread and in virtual time, so a seed repeats every event of it.
 */
import assert from 'node:assert/strict';
import { smallWorld } from '../simulate/small-world.test-suite.ts';
import { World } from '../simulate/world/world.ts';
import { FrameAssembler } from '../wire/frame-assembler.ts';
import { GroupPlan } from '../wire/group-plan.ts';
import type { ConnectionEvents, PhoneTransport } from '../wire/transport.ts';
import { IdleTransport } from './idle-transport.test-suite.ts';
import { HostileMemoryPhone, type MemoryPhone, PoliteMemoryPhone } from './memory-phones.test-suite.ts';
import { FIRST_GROUP, GROUPS, HOSTILE_ACCOUNTS, HOSTILE_FIRST, phoneStream } from './phone-stream.test-suite.ts';

const SHARDS = 2;
const TURN_MICROS = 1000;
const AT_A_TIME = 120;
/** Rows of a shard: now and then there is none for a phone that connects. */
const ROOM = 150;
/** They differ from each hostile phone's number by no power of two: no flipped bit makes one of the other. */
const [ALICE, BOB] = [HOSTILE_FIRST + 30_000, HOSTILE_FIRST + 30_001];
/** Some are nobody's, and are written to by those whose bits are flipped. */
const NUMBERS = FIRST_GROUP - HOSTILE_FIRST;
/** Of the groups. Their members are hostile phones, a third of them. */
const LISTS = 4;
const GROUP_SIZES = { median: 200, sigma: 0.5, max: 400 };
const PATIENCE_TURNS = 10_000;
/** Two are usual: silent phones hold their places until the switch ends them. */
const TURNS_PER_STREAM_MAX = 10;
const VISITORS = 300;
const ROUNDS_MAX = 5;

export interface MemoryFuzzOutcome {
  readonly streams: number;
  readonly seconds: number;
  readonly virtualSeconds: number;
  readonly exchanged: number;
  readonly refused: number;
  readonly violations: number;
  /** Messages to groups that the switch accepted, and how often it gave one to a member. */
  readonly groupMessages: number;
  readonly groupDeliveries: number;
}

/** @throws AssertionError where the switch fails, or is not as it was when all have gone. */
export function fuzzMemorySwitch(seed: number, streams: number): MemoryFuzzOutcome {
  const startMillis = performance.now();
  const fuzzed = new FuzzedMemorySwitch(seed);
  fuzzed.attack(streams);
  fuzzed.emptyMailboxes();
  fuzzed.fillTables();
  return { streams, seconds: (performance.now() - startMillis) / 1000, ...fuzzed.figures() };
}

class FuzzedMemorySwitch implements ConnectionEvents {
  readonly #seed: number;
  readonly #world: World;
  #transport: PhoneTransport = new IdleTransport();
  readonly #phones = new Map<number, MemoryPhone>();
  readonly #assembler = new FrameAssembler(2 * SHARDS * ROOM);
  #tokens = 0;
  #exchanged = 0;
  #refused = 0;

  constructor(seed: number) {
    this.#seed = seed;
    const plan = new GroupPlan({
      seed,
      firstAccount: NUMBERS,
      groups: GROUPS - LISTS,
      lists: LISTS,
      phones: HOSTILE_ACCOUNTS,
      sizes: GROUP_SIZES,
    });
    this.#world = new World({
      ...smallWorld({
        seed,
        lanes: 1,
        shards: SHARDS,
        phones: NUMBERS,
        online: 1,
        turnMicros: TURN_MICROS,
        shard: {
          sessions: ROOM,
          messagesPerAccount: 2,
          redeliveryMicros: 500_000,
          questionsMax: 64,
          partialFramesMax: 16,
          watchMax: 4,
          watchesMax: 64,
          keepsWatches: false,
          groups: { plan, queueMax: 8, recentMax: 256, changesMax: 1024 },
        },
      }),
      wrapTransport: (transport) => {
        this.#transport = transport; // the fuzzer has the lane's place
        return new IdleTransport();
      },
    });
  }

  /** All streams, while Alice and Bob write to each other; then everyone but those two is gone. */
  attack(streams: number): void {
    const alice = this.#polite(ALICE, 0);
    const bob = this.#polite(BOB, 1);
    this.#until('the pair is online', () => alice.isOnline && bob.isOnline);
    let next = 0;
    let sentTurn = 0;
    for (let turn = 0; next < streams || this.#phones.size > 2; turn++) {
      assert.ok(
        turn < TURNS_PER_STREAM_MAX * streams + PATIENCE_TURNS,
        `${this.#phones.size - 2} hostile phones are still connected`,
      );
      for (; next < streams && this.#phones.size < 2 + AT_A_TIME; next++) {
        this.#add(new HostileMemoryPhone(phoneStream(this.#seed, next)), next);
      }
      if (alice.hasReceiptOf(this.#exchanged)) {
        const received = bob.receivedFrom(ALICE); // a hostile phone whose bits were flipped may write to Bob as well
        assert.equal(received.length, this.#exchanged, 'every message arrives once');
        if (this.#exchanged > 0) assert.equal(received.at(-1), `message ${this.#exchanged}`);
        alice.send(++this.#exchanged, BOB, `message ${this.#exchanged}`);
        sentTurn = turn;
      }
      assert.ok(turn - sentTurn < PATIENCE_TURNS, `message ${this.#exchanged} of the pair is not answered`);
      this.#turn();
    }
    this.#until('the last message is received', () => alice.hasReceiptOf(this.#exchanged));
    alice.logOut();
    bob.logOut();
    this.#awaitNobody();
  }

  /** Everyone logs in, and gets what waits. */
  emptyMailboxes(): void {
    for (let round = 0; round < ROUNDS_MAX && this.#world.switch('messagesQueued') > 0; round++) {
      for (let first = 0; first < NUMBERS; first += VISITORS) {
        const many = Math.min(VISITORS, NUMBERS - first);
        const visitors = Array.from({ length: many }, (_, n) => this.#polite(HOSTILE_FIRST + first + n, n));
        this.#until('visitors are online', () => visitors.every(({ isOnline }) => isOnline));
        for (let turn = 0; turn < 10; turn++) this.#turn();
        for (const visitor of visitors) visitor.logOut();
        this.#awaitNobody();
      }
    }
    assert.equal(this.#world.switch('messagesQueued'), 0, 'everyone has had what waited');
    const given = this.#world.switch('groupConfirmed') + this.#world.switch('groupRejected');
    assert.equal(given, this.#world.switch('groupRecipients'), 'each recipient had a message, or no room for it');
  }

  /** Every row can be taken: none was leaked. */
  fillTables(): void {
    const phones = Array.from({ length: SHARDS * ROOM }, (_, n) => this.#polite(HOSTILE_FIRST + n, n));
    this.#until('all rows are taken', () => phones.every(({ isOnline }) => isOnline));
    assert.equal(this.#world.switch('sessions'), SHARDS * ROOM);
    for (const phone of phones) phone.logOut();
    this.#awaitNobody();
  }

  figures(): Omit<MemoryFuzzOutcome, 'streams' | 'seconds'> {
    const violations =
      this.#world.switch('violationsMalformed') +
      this.#world.switch('violationsUnknownFrame') +
      this.#world.switch('violationsLoginExpected') +
      this.#world.switch('violationsLoginRepeated') +
      this.#world.switch('violationsPartialFrames');
    const virtualSeconds = this.#world.clock.nowMicros() / 1e6;
    return {
      virtualSeconds,
      exchanged: this.#exchanged,
      refused: this.#refused,
      violations,
      groupMessages: this.#world.switch('groupMessagesAccepted'),
      groupDeliveries: this.#world.switch('groupConfirmed'),
    };
  }

  opened(token: number, connection: number): void {
    this.#phones.get(token)?.opened(connection);
  }

  refused(token: number): void {
    this.#refused++;
    const phone = this.#phones.get(token);
    assert.ok(!(phone instanceof PoliteMemoryPhone), 'there is a row for each polite phone');
    this.#phones.delete(token);
  }

  bytes(token: number, connection: number, view: DataView, start: number, end: number): number {
    const phone = this.#phones.get(token);
    return phone?.connection === connection ? this.#assembler.feed(token, view, start, end, phone) : end - start;
  }

  closed(token: number, connection: number): void {
    const phone = this.#phones.get(token);
    if (phone?.connection !== connection) return; // it has hung up meanwhile
    assert.ok(!(phone instanceof PoliteMemoryPhone) || phone.isLeaving, 'no polite phone is thrown out');
    phone.thrownOut();
  }

  #polite(account: number, shard: number): PoliteMemoryPhone {
    const phone = new PoliteMemoryPhone(account);
    this.#add(phone, shard);
    return phone;
  }

  #add(phone: MemoryPhone, place: number): void {
    phone.shard = place % SHARDS;
    this.#phones.set(this.#tokens++, phone);
  }

  #turn(): void {
    const nowMillis = this.#world.clock.nowMicros() / 1000;
    for (const [token, phone] of this.#phones) {
      phone.doWork(this.#transport, token, nowMillis);
      if (!phone.isGone) continue;
      this.#assembler.forget(token);
      this.#phones.delete(token);
    }
    this.#transport.flush();
    this.#world.turn();
    this.#transport.poll(this, Number.MAX_SAFE_INTEGER);
  }

  #awaitNobody(): void {
    this.#until('nobody is left', () => {
      const open = this.#world.switch('connectionsOpened') - this.#world.switch('connectionsClosed');
      return this.#phones.size + open + this.#world.switch('sessions') === 0;
    });
  }

  #until(what: string, holds: () => boolean): void {
    for (let turn = 0; !holds(); turn++) {
      assert.ok(turn < PATIENCE_TURNS, `${what}: it is not so`);
      this.#turn();
    }
  }
}
