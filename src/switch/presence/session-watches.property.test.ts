/**
 * What sessions watch, against a list of it, with homes and phones that have room or not, and homes that forget all.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { NumberingPlan } from '../../wire/numbering-plan.ts';
import { HOME_SALT, Placement } from '../../wire/placement.ts';
import { PresenceState } from '../../wire/presence-frames.ts';
import { SHARD_SETTINGS } from '../small-switch.test-suite.ts';
import { AccountTable } from '../tables/account-table.ts';
import { AddressLayout } from '../tables/address-layout.ts';
import { SessionEvent } from '../tables/session-state.ts';
import { SessionTable } from '../tables/session-table.ts';
import type { ShardSettings } from '../terms/shard-settings.ts';
import { SWITCH_COUNTERS, SwitchCounter } from '../terms/switch-counters.ts';
import { WATCH_REFUSED } from './account-presence.ts';
import { PresencePrefetch } from './presence-prefetch.ts';
import { PresenceTables } from './presence-tables.ts';
import { SessionWatches } from './session-watches.ts';
import { NO_ROW } from './watch-rows.ts';

const [SHARDS, OWN] = [2, 0];
const [SLOTS, ACCOUNTS, WATCH_MAX, WATCHES_MAX] = [3, 5, 2, 5];
/** Places that a home that has started again looks at in one go. */
const LOOKS = 2;

const settings: ShardSettings = {
  ...SHARD_SETTINGS,
  shard: OWN,
  sessions: SLOTS,
  plan: new NumberingPlan([{ first: 1000, count: ACCOUNTS }]),
  homes: new Placement(SHARDS, HOME_SALT),
  peers: SHARDS,
  watchMax: WATCH_MAX,
  watchesMax: WATCHES_MAX,
};
const { homes } = settings;
const addresses = AddressLayout.of(settings);

interface Watch {
  readonly slot: number;
  readonly generation: number;
  readonly account: number;
  /** Whether it ends, or its home is to be told of it, or neither. */
  state: 'ends' | 'to say' | 'said';
}

/** What is the same for a watch and the subscription that its home keeps. */
function nameOf({ slot, generation, account }: Omit<Watch, 'state'>): string {
  return `${slot} ${generation} watches ${account}`;
}

/** The watches of a shard, a list of them, and homes that do what they are told. */
class Model {
  readonly watches: SessionWatches;
  /** Slots whose phones have no room, and shards that have none in their inboxes. */
  readonly deaf = new Set<number>();
  readonly full = new Set<number>();
  /** Whether the home on the same shard has no room for a subscription that it does not have. */
  refuses = false;
  readonly #counters = new Float64Array(SWITCH_COUNTERS.length);
  readonly #sessions = new SessionTable(SLOTS);
  readonly #tables = new PresenceTables(settings);
  #list: Watch[] = [];
  /** What the homes know. */
  readonly #subscriptions = new Map<string, number>();
  /** Notices that phones have heard, and those that they should have. */
  readonly #heard: string[] = [];
  readonly #due: string[] = [];
  readonly #counts = { stale: 0, shed: 0, refused: 0 };

  constructor() {
    const parts = {
      accounts: new AccountTable(ACCOUNTS),
      sessions: this.#sessions,
      transport: {},
      tables: this.#tables,
    };
    this.watches = new SessionWatches(
      settings,
      this.#sessions,
      {
        hasRoom: (slot) => !this.deaf.has(slot),
        presence: (slot, account, state) => this.#hear(slot, `${account} is ${state}`),
        error: (slot) => this.#hear(slot, 'too many'),
      },
      {
        write: {
          watch: (shard, account, address, generation) => this.#hop(shard, account, address, generation, true),
          unwatch: (shard, account, address, generation) => this.#hop(shard, account, address, generation, false),
        },
      },
      this.#counters,
      this.#tables,
      new PresencePrefetch(settings, parts),
    );
    this.watches.connect({
      watchHere: (place) => this.#tell(this.#watchAt(place), OWN, true),
      unwatchHere: (place) => this.#tell(this.#watchAt(place), OWN, false),
    });
    for (let slot = 0; slot < SLOTS; slot++) this.#login(slot);
  }

  watch(slot: number, account: number): void {
    const generation = this.#sessions.generation(slot);
    const own = this.#list.filter((one) => one.slot === slot && one.generation === generation);
    const known = own.find((one) => one.account === account);
    const isWatched = known !== undefined && known.state !== 'ends';
    const hasRoom = isWatched || own.filter(({ state }) => state !== 'ends').length < WATCH_MAX;
    const isTaken = hasRoom && (known !== undefined || this.#list.length < WATCHES_MAX);
    assert.equal(this.watches.watch(slot, account), isTaken);
    if (!isTaken) return;
    if (known === undefined) this.#list.push({ slot, generation, account, state: 'to say' });
    else known.state = 'to say';
  }

  unwatch(slot: number, account: number): void {
    this.watches.unwatch(slot, account);
    const known = this.#find(slot, this.#sessions.generation(slot), account);
    if (known !== undefined) known.state = 'ends';
  }

  /** The session of a slot ends, and the next one logs in. */
  relog(slot: number): void {
    this.#sessions.step(slot, SessionEvent.CLOSED);
    this.watches.ended(slot);
    this.#sessions.free(slot);
    for (const one of this.#list) if (one.slot === slot) one.state = 'ends';
    this.#login(slot);
  }

  /** A home tells the session of a slot, or the one before it, the state of an account, or that it has no room. */
  notice(slot: number, isOld: boolean, account: number, state: number): void {
    const generation = this.#sessions.generation(slot) - (isOld ? 1 : 0);
    const known = this.#find(slot, generation, account);
    if (state === WATCH_REFUSED) this.#subscriptions.delete(nameOf({ slot, generation, account }));
    if (known === undefined || known.state === 'ends') this.#counts.stale++;
    else if (state === WATCH_REFUSED) this.#refuse(known);
    else if (!this.watches.isShedding && !this.deaf.has(slot)) this.#due.push(`${slot} hears: ${account} is ${state}`);
    else {
      this.#counts.shed++;
      known.state = 'to say';
    }
    const place = this.#tables.watches.find(slot, generation, account);
    if (homes.shardOf(account) === OWN && place !== NO_ROW) this.watches.noticeHere(place, state, 0);
    else this.watches.notice(slot, generation, account, state, 0);
  }

  /** The home of some accounts has started again, and knows of no subscription. */
  restart(shard: number): void {
    for (const [name, at] of this.#subscriptions) if (at === shard) this.#subscriptions.delete(name);
    for (let place = 0; place !== NO_ROW; ) place = this.watches.sayAgain(shard, place, LOOKS);
    for (const one of this.#list)
      if (one.state === 'said' && homes.shardOf(one.account) === shard) one.state = 'to say';
  }

  /** One turn. What it tells homes is judged as they hear it. */
  work(): void {
    const isFree = !this.watches.isShedding && this.deaf.size === 0 && this.full.size === 0;
    const waited = this.watches.waits;
    const done = this.watches.doWork();
    if (!waited) assert.equal(done, 0);
    if (!isFree) return;
    assert.ok(
      this.#list.every(({ state }) => state === 'said'),
      'there was room for all',
    );
    assert.equal(this.watches.waits, false);
    const names = this.#list.map(nameOf);
    assert.deepEqual([...this.#subscriptions.keys()].toSorted(), names.toSorted());
  }

  check(): void {
    if (this.#list.some(({ state }) => state !== 'said')) assert.ok(this.watches.waits, 'homes are still to be told');
    assert.deepEqual(this.#heard, this.#due);
    assert.equal(this.watches.table.size, this.#list.length);
    for (const { slot, generation, account } of this.#list)
      assert.notEqual(this.#tables.watches.find(slot, generation, account), NO_ROW);
    const { stale, shed, refused } = this.#counts;
    assert.equal(this.#counters[SwitchCounter.presenceStale], stale);
    assert.equal(this.#counters[SwitchCounter.presenceShed], shed);
    assert.equal(this.#counters[SwitchCounter.watchesRefused], refused);
    assert.equal(this.#counters[SwitchCounter.presenceNotices], this.#due.length - refused);
  }

  #login(slot: number): void {
    this.#sessions.open(slot, 0);
    this.#sessions.beginLogin(slot, slot, 0);
    this.#sessions.setWindow(slot, 0, 0);
    this.#sessions.step(slot, SessionEvent.ACCEPTED);
  }

  /** A home hears of a watch, or of its end. @returns false if it takes no more. */
  #tell(watch: Omit<Watch, 'state'>, shard: number, isBegin: boolean): boolean {
    const name = nameOf(watch);
    const known = this.#find(watch.slot, watch.generation, watch.account);
    assert.equal(homes.shardOf(watch.account), shard, 'it is the home of the account');
    assert.equal(known?.state, isBegin ? 'to say' : 'ends', `a home hears whether ${name}`);
    if (!isBegin) {
      this.#subscriptions.delete(name);
      this.#list = this.#list.filter((one) => one !== known);
      return true;
    }
    assert.ok(!this.watches.isShedding, 'presence is shed');
    assert.ok(!this.deaf.has(watch.slot), 'the phone has room for what the home will say');
    if (shard === OWN && this.refuses && known !== undefined && !this.#subscriptions.has(name)) {
      this.#refuse(known);
      return false;
    }
    if (known !== undefined) known.state = 'said';
    this.#subscriptions.set(name, shard);
    return true;
  }

  #hop(shard: number, account: number, address: number, generation: number, isBegin: boolean): boolean {
    assert.notEqual(shard, OWN, 'a shard sends itself no hops');
    assert.ok(addresses.isOwn(address));
    return (
      !this.full.has(shard) && this.#tell({ slot: addresses.slotOf(address), generation, account }, shard, isBegin)
    );
  }

  /**
   * The phone is told that the home had no room for a watch, which ends; without room for that the home is asked again.
   */
  #refuse(watch: Watch): void {
    if (this.deaf.has(watch.slot)) {
      watch.state = 'to say';
      return;
    }
    this.#counts.refused++;
    this.#due.push(`${watch.slot} hears: too many`);
    this.#list = this.#list.filter((one) => one !== watch);
  }

  #hear(slot: number, what: string): boolean {
    if (this.deaf.has(slot)) return false;
    this.#heard.push(`${slot} hears: ${what}`);
    return true;
  }

  #watchAt(place: number): Omit<Watch, 'state'> {
    const { rows, watches } = this.#tables;
    return { slot: watches.slot(place), generation: rows.generation(place), account: rows.account(place) };
  }

  #find(slot: number, generation: number, account: number): Watch | undefined {
    return this.#list.find((one) => one.slot === slot && one.generation === generation && one.account === account);
  }
}

const slot = fc.nat(SLOTS - 1);
const account = fc.nat(ACCOUNTS - 1);
const shard = fc.nat(SHARDS - 1);
const is = fc.boolean();
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('watch' as const), slot, account }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('unwatch' as const), slot, account }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('relog' as const), slot }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('notice' as const),
      ...{ slot, account, isOld: fc.nat(4).map((n) => n === 0) },
      state: fc.constantFrom(PresenceState.AVAILABLE, PresenceState.UNAVAILABLE, WATCH_REFUSED),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), shard }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('deaf' as const), slot, is }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('full' as const), shard, is }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('shed' as const), is }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('refuses' as const), is }) },
  { weight: 7, arbitrary: fc.constant({ kind: 'work' as const }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function take(model: Model, one: Step): void {
  const set = (of: Set<number>, member: number, is: boolean): unknown => (is ? of.add(member) : of.delete(member));
  if (one.kind === 'watch') model.watch(one.slot, one.account);
  else if (one.kind === 'unwatch') model.unwatch(one.slot, one.account);
  else if (one.kind === 'relog') model.relog(one.slot);
  else if (one.kind === 'notice') model.notice(one.slot, one.isOld, one.account, one.state);
  else if (one.kind === 'restart') model.restart(one.shard);
  else if (one.kind === 'deaf') set(model.deaf, one.slot, one.is);
  else if (one.kind === 'full') set(model.full, one.shard, one.is);
  else if (one.kind === 'shed') model.watches.isShedding = one.is;
  else if (one.kind === 'refuses') model.refuses = one.is;
  else model.work();
}

describe('what sessions watch', () => {
  it('is told to the homes of the accounts, and ended with the sessions; notices reach only those that watch', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 120, size: 'max' }), (steps) => {
        const model = new Model();
        for (const one of steps) {
          take(model, one);
          model.check();
        }
        model.deaf.clear();
        model.full.clear();
        model.watches.isShedding = false;
        model.work();
        model.check();
      }),
      { numRuns: 300 },
    );
  });
});
