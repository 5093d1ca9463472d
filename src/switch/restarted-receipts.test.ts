/** ✓✓ that were owed to an author when the switch ended: it starts again from its logs, and he gets each. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DelayedLog } from '../store/delayed-log.test-suite.ts';
import { HonestPhone } from './honest-phone.test-suite.ts';
import { SmallSwitch, type SmallSwitchSettings } from './small-switch.test-suite.ts';

const PHONES = 2;

class Stored {
  readonly #logs: DelayedLog[];
  readonly #settings: SmallSwitchSettings;
  #small: SmallSwitch;
  readonly author: HonestPhone;
  readonly reader: HonestPhone;

  constructor(shards: number) {
    this.#logs = Array.from({ length: shards }, () => new DelayedLog());
    this.#settings = {
      ...{ shards, deliveryWindow: 8, durability: { acknowledgementsMax: 8, idWindowsMax: 64 } },
      makeLog: (shard) => this.#logs[shard] ?? new DelayedLog(),
    };
    this.#small = new SmallSwitch(this.#settings);
    this.author = new HonestPhone(this.#small, 0, PHONES);
    this.reader = new HonestPhone(this.#small, 1, PHONES);
    this.logIn(this.author, this.reader);
  }

  get queued(): number {
    return this.#small.count('messagesQueued');
  }

  settle(): void {
    for (let n = 0; n < 4; n++) {
      this.#small.settle();
      this.author.take();
      this.reader.take();
    }
  }

  /** One turn of each shard, of which no phone hears anything. */
  work(): void {
    for (let shard = 0; shard < this.#logs.length; shard++) this.#small.work(shard);
  }

  /** What was sent reaches the phones. */
  hear(): void {
    this.#small.listen();
    this.author.take();
    this.reader.take();
  }

  logIn(...phones: HonestPhone[]): void {
    for (const phone of phones) phone.logIn(phone.account % this.#logs.length);
    this.settle();
  }

  confirm(): void {
    this.reader.confirm();
    this.settle();
  }

  restart(): void {
    for (const log of this.#logs) log.crash(0);
    this.#small = new SmallSwitch(this.#settings);
    for (const phone of [this.author, this.reader]) phone.moveTo(this.#small);
  }
}

const serials = (messages: readonly { readonly serial: number }[]): number[] => messages.map(({ serial }) => serial);

for (const shards of [1, 2]) {
  describe(`a ✓✓ that is owed when the switch ends, on ${shards} shards`, () => {
    it('comes when the message is confirmed after the start', () => {
      const stored = new Stored(shards);
      for (let n = 0; n < 3; n++) stored.author.send(1);
      stored.settle();
      stored.restart();
      stored.logIn(stored.author, stored.reader);
      assert.deepEqual(stored.author.receipts, []);
      stored.confirm();
      assert.deepEqual(serials(stored.author.receipts), [1, 2, 3]);
      assert.equal(stored.queued, 0);
    });

    it('comes when its author comes back, if he was away when the message was confirmed', () => {
      const stored = new Stored(shards);
      stored.author.send(1);
      stored.settle();
      stored.author.hangUp();
      stored.settle();
      stored.confirm();
      stored.restart();
      stored.logIn(stored.reader);
      assert.equal(stored.queued, 1, 'it waits in its mailbox');
      stored.logIn(stored.author);
      assert.deepEqual(serials(stored.author.receipts), [1]);
    });

    it('comes once he is back, if the message is confirmed before that', () => {
      const stored = new Stored(shards);
      stored.author.send(1);
      stored.settle();
      stored.restart();
      stored.logIn(stored.reader);
      stored.confirm();
      stored.logIn(stored.author);
      assert.deepEqual(serials(stored.author.receipts), [1]);
    });

    it('comes once at most, wherever the end comes between the confirmation and the ✓✓', () => {
      let lost = 0;
      const ends = 6;
      for (let turns = 0; turns < ends; turns++) {
        const stored = new Stored(shards);
        stored.author.send(1);
        stored.settle();
        stored.reader.confirm();
        for (let n = 0; n < turns; n++) stored.work();
        stored.hear();
        stored.restart();
        stored.logIn(stored.author, stored.reader);
        stored.confirm();
        assert.ok(stored.author.receipts.length <= 1, `after ${turns} turns`);
        lost += 1 - stored.author.receipts.length;
        assert.deepEqual(serials(stored.reader.received), [1]);
      }
      // On its way from one shard to another it is only in memory: PROTOCOL.md says that it is sent once.
      assert.ok(lost <= shards - 1, `${lost} of ${ends} were lost`);
    });
  });
}
