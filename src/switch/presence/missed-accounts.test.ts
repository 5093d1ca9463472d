/**
 * More watched accounts, and more sessions that watch, than the queues hold: all are told, whenever the queues
 * overflow.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManyToOneProducer } from '../../ring/many-to-one-ring.ts';
import { RingMemory, ringBytes } from '../../ring/ring-layout.ts';
import { NumberingPlan } from '../../wire/numbering-plan.ts';
import { HOME_SALT, Placement } from '../../wire/placement.ts';
import { PresenceState } from '../../wire/presence-frames.ts';
import { CLAIM_FULL, type Transport } from '../../wire/transport.ts';
import { Hops } from '../homes/hops.ts';
import { SHARD_SETTINGS } from '../small-switch.test-suite.ts';
import { AccountTable } from '../tables/account-table.ts';
import { SessionEvent } from '../tables/session-state.ts';
import { SessionTable } from '../tables/session-table.ts';
import type { ShardSettings } from '../terms/shard-settings.ts';
import { SWITCH_COUNTERS, SwitchCounter } from '../terms/switch-counters.ts';
import { AccountPresence } from './account-presence.ts';
import { PresenceOutput } from './presence-output.ts';
import { PresencePrefetch } from './presence-prefetch.ts';
import { PresenceTables } from './presence-tables.ts';
import { SessionWatches } from './session-watches.ts';

const { AVAILABLE, UNAVAILABLE } = PresenceState;
/** More than twice what a queue holds. */
const ACCOUNTS = 40_000;
const QUEUE = 2 ** 14;
const RING_BYTES = 2 ** 12;
const accounts = Array.from({ length: ACCOUNTS }, (_, account) => account);

const settings: ShardSettings = {
  ...SHARD_SETTINGS,
  shard: 0,
  sessions: ACCOUNTS,
  plan: new NumberingPlan([{ first: 1000, count: ACCOUNTS }]),
  homes: new Placement(1, HOME_SALT),
  peers: 1,
  watchesMax: ACCOUNTS + 1000,
};

function noHops(counters: Float64Array): Hops {
  const memory = RingMemory.ofBytes(ringBytes(RING_BYTES));
  return new Hops(memory, [new ManyToOneProducer(memory, 0, RING_BYTES)], 0, [0], counters, () => {});
}

/** The home of accounts that are online, each of which one session on the same shard watches. */
class WatchedHome {
  readonly presence: AccountPresence;
  readonly told = new Int32Array(ACCOUNTS).fill(-1);
  readonly times = new Int32Array(ACCOUNTS);
  readonly counters = new Float64Array(SWITCH_COUNTERS.length);
  readonly #table = new AccountTable(ACCOUNTS);
  readonly #tables = new PresenceTables(settings);

  constructor() {
    const noticeHere = (place: number, state: number): void => {
      const account = this.#tables.rows.account(place);
      this.told[account] = state;
      this.times[account] = (this.times[account] ?? 0) + 1;
    };
    const hops = noHops(this.counters);
    const parts = { accounts: this.#table, sessions: new SessionTable(ACCOUNTS), transport: {}, tables: this.#tables };
    const prefetch = new PresencePrefetch(settings, parts);
    const watchers = { noticeHere };
    this.presence = new AccountPresence(settings, this.#table, hops, this.counters, watchers, this.#tables, prefetch);
    for (const account of accounts) {
      this.#table.setOnline(account, account, 1);
      this.watch(account, 1);
    }
  }

  /** A session, in the slot of the same number, watches an account. */
  watch(account: number, generation: number): void {
    assert.equal(this.presence.watchHere(this.#tables.watches.add(account, generation, account)), true);
  }

  unwatch(account: number, generation: number): void {
    const place = this.#tables.watches.find(account, generation, account);
    this.presence.unwatchHere(place);
    this.#tables.watches.remove(account, place);
  }

  /** Accounts become available or unavailable. */
  set(isAvailable: boolean, which: readonly number[] = accounts): void {
    for (const account of which) this.presence.setState(account, account, 1, isAvailable ? AVAILABLE : UNAVAILABLE);
  }

  /** Works until nothing waits. @returns in how many turns. */
  workThrough(): number {
    let turns = 0;
    for (; this.presence.waits; turns++) {
      assert.ok(turns < 1000, 'it comes to an end');
      assert.ok(this.presence.doWork() <= 1024 + 64, 'a turn sends a bounded number');
    }
    return turns;
  }

  untold(state: number): number[] {
    return accounts.filter((account) => this.told[account] !== state);
  }
}

describe('the watchers of more accounts than wait in the queue', () => {
  it('are told of all of them, each once', () => {
    const home = new WatchedHome();
    assert.ok(home.workThrough() >= ACCOUNTS / 1024);
    assert.deepEqual(home.untold(AVAILABLE), []);
    assert.ok(home.times.every((times) => times === 1));
    assert.equal(home.presence.doWork(), 0, 'and of no other');
    home.set(false);
    home.workThrough();
    assert.deepEqual(home.untold(UNAVAILABLE), []);
    assert.ok(home.times.every((times) => times === 2));
  });

  it('are told what is true in the end where accounts change while they wait', () => {
    const home = new WatchedHome();
    home.workThrough();
    home.set(false);
    home.presence.doWork();
    home.set(true);
    home.workThrough();
    assert.deepEqual(home.untold(AVAILABLE), []);
    assert.ok((home.counters[SwitchCounter.presenceCoalesced] ?? 0) > 0);
    assert.ok(home.times.every((times) => times <= 3));
  });

  it('are told of all that overflow the queue again while it is searched for those before', () => {
    const home = new WatchedHome();
    home.workThrough();
    home.set(false);
    // The queue is emptied; then its places are searched, a part per turn, from the first on.
    for (let turns = 0; turns < QUEUE / 1024 + 6; turns++) home.presence.doWork();
    assert.ok(home.untold(UNAVAILABLE).length > 0, 'the search is under way');
    home.set(true);
    home.workThrough();
    assert.deepEqual(home.untold(AVAILABLE), []);
    home.set(false, [0, 1, ACCOUNTS - 1]);
    home.workThrough();
    assert.deepEqual([home.told[0], home.told[1], home.told[ACCOUNTS - 1]], [UNAVAILABLE, UNAVAILABLE, UNAVAILABLE]);
  });

  it('are told where the first of several stands, after some came, in a row that was searched', () => {
    const home = new WatchedHome();
    home.workThrough();
    home.set(false);
    for (let turns = 0; turns < QUEUE / 1024 + 6; turns++) home.presence.doWork();
    for (const account of accounts.slice(0, 1000)) home.unwatch(account, 1);
    const late = accounts.slice(-1000);
    assert.ok(
      late.every((account) => home.told[account] === AVAILABLE),
      'the search is under way',
    );
    for (const account of late) home.watch(account, 2); // in the rows that were freed
    home.workThrough();
    assert.deepEqual(home.untold(UNAVAILABLE), []);
  });

  it('are told where the first of several stands, after some went, in a row that was searched', () => {
    const home = new WatchedHome();
    const early = accounts.slice(0, 1000);
    for (const account of early) home.watch(account, 2); // in the last rows
    home.workThrough();
    home.set(false, accounts.toReversed());
    for (let turns = 0; turns < QUEUE / 1024 + 6; turns++) home.presence.doWork();
    assert.ok(
      early.every((account) => home.told[account] === AVAILABLE),
      'the search is under way',
    );
    for (const account of early) home.unwatch(account, 2);
    home.workThrough();
    assert.deepEqual(home.untold(UNAVAILABLE), []);
  });

  it('are told nothing while presence is shed, and everything afterwards', () => {
    const home = new WatchedHome();
    home.workThrough();
    home.presence.isShedding = true;
    home.set(false);
    for (let turn = 0; turn < 50; turn++) assert.equal(home.presence.doWork(), 0);
    assert.equal(home.untold(AVAILABLE).length, 0);
    assert.equal(home.counters[SwitchCounter.presenceShed], ACCOUNTS);
    assert.equal(home.presence.waits, true);
    home.presence.isShedding = false;
    home.workThrough();
    assert.deepEqual(home.untold(UNAVAILABLE), []);
  });
});

/** A transport that only has to say whether there is room. */
class RoomForMost implements Transport {
  readonly output = new DataView(new ArrayBuffer(64));
  readonly #withoutRoom: ReadonlySet<number>;

  constructor(withoutRoom: ReadonlySet<number>) {
    this.#withoutRoom = withoutRoom;
  }

  claim(connection: number): number {
    return this.#withoutRoom.has(connection) ? CLAIM_FULL : 0;
  }

  commit(): void {}

  flush(): void {}

  poll(): number {
    return 0;
  }

  hasInput(): boolean {
    return false;
  }

  roomBytes(): number {
    return 0;
  }

  close(): boolean {
    return true;
  }

  release(): boolean {
    return true;
  }
}

/** Sessions that are online, and what the home of watched accounts, on the same shard, has heard. */
class WatchingSessions {
  readonly watches: SessionWatches;
  readonly heard = new Map<string, number>();
  readonly withoutRoom = new Set<number>();
  readonly #table = new SessionTable(ACCOUNTS);

  constructor() {
    const counters = new Float64Array(SWITCH_COUNTERS.length);
    for (const slot of accounts) {
      this.#table.open(slot, 0);
      this.#table.beginLogin(slot, slot, 0);
      this.#table.step(slot, SessionEvent.ACCEPTED);
    }
    const output = new PresenceOutput(new RoomForMost(this.withoutRoom), settings.plan, counters, 0);
    const tables = new PresenceTables(settings);
    const hops = noHops(counters);
    const parts = { accounts: new AccountTable(ACCOUNTS), sessions: this.#table, transport: {}, tables };
    const prefetch = new PresencePrefetch(settings, parts);
    this.watches = new SessionWatches(settings, this.#table, output, hops, counters, tables, prefetch);
    const hear = (what: string) => (place: number) => {
      const key = `${what} ${tables.watches.slot(place)} ${tables.rows.account(place)}`;
      this.heard.set(key, (this.heard.get(key) ?? 0) + 1);
      return true;
    };
    this.watches.connect({ watchHere: hear('watch'), unwatchHere: hear('unwatch') });
  }

  /** Works until nothing waits, or for so many turns. */
  work(turnsMax = 10_000): void {
    for (let turns = 0; turns < turnsMax && this.watches.waits; turns++) {
      assert.ok(turns < 9000, 'it comes to an end');
      assert.ok(this.watches.doWork() <= 256, 'a turn completes a bounded number');
    }
  }

  unheard(what: string): number[] {
    return accounts.filter((slot) => !this.heard.has(`${what} ${slot} ${slot}`));
  }
}

describe('more sessions than wait in the queue', () => {
  it('have all said what they watch, once, and what they watch no more', () => {
    const sessions = new WatchingSessions();
    for (const slot of accounts) assert.equal(sessions.watches.watch(slot, slot), true);
    sessions.work();
    assert.deepEqual(sessions.unheard('watch'), []);
    assert.ok([...sessions.heard.values()].every((times) => times === 1));
    for (const slot of accounts) sessions.watches.unwatch(slot, slot);
    sessions.work();
    assert.deepEqual(sessions.unheard('unwatch'), []);
    assert.equal(sessions.watches.table.size, 0);
  });

  it('have all said it where they overflow the queue again while it is searched for those before', () => {
    const sessions = new WatchingSessions();
    for (const slot of accounts) sessions.watches.watch(slot, slot);
    sessions.work(QUEUE / 256 + 24);
    assert.ok(sessions.unheard('watch').length > 0, 'the search is under way');
    for (const slot of accounts) sessions.watches.ended(slot);
    sessions.work();
    assert.equal(sessions.watches.table.size, 0, 'all places are free again');
  });

  it('wait for room without holding up the others', () => {
    const sessions = new WatchingSessions();
    for (const slot of accounts) if (slot % 1000 === 7) sessions.withoutRoom.add(slot);
    for (const slot of accounts) sessions.watches.watch(slot, slot);
    sessions.work(2000);
    assert.deepEqual(sessions.unheard('watch'), [...sessions.withoutRoom]);
    sessions.withoutRoom.clear();
    sessions.work();
    assert.deepEqual(sessions.unheard('watch'), []);
  });
});
