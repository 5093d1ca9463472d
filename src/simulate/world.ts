/**
 * Runs a complete switch and driver in one thread, in virtual time, from one seed.
 *
 * Shards, lanes, rings and the memory transport are those of a real run; threads, wake-ups and the
 * system clock are replaced. Each turn advances the clock by a fixed amount and calls every lane and
 * shard once, in a random order drawn from the seed. The same seed and settings repeat a run exactly.
 * Another seed changes the load (due times, contacts) and the orders.
 */
import { DRIVER_COUNTERS, DriverCounter, type DriverCounterName } from '../driver/driver-counters.ts';
import { Lane } from '../driver/lane.ts';
import type { LaneLatencies, LaneSettings } from '../driver/lane-settings.ts';
import { Population } from '../driver/population.ts';
import type { TokenSigner } from '../protocol/trunkline/token-signer.ts';
import { trunklineProtocol } from '../protocol/trunkline/trunkline-protocol.ts';
import { ManyToOneConsumer, ManyToOneProducer } from '../ring/many-to-one-ring.ts';
import { RingMemory, ringBytes } from '../ring/ring-layout.ts';
import { MailboxIndex } from '../store/mailbox-index.ts';
import type { MailboxLog } from '../store/mailbox-log.ts';
import { VolatileLog } from '../store/volatile-log.ts';
import { Shard } from '../switch/shard.ts';
import type { Authenticator, ShardSettings } from '../switch/shard-settings.ts';
import { SWITCH_COUNTERS, SwitchCounter, type SwitchCounterName } from '../switch/switch-counters.ts';
import { MemoryPhoneTransport } from '../transport/memory/memory-phone-transport.ts';
import type { MemoryRings } from '../transport/memory/memory-rings.ts';
import { MemorySwitchTransport } from '../transport/memory/memory-switch-transport.ts';
import { NumberingPlan } from '../wire/numbering-plan.ts';
import { CONNECT_SALT, HOME_SALT, Placement } from '../wire/placement.ts';
import type { ClientTransport } from '../wire/transport.ts';
import { TurnOrder } from './turn-order.ts';
import { VirtualClock } from './virtual-clock.ts';

export interface WorldSettings {
  readonly seed: number;
  readonly lanes: number;
  readonly shards: number;
  readonly phones: number;
  /** Number of phones that connect. */
  readonly online: number;
  readonly ringBytes: number;
  readonly inboxBytes: number;
  readonly mailboxBlocks: number;
  /** Virtual time per turn. */
  readonly turnMicros: number;
  readonly lane: Omit<LaneSettings, 'lane' | 'seed' | 'population'>;
  readonly shard: Omit<ShardSettings, 'shard' | 'plan' | 'homes'>;
  /** The log of a shard, which outlasts it; a volatile one unless told. */
  readonly makeLog?: (shard: number) => MailboxLog;
  /** Wraps the transport of a lane, to inject faults. */
  readonly wrapTransport?: (transport: ClientTransport, lane: number) => ClientTransport;
  readonly latencies?: LaneLatencies;
  readonly signer?: TokenSigner;
  readonly authenticate?: Authenticator;
}

const FIRST_NUMBER = 447_700_000_000;
const NO_LATENCY = { record: (): void => {} };
const NO_LATENCIES: LaneLatencies = {
  login: NO_LATENCY,
  acknowledgement: NO_LATENCY,
  delivery: NO_LATENCY,
  storedDelivery: NO_LATENCY,
  receipt: NO_LATENCY,
  sendDelay: NO_LATENCY,
};
const NO_TOKEN: TokenSigner = { tokenBytes: 0, sign: () => {} };

export class World {
  readonly clock = new VirtualClock();
  readonly lanes: Lane[] = [];
  readonly shards: Shard[] = [];
  readonly stores: MailboxIndex[] = [];
  readonly plan: NumberingPlan;
  readonly homes: Placement;
  readonly #settings: WorldSettings;
  readonly #order: TurnOrder;

  constructor(settings: WorldSettings) {
    this.#settings = settings;
    this.#order = new TurnOrder(settings.seed, settings.lanes + settings.shards);
    this.plan = new NumberingPlan([{ first: FIRST_NUMBER, count: settings.phones }]);
    this.homes = new Placement(settings.shards, HOME_SALT);
    const shape = { lanes: settings.lanes, shards: settings.shards, ringBytes: settings.ringBytes };
    const rings: MemoryRings = { shape, memory: RingMemory.ofBytes(MemorySwitchTransport.memoryBytes(shape)) };
    for (let shard = 0; shard < settings.shards; shard++) this.#addShard(shard, rings);
    for (let lane = 0; lane < settings.lanes; lane++) this.#addLane(lane, rings);
  }

  /** Advances the clock and calls every lane and shard once. @returns the sum of the work they report. */
  turn(): number {
    this.clock.advance(this.#settings.turnMicros);
    this.#order.draw();
    const { members } = this.#order;
    let done = 0;
    for (let n = 0; n < members.length; n++) {
      const member = members[n] as number; // inside the order
      const lane = this.lanes[member];
      done += lane === undefined ? this.#shardWork(member - this.lanes.length) : lane.doWork();
    }
    return done;
  }

  /** Runs turns for `micros` of virtual time. */
  runFor(micros: number): void {
    const until = this.clock.nowMicros() + micros;
    while (this.clock.nowMicros() < until) this.turn();
  }

  /** Runs turns until the condition holds, for at most `limitMicros` of virtual time. @returns whether it holds. */
  runUntil(condition: () => boolean, limitMicros: number): boolean {
    const until = this.clock.nowMicros() + limitMicros;
    while (!condition() && this.clock.nowMicros() < until) this.turn();
    return condition();
  }

  /** Starts the logins of all phones that connect. */
  openLogins(): void {
    for (const lane of this.lanes) lane.openLogins(this.#settings.online, 0, this.clock.nowMicros());
  }

  startTraffic(): void {
    for (const lane of this.lanes) lane.startTraffic(this.clock.nowMicros());
  }

  /** Changes the rate of messages from now on. */
  changeMessages(perSecond: number): void {
    for (const lane of this.lanes) lane.changeMessages(perSecond, this.clock.nowMicros());
  }

  stopTraffic(): void {
    for (const lane of this.lanes) lane.stopTraffic();
  }

  /** A driver counter, summed over all lanes. */
  driver(name: DriverCounterName): number {
    return this.lanes.reduce((sum, lane) => sum + (lane.counters[DriverCounter[name]] ?? 0), 0);
  }

  /** A switch counter, summed over all shards. */
  switch(name: SwitchCounterName): number {
    return this.shards.reduce((sum, shard) => sum + (shard.counters[SwitchCounter[name]] ?? 0), 0);
  }

  #shardWork(index: number): number {
    return this.shards[index]?.doWork(this.clock.nowMicros()) ?? 0;
  }

  #addShard(shard: number, rings: MemoryRings): void {
    const s = this.#settings;
    const inboxes = this.#inboxes();
    const mailboxes = new MailboxIndex(s.mailboxBlocks);
    this.stores.push(mailboxes);
    const transport = new MemorySwitchTransport(rings, shard, s.shard.sessions, () => {});
    const settings: ShardSettings = { ...s.shard, shard, plan: this.plan, homes: this.homes };
    this.shards.push(
      new Shard(settings, {
        transport,
        mailboxes,
        log: s.makeLog?.(shard) ?? new VolatileLog(),
        authenticate: s.authenticate ?? (() => true),
        memory: inboxes.memory,
        inboxes: inboxes.producers,
        inbox: new ManyToOneConsumer(inboxes.memory, shard * ringBytes(s.inboxBytes), s.inboxBytes),
        counters: new Float64Array(SWITCH_COUNTERS.length),
        wakeShard: () => {},
      }),
    );
  }

  #inboxMemory: RingMemory | undefined;

  #inboxes(): { memory: RingMemory; producers: ManyToOneProducer[] } {
    const { shards, inboxBytes } = this.#settings;
    this.#inboxMemory ??= RingMemory.ofBytes(shards * ringBytes(inboxBytes));
    const memory = this.#inboxMemory;
    const producers: ManyToOneProducer[] = [];
    for (let shard = 0; shard < shards; shard++) {
      producers.push(new ManyToOneProducer(memory, shard * ringBytes(inboxBytes), inboxBytes));
    }
    return { memory, producers };
  }

  #addLane(lane: number, rings: MemoryRings): void {
    const s = this.#settings;
    const population = new Population(s.phones, s.online, s.lanes);
    const settings: LaneSettings = { ...s.lane, lane, seed: s.seed, population };
    const plain = new MemoryPhoneTransport(rings, lane, () => {});
    const entrance = new Placement(s.shards, CONNECT_SALT);
    this.lanes.push(
      new Lane(settings, {
        transport: s.wrapTransport?.(plain, lane) ?? plain,
        shardOf: (phone) => entrance.shardOf(phone),
        makeProtocol: trunklineProtocol(this.plan, s.signer ?? NO_TOKEN),
        latencies: s.latencies ?? NO_LATENCIES,
        counters: new Float64Array(DRIVER_COUNTERS.length),
        clock: this.clock,
      }),
    );
  }
}
