/** Logins that wait for the end of an earlier session, against a list of them, whatever has room in the other inbox. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ManyToOneConsumer, ManyToOneProducer } from '../../ring/many-to-one-ring.ts';
import { RING_NONE, RingMemory, ringBytes } from '../../ring/ring-layout.ts';
import { LoginCode } from '../../wire/frames.ts';
import { NumberingPlan } from '../../wire/numbering-plan.ts';
import { HOME_SALT, Placement } from '../../wire/placement.ts';
import { SHARD_SETTINGS } from '../small-switch.test-suite.ts';
import { AccountTable } from '../tables/account-table.ts';
import { AddressLayout } from '../tables/address-layout.ts';
import { PENDING_LOGINS_MAX } from '../tables/pending-logins.ts';
import { questionTicks, type ShardSettings } from '../terms/shard-settings.ts';
import { SWITCH_COUNTERS } from '../terms/switch-counters.ts';
import { HopReader, hopTarget } from './hop-reader.ts';
import { Hops } from './hops.ts';
import { type LocalSessions, SessionAnswers } from './session-answers.ts';
import { SessionReplacement } from './session-replacement.ts';

const ROWS = 6;
const INBOX_BYTES = 2 ** 13;
const RESERVE_BYTES = 2 ** 12;
/** An account of hops that only fill the inbox. */
const FILLING = 9999;
const TICK_MICROS = 100_000;
const QUESTION_TICKS = questionTicks(TICK_MICROS).login;

interface Waiting {
  readonly slot: number;
  readonly shard: number;
  readonly asked: number;
  isTold: boolean;
}

/** The logins of a home on shard 0, whose sessions are on shards 0 and 1, and beside them a list. */
class Replacing {
  readonly replacement: SessionReplacement;
  tick = 1000;
  /** Slots of the logins that were refused, in the model and in fact. */
  readonly expected: number[] = [];
  readonly refused: number[] = [];
  /** Accounts whose earlier session was told to end, likewise. */
  readonly expectedTold: number[] = [];
  readonly told: number[] = [];
  readonly waiting = new Map<number, Waiting>();
  readonly #accounts: AccountTable;
  readonly #hops: Hops;
  readonly #consumer: ManyToOneConsumer;
  readonly #reader: HopReader;
  readonly #endsAtOnce: boolean;
  #slot = 100;
  #isFull = false;

  /** @param endsAtOnce whether a session on this shard is gone as soon as it is told. */
  constructor(endsAtOnce: boolean, rows = ROWS) {
    this.#endsAtOnce = endsAtOnce;
    const memory = RingMemory.ofBytes(2 * ringBytes(INBOX_BYTES));
    const inboxes = [0, ringBytes(INBOX_BYTES)].map((at) => new ManyToOneProducer(memory, at, INBOX_BYTES));
    const counters = new Float64Array(SWITCH_COUNTERS.length);
    this.#hops = new Hops(memory, inboxes, RESERVE_BYTES, [0, 0], counters, () => {});
    this.#consumer = new ManyToOneConsumer(memory, ringBytes(INBOX_BYTES), INBOX_BYTES);
    const loginAnswer = (slot: number, generation: number, code: number): void => {
      assert.deepEqual([generation, code], [2, LoginCode.BUSY]);
      this.refused.push(slot);
    };
    const replace = (account: number): void => {
      if (account !== FILLING) this.told.push(account);
    };
    this.#reader = new HopReader(memory, hopTarget({ loginAnswer, replace }));
    const fail = (): never => assert.fail('only logins are answered');
    const sessions: LocalSessions = {
      loginAnswer,
      answer: fail,
      groupAnswer: fail,
      replace: (account, slot, generation) => {
        assert.deepEqual([slot, generation], [account, 1]);
        replace(account);
        if (this.#endsAtOnce) this.replacement.remove(account);
      },
    };
    const settings: ShardSettings = {
      ...SHARD_SETTINGS,
      shard: 0,
      plan: new NumberingPlan([{ first: 1000, count: rows }]),
      homes: new Placement(1, HOME_SALT),
      peers: 2,
      tickMicros: TICK_MICROS,
    };
    this.#accounts = new AccountTable(rows);
    for (let row = 0; row < rows; row++) this.#accounts.setOnline(row, addressOf(shardOf(row), row), 1);
    const answers = new SessionAnswers(AddressLayout.of(settings), this.#hops, counters, sessions);
    this.replacement = new SessionReplacement(settings, this.#accounts, answers);
  }

  logIn(row: number, shard: number): void {
    const before = this.waiting.get(row);
    if (before !== undefined) this.expected.push(before.slot);
    const slot = this.#slot++;
    this.replacement.add(row, addressOf(shard, slot), 2, this.tick);
    const isOwn = shardOf(row) === 0;
    const isTold = isOwn || !this.#isFull;
    if (isTold) this.expectedTold.push(row);
    if (isOwn && this.#endsAtOnce) this.waiting.delete(row);
    else this.waiting.set(row, { slot, shard, asked: this.tick, isTold });
  }

  /** The earlier session of an account is over: whoever waits is let in. */
  end(row: number): void {
    if (this.waiting.delete(row)) this.replacement.remove(row);
  }

  pass(ticks: number): void {
    for (let n = 0; n < ticks; n++) {
      this.tick++;
      for (const [row, one] of this.waiting) {
        if (one.isTold || this.#isFull) continue;
        one.isTold = true;
        this.expectedTold.push(row);
      }
      this.replacement.doWork(this.tick);
      for (const [row, one] of this.waiting) {
        const ticksWaited = this.tick - one.asked;
        if (this.replacement.has(row)) {
          assert.ok(ticksWaited < QUESTION_TICKS, 'a login is refused before its shard asks no more');
        } else {
          assert.ok(ticksWaited > QUESTION_TICKS / 2, `a login may wait for half that time, not ${ticksWaited} ticks`);
          this.waiting.delete(row);
          this.expected.push(one.slot);
        }
      }
    }
  }

  loseOtherShard(): void {
    this.replacement.forget((address) => AddressLayout.of({ peers: 2, shard: 0 }).shardOf(address) === 1);
    for (const [row, { shard }] of this.waiting) if (shard === 1) this.waiting.delete(row);
  }

  fill(): void {
    while (this.#hops.write.replace(1, FILLING, 0, 0)); // until there is no room
    this.#isFull = true;
  }

  /** The other shard reads its inbox. */
  read(): void {
    for (let at = this.#consumer.next(); at !== RING_NONE; at = this.#consumer.next()) {
      this.#reader.read(at, this.#consumer.length);
      this.#consumer.take();
    }
    this.#consumer.release();
    this.#isFull = false;
  }

  check(): void {
    for (let row = 0; row < ROWS; row++) {
      const one = this.waiting.get(row);
      assert.equal(this.replacement.has(row), one !== undefined);
      if (one === undefined) continue;
      assert.equal(this.replacement.address(row), addressOf(one.shard, one.slot));
      assert.equal(this.replacement.generation(row), 2);
    }
    const untold = [...this.waiting.values()].filter(({ isTold }) => !isTold);
    assert.equal(this.replacement.hasUntold, untold.length > 0);
  }
}

function addressOf(shard: number, slot: number): number {
  return AddressLayout.of({ peers: 2, shard }).addressOf(slot);
}

/** Where the earlier session of an account is. */
function shardOf(row: number): number {
  return row % 2;
}

const row = fc.nat(ROWS - 1);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('logIn' as const), row, shard: fc.nat(1) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('end' as const), row }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('pass' as const), ticks: fc.nat(QUESTION_TICKS / 2) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('fill' as const, 'read' as const, 'lose' as const) }) },
);

describe('logins that wait for an earlier session', () => {
  it('are let in, or refused in time, once each; every earlier session is told to end as soon as there is room', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(step, { maxLength: 60, size: 'max' }), (endsAtOnce, steps) => {
        const home = new Replacing(endsAtOnce);
        for (const one of steps) {
          if (one.kind === 'logIn') home.logIn(one.row, one.shard);
          else if (one.kind === 'end') home.end(one.row);
          else if (one.kind === 'pass') home.pass(one.ticks);
          else if (one.kind === 'fill') home.fill();
          else if (one.kind === 'read') home.read();
          else home.loseOtherShard();
          home.check();
        }
        home.read();
        home.pass(QUESTION_TICKS);
        home.read();
        assert.equal(home.waiting.size, 0, 'nobody waits for ever');
        assert.deepEqual(home.refused.toSorted(), home.expected.toSorted());
        assert.deepEqual(home.told.toSorted(), home.expectedTold.toSorted());
      }),
      { numRuns: 200 },
    );
  });

  it('are refused at once where as many wait as may, and have room again when one is let in', () => {
    const home = new Replacing(false, 2 * PENDING_LOGINS_MAX + 4);
    for (let n = 0; n < PENDING_LOGINS_MAX; n++) home.logIn(2 * n, 0);
    assert.deepEqual(home.refused, []);
    const next = 2 * PENDING_LOGINS_MAX;
    home.replacement.add(next, addressOf(0, 7), 2, home.tick);
    assert.deepEqual([home.refused, home.replacement.has(next)], [[7], false]);
    home.end(0);
    home.logIn(next, 0);
    assert.deepEqual([home.refused, home.replacement.has(next)], [[7], true]);
  });
});
