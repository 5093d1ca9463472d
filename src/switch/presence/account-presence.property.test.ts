/** What a home tells those who watch its accounts, against a model that keeps every time and every change whole. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { ManyToOneProducer } from '../../ring/many-to-one-ring.ts';
import { RingMemory, ringBytes } from '../../ring/ring-layout.ts';
import { NumberingPlan } from '../../wire/numbering-plan.ts';
import { HOME_SALT, Placement } from '../../wire/placement.ts';
import { LAST_SEEN_UNKNOWN, PresenceState } from '../../wire/presence-frames.ts';
import { Hops } from '../homes/hops.ts';
import { SHARD_SETTINGS } from '../small-switch.test-suite.ts';
import { AccountTable } from '../tables/account-table.ts';
import { SessionTable } from '../tables/session-table.ts';
import type { ShardSettings } from '../terms/shard-settings.ts';
import { SWITCH_COUNTERS, SwitchCounter } from '../terms/switch-counters.ts';
import { AccountPresence } from './account-presence.ts';
import { PresencePrefetch } from './presence-prefetch.ts';
import { PresenceTables } from './presence-tables.ts';
import { NO_ROW } from './watch-rows.ts';

const { AVAILABLE, UNAVAILABLE } = PresenceState;
const [ACCOUNTS, WATCHERS, WATCHES_MAX] = [4, 4, 7];
const RING_BYTES = 2 ** 12;
const TICKS_PER_SECOND = 2;
/** Up to this age, in seconds, it is known when an account was available last; from the other one on it is not. */
const [KNOWN_SECONDS, UNKNOWN_SECONDS] = [2 ** 15, 2 ** 15 + 2 ** 14];
/**
 * The longest time between two turns: a home that stands still for as long as a lap may take an old time for a new one.
 */
const PASS_SECONDS_MAX = 16_000;
/** The generation of each watched session; there is no other. */
const GENERATION = 3;

const settings: ShardSettings = {
  ...SHARD_SETTINGS,
  shard: 0,
  plan: new NumberingPlan([{ first: 1000, count: ACCOUNTS }]),
  homes: new Placement(1, HOME_SALT),
  peers: 1,
  watchesMax: WATCHES_MAX,
  tickMicros: 1e6 / TICKS_PER_SECOND,
};

type Notice = readonly [slot: number, generation: number, account: number, state: number];

interface Account {
  isOnline: boolean;
  isAvailable: boolean;
  /** The second in which it was available last; undefined if it never was. */
  seen: number | undefined;
}

/** A home, and beside it who watches whom since when, as one would write it down. */
class Model {
  readonly presence: AccountPresence;
  readonly counters = new Float64Array(SWITCH_COUNTERS.length);
  readonly #table = new AccountTable(ACCOUNTS);
  readonly #accounts = Array.from(
    { length: ACCOUNTS },
    (): Account => ({ isOnline: false, isAvailable: false, seen: undefined }),
  );
  readonly #tables = new PresenceTables(settings);
  /** By account, slot and generation of the watcher. */
  readonly #watches = new Map<string, { slot: number; account: number; generation: number; isDue: boolean }>();
  /** Accounts with a change, or a new watcher, since their last notices. */
  readonly #behind = new Set<number>();
  #heard: Notice[] = [];
  #seconds = 0;
  #changes = 0;
  #coalesced = 0;

  constructor() {
    const memory = RingMemory.ofBytes(ringBytes(RING_BYTES));
    const hops = new Hops(memory, [new ManyToOneProducer(memory, 0, RING_BYTES)], 0, [0], this.counters, () => {});
    const noticeHere = (place: number, state: number, lastSeen: number): void => {
      const { rows, watches } = this.#tables;
      const account = rows.account(place);
      this.#heard.push([watches.slot(place), rows.generation(place), account, state]);
      this.#checkLastSeen(account, lastSeen);
    };
    const sessions = new SessionTable(settings.sessions);
    const parts = { accounts: this.#table, sessions, transport: {}, tables: this.#tables };
    const prefetch = new PresencePrefetch(settings, parts);
    const watchers = { noticeHere };
    this.presence = new AccountPresence(settings, this.#table, hops, this.counters, watchers, this.#tables, prefetch);
  }

  pass(seconds: number): void {
    this.#seconds += seconds;
    this.presence.setTick(this.#seconds * TICKS_PER_SECOND);
  }

  /** The account logs in, or its session ends. */
  turn(account: number): void {
    const one = this.#account(account);
    const wasAvailable = one.isAvailable;
    const lastSeen = wasAvailable ? this.presence.stamp : this.#table.lastSeen(account);
    if (one.isOnline) this.#table.setAway(account, 0, 0, lastSeen);
    else this.#table.setOnline(account, account, GENERATION);
    one.isOnline = !one.isOnline;
    one.isAvailable = one.isOnline;
    if (wasAvailable) one.seen = this.#seconds;
    if (!wasAvailable && !one.isAvailable) return;
    this.presence.changed(account);
    this.#change(account);
  }

  setState(account: number, isAvailable: boolean, generation: number): void {
    const one = this.#account(account);
    this.presence.setState(account, account, generation, isAvailable ? AVAILABLE : UNAVAILABLE);
    if (!one.isOnline || generation !== GENERATION || one.isAvailable === isAvailable) return;
    one.isAvailable = isAvailable;
    if (!isAvailable) one.seen = this.#seconds;
    this.#change(account);
  }

  watch(slot: number, account: number, generation: number): void {
    const { watches } = this.#tables;
    const key = `${account} ${slot} ${generation}`;
    const known = watches.find(slot, generation, account);
    assert.equal(known !== NO_ROW, this.#watches.has(key));
    assert.equal(watches.isFull, this.#watches.size === WATCHES_MAX);
    if (known === NO_ROW && watches.isFull) return;
    this.#heard = [];
    assert.ok(this.presence.watchHere(known === NO_ROW ? watches.add(slot, generation, account) : known));
    assert.deepEqual(this.#heard, [], 'the state is told later');
    this.#watches.set(key, { slot, account, generation, isDue: true });
    this.#behind.add(account);
  }

  unwatch(slot: number, account: number, generation: number): void {
    const place = this.#tables.watches.find(slot, generation, account);
    if (place === NO_ROW) return;
    this.presence.unwatchHere(place);
    this.#tables.watches.remove(slot, place);
    this.#watches.delete(`${account} ${slot} ${generation}`);
    if (this.#of(account).length === 0) this.#behind.delete(account);
  }

  /** One turn: each watcher that does not know the present state is told it, once, and nobody else hears anything. */
  work(): void {
    const due = this.presence.isShedding ? [] : [...this.#watches.values()].filter(({ isDue }) => isDue);
    this.#heard = [];
    assert.equal(this.presence.doWork(), due.length);
    const expected = due.map(({ slot, account, generation }): Notice => {
      return [slot, generation, account, this.#account(account).isAvailable ? AVAILABLE : UNAVAILABLE];
    });
    assert.deepEqual(this.#heard.toSorted(), expected.toSorted());
    for (const one of due) one.isDue = false;
    if (this.presence.isShedding) return;
    this.#behind.clear();
    assert.equal(this.presence.waits, false, 'there was room for all');
  }

  checkCounters(): void {
    assert.equal(this.counters[SwitchCounter.subscriptions], this.#watches.size);
    assert.equal(this.counters[SwitchCounter.presenceChanges], this.#changes);
    assert.equal(this.counters[SwitchCounter.presenceCoalesced], this.#coalesced);
  }

  #change(account: number): void {
    const watches = this.#of(account);
    if (watches.length === 0) return;
    this.#changes++;
    if (this.#behind.has(account)) this.#coalesced++;
    this.#behind.add(account);
    for (const watch of watches) watch.isDue = true;
  }

  #checkLastSeen(account: number, lastSeen: number): void {
    const { isAvailable, seen } = this.#account(account);
    const age = isAvailable ? 0 : this.#seconds - (seen ?? Number.NEGATIVE_INFINITY);
    const isUnknown = lastSeen >>> 0 === LAST_SEEN_UNKNOWN;
    if (isUnknown) assert.ok(age >= KNOWN_SECONDS, `it is known that ${account} was available ${age} s ago`);
    else assert.equal(lastSeen, age);
    if (age >= UNKNOWN_SECONDS) assert.ok(isUnknown, `${age} s are too long ago`);
  }

  #of(account: number): { isDue: boolean }[] {
    return [...this.#watches.values()].filter((watch) => watch.account === account);
  }

  #account(account: number): Account {
    return this.#accounts[account] ?? assert.fail();
  }
}

const account = fc.nat(ACCOUNTS - 1);
const generation = fc.constantFrom(GENERATION, GENERATION, GENERATION + 1);
const watch = { account, slot: fc.nat(WATCHERS - 1), generation };
const act = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('turn' as const), account }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('set' as const), account, isAvailable: fc.boolean(), generation }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('watch' as const), ...watch }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('unwatch' as const), ...watch }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('shed' as const), is: fc.boolean() }) },
  { weight: 5, arbitrary: fc.constant({ kind: 'work' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      seconds: fc.oneof(fc.nat(3), fc.integer({ min: 1000, max: PASS_SECONDS_MAX })),
    }),
  },
);

it('is told to each watcher once however often it changed, with the time since, for as long as that is kept', () => {
  fc.assert(
    fc.property(fc.array(act, { minLength: 10, maxLength: 120, size: 'max' }), (acts) => {
      const model = new Model();
      for (const one of acts) {
        if (one.kind === 'turn') model.turn(one.account);
        else if (one.kind === 'set') model.setState(one.account, one.isAvailable, one.generation);
        else if (one.kind === 'watch') model.watch(one.slot, one.account, one.generation);
        else if (one.kind === 'unwatch') model.unwatch(one.slot, one.account, one.generation);
        else if (one.kind === 'shed') model.presence.isShedding = one.is;
        else if (one.kind === 'pass') model.pass(one.seconds);
        else model.work();
        model.checkCounters();
      }
      model.presence.isShedding = false;
      model.work();
    }),
    { numRuns: 300 },
  );
});
