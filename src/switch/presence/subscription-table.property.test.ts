import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { NumberingPlan } from '../../wire/numbering-plan.ts';
import { HOME_SALT, Placement } from '../../wire/placement.ts';
import { PresenceTables } from './presence-tables.ts';
import { NOT_WATCHED } from './subscription-table.ts';
import { NO_ROW } from './watch-rows.ts';

const MAX = 8;
/** More than there are chains of subscriptions of other shards, so that some have the same one. */
const ACCOUNTS = 7;
const SLOTS = 3;
const homes = new Placement(2, HOME_SALT);
const plan = new NumberingPlan([{ first: 1000, count: 2 * ACCOUNTS }]);
/** Those of one shard, by their rows. */
const accounts = Array.from({ length: ACCOUNTS }, (_, row) => homes.accountAt(0, row));

/** A session of this shard, by its slot, or of another one, by its address. */
interface Session {
  readonly isOwn: boolean;
  readonly at: number;
  readonly generation: number;
}

/** A subscription, and whether it was told the present version of its account. */
interface Subscription extends Session {
  readonly account: number;
  isTold: boolean;
}

const nameOf = ({ isOwn, at, generation }: Session): string => `${isOwn ? 'slot' : 'address'} ${at} ${generation}`;

/** The tables of a shard of two, and beside them a list of all subscriptions. */
class Model {
  readonly tables: PresenceTables;
  readonly #max: number;
  #naive: Subscription[] = [];

  constructor(max: number, sessions: number) {
    this.#max = max;
    this.tables = new PresenceTables({ watchesMax: max, sessions, homes, plan });
  }

  first(account: number): number {
    return this.tables.subscriptions.firstOf(homes.rowOf(account));
  }

  of(account: number): Subscription[] {
    return this.#naive.filter((subscription) => subscription.account === account);
  }

  /** A session of another shard has one subscription to an account; one in its slot afterwards takes it over. */
  add(account: number, session: Session): void {
    const { tables } = this;
    const isSame = (one: Subscription): boolean =>
      one.account === account &&
      one.isOwn === session.isOwn &&
      one.at === session.at &&
      (!session.isOwn || one.generation === session.generation);
    const rest = this.#naive.filter((one) => !isSame(one));
    const hasRoom = rest.length < this.#max;
    if (session.isOwn) {
      const known = tables.watches.find(session.at, session.generation, account);
      assert.equal(known !== NO_ROW, rest.length < this.#naive.length);
      const place = known === NO_ROW ? tables.watches.add(session.at, session.generation, account) : known;
      assert.equal(tables.subscriptions.add(place) !== NOT_WATCHED, hasRoom);
      if (!hasRoom) tables.watches.remove(session.at, place);
    } else {
      const first = tables.subscriptions.addDistant(account, session.at, session.generation);
      assert.equal(first !== NOT_WATCHED, hasRoom);
      if (hasRoom) assert.equal(this.first(account), first);
    }
    if (hasRoom) this.#naive = [...rest, { ...session, account, isTold: false }];
  }

  remove(account: number, session: Session): void {
    const { tables } = this;
    const rest = this.#naive.filter((one) => one.account !== account || nameOf(one) !== nameOf(session));
    const isKnown = rest.length < this.#naive.length;
    if (session.isOwn) {
      const place = tables.watches.find(session.at, session.generation, account);
      assert.equal(place !== NO_ROW, isKnown);
      if (!isKnown) return;
      tables.subscriptions.remove(place);
      tables.watches.remove(session.at, place);
    } else assert.equal(tables.subscriptions.removeDistant(account, session.at, session.generation), isKnown);
    this.#naive = rest;
  }

  change(account: number): void {
    const first = this.first(account);
    assert.equal(first !== NOT_WATCHED, this.of(account).length > 0);
    if (first !== NOT_WATCHED) this.tables.subscriptions.changed(first);
    for (const subscription of this.of(account)) subscription.isTold = false;
  }

  setBehind(account: number, isBehind: boolean): void {
    const first = this.first(account);
    if (first !== NOT_WATCHED) this.tables.rows.setBehind(first, isBehind);
  }

  isBehind(account: number): boolean {
    const first = this.first(account);
    return first !== NOT_WATCHED && this.tables.rows.isBehind(first);
  }

  /** Tells at most so many of an account's subscriptions; @returns their names. */
  tell(account: number, limit: number): string[] {
    const { rows, subscriptions, watches } = this.tables;
    const untold = this.of(account).filter(({ isTold }) => !isTold);
    const told: string[] = [];
    let place = this.first(account);
    while (place !== NOT_WATCHED && told.length < limit && rows.isUntold(place)) {
      const isOwn = subscriptions.isOwn(place);
      const at = isOwn ? watches.slot(place) : subscriptions.address(place);
      told.push(nameOf({ isOwn, at, generation: rows.generation(place) }));
      place = subscriptions.setFirstTold(place);
      assert.equal(this.first(account), place);
    }
    assert.equal(told.length, Math.min(limit, untold.length));
    assert.equal(new Set(told).size, told.length, 'nobody is told twice');
    for (const name of told) {
      const subscription = untold.find((other) => nameOf(other) === name);
      assert.ok(subscription, 'told is who was not told before');
      subscription.isTold = true;
    }
    return told;
  }

  forget(address: number, limit: number): void {
    const { subscriptions } = this.tables;
    let at = 0;
    while (at !== NOT_WATCHED) at = subscriptions.removeSome(at, limit, (other) => other === address);
    this.#naive = this.#naive.filter((one) => one.isOwn || one.at !== address);
  }

  check(): void {
    const { tables } = this;
    const own = this.#naive.filter(({ isOwn }) => isOwn).length;
    assert.equal(tables.subscriptions.size, this.#naive.length);
    assert.equal(tables.watches.size, own);
    assert.equal(tables.rows.used, this.#naive.length, 'a session and its home share a row');
    const [watched, distant] = tables.subscriptions.ledger().map(({ rowsUsed }) => rowsUsed);
    assert.deepEqual(
      [watched, distant],
      [new Set(this.#naive.map(({ account }) => account)).size, this.#naive.length - own],
    );
  }

  /** All go; nothing is left. */
  empty(): void {
    for (const one of [...this.#naive]) this.remove(one.account, one);
    this.check();
    for (const account of accounts) assert.equal(this.first(account), NOT_WATCHED);
  }
}

const account = fc.nat(ACCOUNTS - 1); // a row of the shard
const generation = fc.constantFrom(0, 1, 2047);
const session = fc.oneof(
  fc.record({ isOwn: fc.constant(true), at: fc.nat(SLOTS - 1), generation }),
  fc.record({ isOwn: fc.constant(false), at: fc.constantFrom(0, 1, 2, -1, 2 ** 30), generation }),
);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('add' as const), account, session }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), account, session }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('change' as const), account }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('behind' as const), account, is: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('tell' as const), account, limit: fc.nat(3) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('shard' as const),
      address: fc.constantFrom(0, 1, 2, -1, 2 ** 30),
      limit: fc.integer({ min: 1, max: 9 }),
    }),
  },
);

// Of few accounts each has many watchers; of many each has few.
for (const accountsUsed of [2, ACCOUNTS]) {
  it(`tells each subscription of ${accountsUsed} accounts once per change, as a list would, whoever comes and goes`, () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150, size: 'max' }), (steps) => {
        const model = new Model(MAX, SLOTS);
        /** Accounts that wait for notices, for as long as they are watched. */
        const behind = new Set<number>();
        for (const one of steps) {
          if (one.kind === 'shard') model.forget(one.address, one.limit);
          else {
            const of = accounts[one.account % accountsUsed] as number; // one of them
            if (one.kind === 'add') model.add(of, one.session);
            else if (one.kind === 'remove') model.remove(of, one.session);
            else if (one.kind === 'change') model.change(of);
            else if (one.kind === 'tell') model.tell(of, one.limit);
            else {
              model.setBehind(of, one.is);
              if (one.is) behind.add(of);
              else behind.delete(of);
            }
          }
          for (const of of accounts) {
            if (model.of(of).length === 0) behind.delete(of);
            assert.equal(model.isBehind(of), behind.has(of), 'an account waits until it is told, whoever goes');
          }
          model.check();
        }
        for (const of of accounts) model.tell(of, MAX);
        model.empty();
      }),
      { numRuns: 300 },
    );
  });
}

/** Any account of the shard. */
const some = homes.accountAt(0, 3);

it('goes on where it was when an account with many watchers changes while they are told', () => {
  const model = new Model(100, 1);
  for (let n = 0; n < 100; n++) model.add(some, { isOwn: false, at: n, generation: 0 });
  const times = new Map<string, number>();
  for (let n = 0; n < 20; n++) {
    for (const name of model.tell(some, 10)) times.set(name, (times.get(name) ?? 0) + 1);
    model.change(some);
  }
  assert.equal(times.size, 100);
  assert.deepEqual(new Set(times.values()), new Set([2]), 'nobody starves behind those that are told again and again');
});

it('tells all however often an account changed meanwhile: a version has 16 bits', () => {
  const model = new Model(8, 1);
  for (let n = 0; n < 3; n++) model.add(some, { isOwn: false, at: n, generation: 0 });
  assert.equal(model.tell(some, 3).length, 3);
  for (let n = 0; n < 2 ** 16; n++) model.change(some);
  assert.equal(model.tell(some, 8).length, 3);
  model.change(some);
  assert.equal(model.tell(some, 1).length, 1);
  for (let n = 0; n < 2 ** 17; n++) model.change(some);
  assert.equal(model.tell(some, 8).length, 3);
});
