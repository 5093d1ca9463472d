/**
 * Runs a complete switch and driver in one thread, in virtual time, from one seed.
 *
 * Shards, lanes, rings and the memory transport are those of a real run; threads, wake-ups and the system clock are
 * replaced. Each turn advances the clock by a fixed amount and calls every lane and shard once, in a random order drawn
 * from the seed. The same seed and settings repeat a run exactly. Another seed changes the load (due times, contacts)
 * and the orders.
 *
 * A shard can end between two turns, as in a crash. Its rings, its log and its counters outlast it, and a new shard
 * that is made with them takes its place.
 */

import { assert } from '../../base/assert.ts';
import type { Clock } from '../../base/clock.ts';
import type { LedgerEntry } from '../../base/ledger-entry.ts';
import { PLAIN_MEMORY } from '../../base/table-memory.ts';
import { Lane } from '../../driver/lane.ts';
import { minorVersions } from '../../driver/people/platforms.ts';
import { PushLink, pushRingsBytes } from '../../driver/people/push-link.ts';
import type { LaneLatencies, LaneSettings } from '../../driver/state/lane-settings.ts';
import { DRIVER_COUNTERS, DriverCounter, type DriverCounterName } from '../../driver/terms/driver-counters.ts';
import { Population } from '../../driver/terms/population.ts';
import type { TokenSigner } from '../../protocol/trunkline/token-signer.ts';
import { trunklineProtocol } from '../../protocol/trunkline/trunkline-protocol.ts';
import { ManyToOneConsumer, ManyToOneProducer } from '../../ring/many-to-one-ring.ts';
import { RingMemory, ringBytes } from '../../ring/ring-layout.ts';
import { MailboxIndex } from '../../store/mailbox-index.ts';
import type { MailboxLog } from '../../store/mailbox-log.ts';
import { VolatileLog } from '../../store/volatile-log.ts';
import type { MessageWork } from '../../switch/admission/message-work.ts';
import { Shard } from '../../switch/shard.ts';
import { LoginAdmission, type LoginAdmissionSettings } from '../../switch/tables/login-admission.ts';
import { sessionWords } from '../../switch/tables/session-table.ts';
import type { Authenticator, ShardSettings } from '../../switch/terms/shard-settings.ts';
import { SWITCH_COUNTERS, SwitchCounter, type SwitchCounterName } from '../../switch/terms/switch-counters.ts';
import { MemoryPhoneTransport } from '../../transport/memory/memory-phone-transport.ts';
import type { MemoryRings } from '../../transport/memory/memory-rings.ts';
import { MemorySwitchTransport } from '../../transport/memory/memory-switch-transport.ts';
import { type NumberBlock, NumberingPlan } from '../../wire/numbering-plan.ts';
import { CONNECT_SALT, HOME_SALT, Placement } from '../../wire/placement.ts';
import type { PhoneTransport } from '../../wire/transport.ts';
import { EndedShard } from './ended-shard.ts';
import { MemberTurns } from './member-turns.ts';
import { NO_LATENCIES } from './no-latencies.ts';
import { plainNumbering } from './plain-numbering.ts';
import { ShiftedClock } from './shifted-clock.ts';
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
  readonly shard: Omit<ShardSettings, 'shard' | 'plan' | 'homes' | 'peers'>;
  /** Creates the log of a shard, which outlasts the shard; by default a volatile one. */
  readonly makeLog?: (shard: number) => MailboxLog;
  /**
   * Whether the log of a shard has nothing to do in turns in which the shard does nothing. If it is given, turns leave
   * out lanes and shards with nothing to do, and only methods of the world may change them.
   */
  readonly isLogIdle?: (shard: number) => boolean;
  /** Wraps the transport of a lane, to inject faults; the clock is that of the world. */
  readonly wrapTransport?: (transport: PhoneTransport, lane: number, clock: Clock) => PhoneTransport;
  readonly latencies?: LaneLatencies;
  readonly signer?: TokenSigner;
  readonly authenticate?: Authenticator;
  /** Virtual time for which each message that a shard takes from a phone occupies it; 0 if it is not given. */
  readonly workMicrosPerMessage?: number;
  /** Paces the logins of each shard. */
  readonly loginAdmission?: LoginAdmissionSettings;
  /** Numbers of all accounts, those of groups included; if it is not given, a block for phones and one for groups. */
  readonly numbering?: readonly NumberBlock[];
  /** The shard to which each phone connects; if it is not given, any of them. */
  readonly entrance?: Placement;
}

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
  /** Of all lanes, and of all shards: the threads of a side share its clock. */
  readonly #driverClock = new ShiftedClock(this.clock);
  readonly #switchClock = new ShiftedClock(this.clock);
  readonly #rings: MemoryRings;
  readonly #inboxMemory: RingMemory;
  /** Between lanes; undefined if no message wakes a phone. */
  readonly #pushMemory: RingMemory | undefined;
  readonly #logs: MailboxLog[] = [];
  readonly #counters: Float64Array[] = [];
  /** How often each shard has ended. */
  readonly #incarnations: number[] = [];
  readonly #transports: MemorySwitchTransport[] = [];
  readonly #inboxes: ManyToOneConsumer[] = [];
  /** Until when each shard is occupied by work for messages: it has no turn before. */
  readonly #busyUntilMicros: Float64Array;
  readonly #turns: MemberTurns;
  /** Shards that have ended and have not been replaced yet. */
  readonly #ended = new Map<number, EndedShard>();

  constructor(settings: WorldSettings) {
    this.#settings = settings;
    this.#busyUntilMicros = new Float64Array(settings.shards);
    this.#order = new TurnOrder(settings.seed, settings.lanes + settings.shards);
    this.#turns = new MemberTurns(settings, this.clock, this.#switchClock);
    const groups = settings.shard.groups?.plan;
    this.plan = new NumberingPlan(settings.numbering ?? plainNumbering(settings.phones, groups?.count ?? 0));
    this.homes = new Placement(settings.shards, HOME_SALT, groups?.listOwners);
    const shape = { lanes: settings.lanes, shards: settings.shards, ringBytes: settings.ringBytes };
    this.#rings = { shape, memory: RingMemory.ofBytes(MemorySwitchTransport.memoryBytes(shape)) };
    this.#inboxMemory = RingMemory.ofBytes(settings.shards * ringBytes(settings.inboxBytes));
    if (settings.lane.platforms?.some(({ push }) => push !== undefined) === true)
      this.#pushMemory = RingMemory.ofBytes(pushRingsBytes(settings.lanes));
    for (let shard = 0; shard < settings.shards; shard++) {
      this.#logs.push(settings.makeLog?.(shard) ?? new VolatileLog());
      this.#counters.push(new Float64Array(SWITCH_COUNTERS.length));
      this.#incarnations.push(0);
    }
    for (let shard = 0; shard < settings.shards; shard++) this.#startShard(shard);
    for (let lane = 0; lane < settings.lanes; lane++) this.#addLane(lane);
  }

  /**
   * Advances the clock and calls every lane and shard once, but for those left out.
   * @returns the sum of the work they report.
   */
  turn(): number {
    this.clock.advance(this.#settings.turnMicros);
    this.#order.draw();
    const { members } = this.#order;
    let done = 0;
    for (let n = 0; n < members.length; n++) {
      const member = members[n] as number; // inside the order
      const lane = this.lanes[member];
      done += lane === undefined ? this.#shardWork(member - this.lanes.length) : this.#turns.ofLane(lane, member);
    }
    return done;
  }

  /** Runs turns for `micros` of virtual time. */
  runFor(micros: number): void {
    const untilMicros = this.clock.nowMicros() + micros;
    while (this.clock.nowMicros() < untilMicros) this.turn();
  }

  /** Runs turns until the condition holds, for at most `limitMicros` of virtual time. @returns whether it holds. */
  runUntil(condition: () => boolean, limitMicros: number): boolean {
    const untilMicros = this.clock.nowMicros() + limitMicros;
    while (!condition() && this.clock.nowMicros() < untilMicros) this.turn();
    return condition();
  }

  /** Starts the logins of all phones that connect. */
  openLogins(): void {
    this.#turns.wakeAll();
    for (const lane of this.lanes) lane.openLogins(this.#settings.online, 0, this.clock.nowMicros());
  }

  startTraffic(): void {
    this.#turns.wakeAll();
    for (const lane of this.lanes) lane.startTraffic(this.clock.nowMicros());
  }

  /** Changes the rate of messages from now on. */
  changeMessages(perSecond: number): void {
    this.#turns.wakeAll();
    for (const lane of this.lanes) lane.changeMessages(perSecond, this.clock.nowMicros());
  }

  /** From now on phones leave `factor` times as often as the settings say. */
  changeDepartures(factor: number): void {
    this.#turns.wakeAll();
    for (const lane of this.lanes) lane.changeDepartures(factor, this.clock.nowMicros());
  }

  stopTraffic(): void {
    this.#turns.wakeAll();
    for (const lane of this.lanes) lane.stopTraffic();
  }

  /** Ends all sessions, and starts no more logins. */
  beginStopping(): void {
    this.#turns.wakeAll();
    for (const lane of this.lanes) lane.stopLogins();
    for (const shard of this.shards) shard.beginStopping();
  }

  /** A phone restarts and has lost its state; see Lane.forgetPhone. */
  forgetPhone(lane: number, row: number): void {
    this.#turns.wakeLane(lane);
    this.lanes[lane]?.forgetPhone(row);
  }

  /**
   * Ends a shard as in a crash: its state is lost, its connections are closed, and hops and frames that it has not read
   * are lost. A new shard starts from its log after `downMicros`, or when all its phones know, whichever is later.
   */
  endShard(shard: number, downMicros: number): void {
    assert(this.isUp(shard), 'a shard ends once before it starts again');
    const transport = this.#transports[shard] as MemorySwitchTransport; // every shard has one, here and below
    const inbox = this.#inboxes[shard] as ManyToOneConsumer;
    this.#ended.set(shard, new EndedShard(transport, inbox, this.clock.nowMicros() + downMicros));
  }

  /** A shard does nothing for so long, as a thread that the system does not run. */
  pauseShard(shard: number, micros: number): void {
    this.#busyUntilMicros[shard] = Math.max(this.#busyUntilMicros[shard] as number, this.clock.nowMicros() + micros);
  }

  /** The clock of a side jumps ahead, as after its process was stopped for a time. */
  jumpClock(side: 'switch' | 'driver', micros: number): void {
    this.#turns.wakeAll();
    (side === 'switch' ? this.#switchClock : this.#driverClock).jump(micros);
  }

  /**
   * Skips time in which nothing is due, after a turn without work. Timers of shards have a resolution, and none is
   * skipped.
   * @param microsMax the most that may be skipped.
   */
  skipIdle(microsMax: number): void {
    if (this.#ended.size > 0) return;
    const { tickMicros } = this.#settings.shard;
    let micros = Math.min(microsMax, tickMicros - this.#settings.turnMicros);
    for (const lane of this.lanes) micros = lane.hasInput() ? 0 : Math.min(micros, lane.untilDueMicros(micros));
    for (const shard of this.shards) micros = shard.hasInput() ? 0 : Math.min(micros, shard.untilDueMicros(micros));
    if (micros > 0) this.clock.advance(micros);
  }

  /** How often shards have started again. */
  get restarts(): number {
    return this.#incarnations.reduce((sum, each) => sum + each, 0);
  }

  /** Whether a shard is running: it has not ended, or it has been replaced. */
  isUp(shard: number): boolean {
    return !this.#ended.has(shard);
  }

  /** The ledger of a shard and of its ends of connections. */
  ledgerOf(shard: number): LedgerEntry[] {
    return [...(this.shards[shard]?.ledger() ?? []), ...(this.#transports[shard]?.ledger() ?? [])];
  }

  /** A driver counter, summed over all lanes. */
  driver(name: DriverCounterName): number {
    let sum = 0;
    for (const { counters } of this.lanes) sum += counters[DriverCounter[name]] ?? 0;
    return sum;
  }

  /** A switch counter, summed over all shards. */
  switch(name: SwitchCounterName): number {
    let sum = 0;
    for (const { counters } of this.shards) sum += counters[SwitchCounter[name]] ?? 0;
    return sum;
  }

  #shardWork(index: number): number {
    const ended = this.#ended.size > 0 ? this.#ended.get(index) : undefined;
    if (ended === undefined) {
      if ((this.#busyUntilMicros[index] as number) > this.clock.nowMicros()) return 1; // one for each shard
      return this.#turns.ofShard(this.shards[index] as Shard, index); // every shard has one
    }
    this.#turns.wakeShard(index);
    if (ended.doWork() && ended.startMicros <= this.clock.nowMicros()) {
      this.#ended.delete(index);
      this.#incarnations[index] = (this.#incarnations[index] as number) + 1; // every shard has one
      this.#startShard(index);
    }
    return 1;
  }

  /** Creates a shard in its place, with the parts that outlast a shard and with otherwise empty memory. */
  #startShard(shard: number): void {
    const s = this.#settings;
    const memory = this.#inboxMemory;
    const inboxAt = (to: number): number => to * ringBytes(s.inboxBytes);
    const mailboxes = new MailboxIndex(s.mailboxBlocks);
    const words = sessionWords(s.shard.keepsWatches);
    const transport = new MemorySwitchTransport(this.#rings, shard, s.shard.sessions, () => {}, PLAIN_MEMORY, words);
    const inbox = new ManyToOneConsumer(memory, inboxAt(shard), s.inboxBytes);
    this.stores[shard] = mailboxes;
    this.#transports[shard] = transport;
    this.#inboxes[shard] = inbox;
    const settings: ShardSettings = { ...s.shard, shard, plan: this.plan, homes: this.homes, peers: this.homes.shards };
    this.shards[shard] = new Shard(settings, {
      transport,
      mailboxes,
      log: this.#logs[shard] as MailboxLog, // every shard has one, here and below
      authenticate: s.authenticate ?? (() => true),
      admission: s.loginAdmission && new LoginAdmission(this.#switchClock, s.loginAdmission),
      memory,
      inboxes: Array.from({ length: s.shards }, (_, to) => new ManyToOneProducer(memory, inboxAt(to), s.inboxBytes)),
      inbox,
      incarnations: this.#incarnations,
      counters: this.#counters[shard] as Float64Array,
      wakeShard: () => {},
      clock: this.#switchClock,
      ...(s.workMicrosPerMessage === undefined ? {} : { work: this.#workOf(shard, s.workMicrosPerMessage) }),
    });
  }

  #workOf(shard: number, micros: number): MessageWork {
    const busy = this.#busyUntilMicros;
    const spend = (): void => {
      busy[shard] = Math.max(this.clock.nowMicros(), busy[shard] as number) + micros; // one for each shard
    };
    return { micros, spend };
  }

  #addLane(lane: number): void {
    const s = this.#settings;
    const population = new Population(s.phones, s.online, s.lanes);
    const settings: LaneSettings = { ...s.lane, lane, seed: s.seed, population };
    const plain = new MemoryPhoneTransport(this.#rings, lane, () => {});
    const versions = minorVersions(s.seed, s.lane.platforms);
    const entrance = s.entrance ?? new Placement(s.shards, CONNECT_SALT);
    this.lanes.push(
      new Lane(settings, {
        transport: s.wrapTransport?.(plain, lane, this.clock) ?? plain,
        shardOf: (phone) => entrance.shardOf(phone),
        makeProtocol: trunklineProtocol(
          this.plan,
          s.signer ?? NO_TOKEN,
          s.lane.reads !== undefined,
          versions && ((phone) => versions.of(phone)),
        ),
        latencies: s.latencies ?? NO_LATENCIES,
        counters: new Float64Array(DRIVER_COUNTERS.length),
        clock: this.#driverClock,
        ...(this.#pushMemory === undefined ? {} : { pushLink: new PushLink(this.#pushMemory, lane, s.lanes) }),
      }),
    );
  }
}
