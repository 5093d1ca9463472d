/** Real shards and lanes over real sockets of Node, each with its own reactor loop, in one thread. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { LaneGroups } from '../../../driver/groups/group-messages.ts';
import { Lane } from '../../../driver/lane.ts';
import { NO_PRESENCE } from '../../../driver/presence/presence-load.ts';
import { retryAfter } from '../../../driver/retry-after.test-suite.ts';
import type { Departure, LaneSettings } from '../../../driver/state/lane-settings.ts';
import { Arrivals } from '../../../driver/terms/arrivals.ts';
import { DRIVER_COUNTERS, DriverCounter, type DriverCounterName } from '../../../driver/terms/driver-counters.ts';
import { Population } from '../../../driver/terms/population.ts';
import { currentEpochNanos, MonotonicClock } from '../../../measure/monotonic-clock.ts';
import { trunklineProtocol } from '../../../protocol/trunkline/trunkline-protocol.ts';
import type { GroupBalance } from '../../../result/sections/groups-schema.ts';
import { Doorbell } from '../../../ring/doorbell.ts';
import { ManyToOneConsumer, ManyToOneProducer } from '../../../ring/many-to-one-ring.ts';
import { RingMemory, ringBytes } from '../../../ring/ring-layout.ts';
import { NO_LATENCIES } from '../../../simulate/world/no-latencies.ts';
import { MailboxIndex } from '../../../store/mailbox-index.ts';
import { VOLATILE } from '../../../store/mailbox-store.ts';
import { VolatileLog } from '../../../store/volatile-log.ts';
import { Shard } from '../../../switch/shard.ts';
import { SWITCH_COUNTERS } from '../../../switch/terms/switch-counters.ts';
import { nodeTcpEnds } from '../../../transport/node-tcp/node-tcp-ends.test-suite.ts';
import { type EventEnds, LOOPBACK, settingsFor } from '../../../transport/stream/event-world.test-suite.ts';
import { wsEnds } from '../../../transport/ws/ws-ends.test-suite.ts';
import { addUndelivered, groupBalance, NOTHING_UNDELIVERED } from '../../../verdict/record/group-balance.ts';
import { GroupPlan } from '../../../wire/group-plan.ts';
import { NumberingPlan } from '../../../wire/numbering-plan.ts';
import { CONNECT_SALT, HOME_SALT, Placement } from '../../../wire/placement.ts';
import { undeliveredInGroups } from '../make-shard.ts';
import { EventSleeper } from './event-sleeper.ts';
import { runEventReactor } from './run-event-reactor.ts';
import type { Reactor } from './run-reactor.ts';

const PHONES = 200;
const SHARDS = 2;
const INBOX_BYTES = 2 ** 18;
const IDLE = { spins: 4, napMicros: 0, parkMicros: 10_000 };
const LIMIT_MILLIS = 150_000;
const GROUPS = 12;
const plan = new NumberingPlan([{ first: 447_700_000_000, count: PHONES + GROUPS }]);
const sizes = { median: 20, sigma: 0.5, max: 40 };
const LANE_GROUPS: LaneGroups = {
  plan: new GroupPlan({ seed: 1, firstAccount: PHONES, groups: GROUPS - 2, lists: 2, phones: PHONES, sizes }),
  shares: { groups: 0.5, lists: 0.5 },
  joins: Arrivals.constant(50),
  leaves: Arrivals.constant(50),
};
const SHARD = {
  durability: VOLATILE,
  sessions: PHONES + 64,
  plan,
  homes: new Placement(SHARDS, HOME_SALT),
  peers: SHARDS,
  heartbeatTimeoutMicros: 1e6,
  loginTimeoutMicros: 10e6,
  redeliveryMicros: 500_000,
  messagesPerAccount: 256,
  deliveryWindow: 16,
  questionsMax: 1024,
  partialFramesMax: 64,
  watchMax: 4,
  watchesMax: 64,
  keepsWatches: false,
  inputsPerTurn: 512,
  tickMicros: 78_125,
  groups: { plan: LANE_GROUPS.plan, queueMax: 256, recentMax: 4096, changesMax: 4096 },
};

function laneSettings(departure: Departure, groups?: LaneGroups): LaneSettings {
  return {
    lane: 0,
    seed: 1,
    population: new Population(PHONES, PHONES, 1),
    contacts: 4,
    heartbeatMicros: 300_000,
    sessionMicros: 700_000,
    awayMicros: 100_000,
    departure,
    logins: Arrivals.constant(2000),
    loginPacing: 'poisson',
    loginTimeoutMicros: 10e6,
    loginBackoff: retryAfter(100_000),
    loginAttempts: 50,
    messages: Arrivals.constant(2000),
    messagePacing: 'poisson',
    activePhones: PHONES,
    payloadBytes: 64,
    presence: NO_PRESENCE,
    inFlightPlaces: 2 ** 14,
    runTag: 1,
    isEcho: false,
    ...(groups === undefined ? {} : { groups }),
  };
}

class Cores {
  readonly clock = new MonotonicClock(currentEpochNanos());
  readonly lane: Lane;
  readonly stores: MailboxIndex[] = [];
  readonly #shards: Shard[] = [];
  readonly #memory = RingMemory.ofBytes(SHARDS * ringBytes(INBOX_BYTES));
  readonly #bells: Doorbell[];
  readonly #sleepers: EventSleeper[];
  readonly #loops: Promise<void>[] = [];
  readonly #phones: ReturnType<EventEnds['makePhones']>;
  readonly #switches: ReturnType<EventEnds['makeSwitch']>[] = [];
  readonly #kind: EventEnds;
  #stopped = false;

  constructor(kind: EventEnds, departure: Departure, groups?: LaneGroups) {
    this.#kind = kind;
    const words = new Int32Array(new SharedArrayBuffer(4 * (SHARDS + 1)));
    this.#bells = Array.from({ length: SHARDS + 1 }, (_, n) => new Doorbell(words, n));
    this.#sleepers = this.#bells.map((bell) => new EventSleeper(bell));
    const nowMicros = (): number => this.clock.nowMicros();
    this.#phones = kind.makePhones(settingsFor(2 * PHONES), nowMicros, this.#sleepers[SHARDS]?.wake);
    const entrance = new Placement(SHARDS, CONNECT_SALT);
    this.lane = new Lane(laneSettings(departure, groups), {
      transport: this.#phones,
      shardOf: (phone) => entrance.shardOf(phone),
      makeProtocol: trunklineProtocol(plan, { tokenBytes: 0, sign: () => {} }),
      latencies: NO_LATENCIES,
      counters: new Float64Array(DRIVER_COUNTERS.length),
      clock: this.clock,
    });
  }

  count(name: DriverCounterName): number {
    return this.lane.counters[DriverCounter[name]] ?? 0;
  }

  queued(): number {
    let messages = 0;
    for (const store of this.stores) store.forEachMessage(() => messages++);
    return messages;
  }

  groupBalance(): GroupBalance | null {
    const counters = Object.fromEntries(DRIVER_COUNTERS.map((name) => [name, this.count(name)]));
    const undelivered = this.stores.map((store, n) => undeliveredInGroups(this.#shards[n] as Shard, store, 0)); // one each
    return groupBalance(counters, undelivered.reduce(addUndelivered, NOTHING_UNDELIVERED));
  }

  async start(): Promise<void> {
    const nowMicros = (): number => this.clock.nowMicros();
    const ports: number[] = [];
    for (let shard = 0; shard < SHARDS; shard++) {
      const transport = this.#kind.makeSwitch(settingsFor(SHARD.sessions), nowMicros, this.#sleepers[shard]?.wake);
      this.#switches.push(transport);
      ports.push((await transport.listen({ host: LOOPBACK, port: 0 })).port);
      const core = this.#shard(shard, transport);
      this.#shards.push(core);
      this.#run(shard, {
        doWork: () => core.doWork(nowMicros()),
        hasInput: () => core.hasInput(),
        untilDueMicros: (most) => most,
      });
    }
    this.#phones.setTargets(ports.map((port) => ({ host: LOOPBACK, port })));
    const { lane } = this;
    this.#run(SHARDS, {
      doWork: () => lane.doWork(),
      hasInput: () => lane.hasInput(),
      untilDueMicros: (most) => lane.untilDueMicros(most),
    });
  }

  /** Waits until a condition holds; rethrows any error of a loop. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await Promise.race([pause(5), Promise.all(this.#loops)]);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const bell of this.#bells) bell.ring();
    await Promise.allSettled(this.#loops);
    await Promise.all([this.#phones.shutdown(), ...this.#switches.map((one) => one.shutdown())]);
  }

  #shard(shard: number, transport: ReturnType<EventEnds['makeSwitch']>): Shard {
    const mailboxes = new MailboxIndex(2 ** 14);
    this.stores.push(mailboxes);
    const at = (n: number): number => n * ringBytes(INBOX_BYTES);
    return new Shard(
      { ...SHARD, shard },
      {
        transport,
        mailboxes,
        log: new VolatileLog(),
        authenticate: () => true,
        memory: this.#memory,
        inboxes: Array.from({ length: SHARDS }, (_, n) => new ManyToOneProducer(this.#memory, at(n), INBOX_BYTES)),
        inbox: new ManyToOneConsumer(this.#memory, at(shard), INBOX_BYTES),
        incarnations: new Int32Array(SHARDS),
        counters: new Float64Array(SWITCH_COUNTERS.length),
        wakeShard: (other) => this.#bells[other]?.ring(),
      },
    );
  }

  #run(index: number, reactor: Reactor): void {
    const sleeper = this.#sleepers[index] as EventSleeper; // one for each reactor
    this.#loops.push(
      runEventReactor(
        reactor,
        sleeper,
        IDLE,
        () => {},
        () => this.#stopped,
      ),
    );
  }
}

describe('shards and lanes over sockets of Node', { timeout: LIMIT_MILLIS }, () => {
  for (const [name, kind] of [
    ['node-tcp', nodeTcpEnds(false)],
    ['ws', wsEnds(false)],
  ] as const) {
    for (const departure of ['logout', 'drop', 'vanish'] as const) {
      it(`loses nothing over ${name} while phones leave by ${departure} and come back`, async (test) => {
        const cores = new Cores(kind, departure);
        test.after(() => cores.stop());
        await cores.start();
        cores.lane.openLogins(PHONES, 0, cores.clock.nowMicros());
        await cores.until(() => cores.count('held') === PHONES);
        cores.lane.startTraffic(cores.clock.nowMicros());
        await cores.until(() => cores.count('messagesSent') > 1500 && cores.count('departures') > 100);
        cores.lane.stopTraffic();
        await cores.until(() => {
          const done = cores.count('messagesDelivered') + cores.count('messagesRejected') + cores.queued();
          return cores.count('held') === PHONES && done === cores.count('messagesSent'); // more: delivered, and its confirmation on the way
        });
        assert.equal(
          cores.count('messagesDelivered') + cores.count('messagesRejected') + cores.queued(),
          cores.count('messagesSent'),
        );
        // On a slow machine a phone may have more messages in flight than the switch accepts; a refused one leaves a
        // gap.
        assert.ok(cores.count('pairGaps') <= cores.count('messagesRejected'), `${cores.count('pairGaps')} gaps`);
        for (const fault of ['pairDuplicated', 'pairReordered', 'corrupted', 'strangers'] as const) {
          assert.equal(cores.count(fault), 0, fault);
        }
      });
    }
  }

  it('gives every message of a group to each of its members while connections break', async (test) => {
    const cores = new Cores(nodeTcpEnds(false), 'drop', LANE_GROUPS);
    test.after(() => cores.stop());
    await cores.start();
    cores.lane.openLogins(PHONES, 0, cores.clock.nowMicros());
    await cores.until(() => cores.count('held') === PHONES);
    cores.lane.startTraffic(cores.clock.nowMicros());
    await cores.until(() => cores.count('groupDeliveries') > 2000 && cores.count('departures') > 50);
    cores.lane.stopTraffic();
    await cores.until(() => cores.count('messagesUnanswered') === 0 && cores.groupBalance()?.isSound === true);
    for (const fault of ['groupStrangers', 'pairDuplicated', 'pairReordered', 'corrupted', 'strangers'] as const) {
      assert.equal(cores.count(fault), 0, fault);
    }
  });
});
