/**
 * One run of a scenario in virtual time under faults, from one seed, with checks.
 *
 * Phones log in; then traffic and faults begin together. When the time of traffic is over nothing fails any more, and
 * within a bound all phones must be back and all messages where they belong. At last all sessions end, and no row may
 * be left.
 *
 * The faults are a list that is drawn from the seed before the run. So a run is a function of its settings, its seed
 * and its list, and a list from which some faults were taken out is a run as well (see shrink-faults.ts).
 */
import { AssertionError } from '../base/assert.ts';
import { TrunklineError } from '../base/errors.ts';
import { Population } from '../driver/terms/population.ts';
import type { Checksum } from '../store/durable/log-disk.ts';
import { MessageAudit, type Violation } from './checks/message-audit.ts';
import { type FrameListener, OverheardTransport } from './checks/overheard-transport.ts';
import { PHONE_PHASES } from './checks/phone-phase.ts';
import { isAtRest, restViolations, tableViolations } from './checks/rest-checks.ts';
import { LOG_RING_BYTES, SimulatedLog } from './disk/simulated-log.ts';
import { drawFaults, swarmRates } from './faults/draw-faults.ts';
import { FaultInjector } from './faults/fault-injector.ts';
import { FAULT_KINDS, FAULT_NAMES, type Fault, type FaultKind, type FaultRates } from './faults/fault-kinds.ts';
import { FaultyTransport } from './faults/faulty-transport.ts';
import { SMALL_TABLES, type StoredWorldSettings } from './faults/small-tables.ts';
import { World, type WorldSettings } from './world/world.ts';

export interface SimulationSettings {
  /** The world without what a seed decides and a simulation makes. */
  readonly world: Omit<WorldSettings, 'seed' | 'makeLog' | 'isLogIdle' | 'wrapTransport'>;
  readonly rates: FaultRates;
  /** Whether the rates of a run are drawn from its seed. */
  readonly isSwarm: boolean;
  /** Virtual time with traffic and faults. */
  readonly trafficMicros: number;
  /** Virtual time within which everything must be delivered after the last fault. */
  readonly healMicros: number;
  readonly checksum: Checksum;
}

/** Changes a world before it is made: how tests put mistakes into it. */
export type ChangeWorld = (settings: WorldSettings) => WorldSettings;

/** What somebody who watches a run is told. */
export interface SimulationListener {
  readonly fault?: (fault: Fault, isEffective: boolean, atMicros: number) => void;
  readonly frame?: FrameListener;
}

export interface SimulationOutcome {
  readonly seed: number;
  readonly faults: readonly Fault[];
  /** The first violations; none if all checks passed. */
  readonly violations: readonly Violation[];
  /** Hexadecimal: 16 digits for each lane, then 8 for each violation. Runs with the same digest did the same. */
  readonly digest: string;
  /**
   * Frames that pass between phones and switch, hops that shards take, and entries that logs record. Turns count for
   * nothing.
   */
  readonly events: number;
  readonly virtualMicros: number;
  readonly messages: number;
  readonly shown: number;
  readonly refused: number;
  /** Acknowledged, and still in the mailbox of a phone; if all checks passed, of one that never connects. */
  readonly waiting: number;
  /** Neither answered nor shown, since a check failed before. */
  readonly open: number;
  /** Forgotten by their senders before an answer, and not shown. */
  readonly forgotten: number;
  /** Of the messages, those to groups: they are in no other figure but `shown`, once for each member, and `refused`. */
  readonly toGroups: number;
  readonly repairs: number;
  /** For each fault of {@link FAULT_NAMES}, how many had an effect. */
  readonly injected: readonly number[];
  /** For each fault of FAULT_NAMES and each of PHONE_PHASES: how many phones were in that phase when it struck them. */
  readonly coverage: readonly (readonly number[])[];
}

/** How often the world is looked at to see whether it is at rest. */
const LOOK_MICROS = 5000;
/** Virtual time within which all phones must be online, before the first fault. */
const LOGIN_MICROS_MAX = 60e6;
/** Virtual time within which a switch that stops must have ended all sessions and open questions. */
const STOP_MICROS = 2e6;
/** Turns that a sync of a simulated disk takes, without faults. */
const SYNC_TURNS = 2;
/** After it nobody knows which messages to groups a phone had finished sending. */
const FORGETS_GROUPS: FaultKind = 'phonesForget';

/** The faults of a seed. */
export function faultsOf({ rates, isSwarm, trafficMicros }: SimulationSettings, seed: number): Fault[] {
  return drawFaults(isSwarm ? swarmRates(rates, seed) : rates, seed, trafficMicros);
}

/** Runs a scenario once. @param faults in order of time. */
export function simulate(
  settings: SimulationSettings,
  seed: number,
  faults: readonly Fault[],
  listener: SimulationListener = {},
  change: ChangeWorld = (world) => world,
): SimulationOutcome {
  return new Simulation(settings, seed, faults, listener, change).run();
}

class Simulation {
  readonly #settings: SimulationSettings;
  readonly #seed: number;
  readonly #faults: readonly Fault[];
  readonly #listener: SimulationListener;
  readonly #world: World;
  readonly #audit: MessageAudit;
  readonly #injector: FaultInjector;
  readonly #population: Population;
  readonly #logs: SimulatedLog[] = [];
  readonly #faulty: FaultyTransport[] = [];
  readonly #overheard: OverheardTransport[] = [];
  readonly #injected = FAULT_NAMES.map(() => 0);
  readonly #coverage = FAULT_NAMES.map(() => PHONE_PHASES.map(() => 0));

  constructor(
    settings: SimulationSettings,
    seed: number,
    faults: readonly Fault[],
    listener: SimulationListener,
    change: ChangeWorld,
  ) {
    this.#settings = settings;
    this.#seed = seed;
    this.#faults = faults;
    this.#listener = listener;
    const { phones, online, lanes } = settings.world;
    this.#population = new Population(phones, online, lanes);
    const areGroupsVolatile = faults.some(({ kind }) => kind === FORGETS_GROUPS);
    this.#audit = new MessageAudit(phones, areGroupsVolatile, () => this.#world.clock.nowMicros());
    this.#world = new World(change(this.#worldSettings()));
    this.#injector = new FaultInjector({
      world: this.#world,
      population: this.#population,
      transports: this.#faulty,
      logs: this.#logs,
    });
  }

  run(): SimulationOutcome {
    try {
      this.#runPhases();
    } catch (error) {
      if (!(error instanceof AssertionError || error instanceof TrunklineError)) throw error;
      this.#audit.violated(error instanceof TrunklineError ? error.code : 'assertion', error.message);
    }
    return this.#outcome();
  }

  #runPhases(): void {
    const world = this.#world;
    const { trafficMicros, healMicros } = this.#settings;
    world.openLogins();
    this.#runUntil(() => world.driver('held') === this.#population.online, LOGIN_MICROS_MAX);
    world.startTraffic();
    const start = world.clock.nowMicros();
    for (const fault of this.#faults) {
      this.#runUntil(() => false, start + fault.atMicros - world.clock.nowMicros());
      this.#inject(fault);
      if (this.#audit.violations.length > 0) return;
    }
    this.#runUntil(() => false, start + trafficMicros - world.clock.nowMicros());
    world.stopTraffic();
    this.#injector.heal();
    const parts = { world, audit: this.#audit, population: this.#population };
    this.#runUntil(() => isAtRest(parts) && this.#logs.every(({ isAtRest: logRests }) => logRests), healMicros);
    if (this.#audit.violations.length > 0) return;
    for (const { check, text } of restViolations(parts)) this.#audit.violated(check, text);
    if (this.#audit.violations.length > 0) return;
    world.beginStopping();
    this.#runUntil(() => tableViolations(world).length === 0, STOP_MICROS);
    for (const { check, text } of tableViolations(world)) this.#audit.violated(check, text);
  }

  /** Runs turns for so long, or until a condition holds or a check has failed. */
  #runUntil(condition: () => boolean, micros: number): void {
    const world = this.#world;
    const until = world.clock.nowMicros() + micros;
    let lookMicros = world.clock.nowMicros();
    for (let now = lookMicros; now < until; now = world.clock.nowMicros()) {
      if (now >= lookMicros) {
        if (condition() || this.#audit.violations.length > 0) return;
        lookMicros = now + LOOK_MICROS;
      }
      const done = world.turn();
      this.#injector.doWork();
      if (done === 0 && this.#isQuiet()) world.skipIdle(until - world.clock.nowMicros());
    }
  }

  /** Whether nothing is on its way that no part of the world waits for. */
  #isQuiet(): boolean {
    // Asked after each turn without work: without closures, which V8 would compile again and again.
    for (const transport of this.#faulty) if (transport.hasInput()) return false;
    for (const log of this.#logs) if (!log.isAtRest) return false;
    return true;
  }

  #inject(fault: Fault): void {
    const kind = FAULT_NAMES.indexOf(fault.kind);
    const row = this.#coverage[kind] as number[]; // one for each name
    if (FAULT_KINDS[fault.kind] === 'phone') this.#cover(row, this.#injector.phoneOf(fault));
    // Faults of shards, disks and clocks strike all phones that connect.
    else for (let phone = 0; phone < this.#population.online; phone++) this.#cover(row, phone);
    const isEffective = this.#injector.inject(fault);
    if (isEffective) this.#injected[kind] = (this.#injected[kind] ?? 0) + 1;
    if (isEffective && fault.kind === 'phonesForget') this.#audit.forgets(this.#injector.phoneOf(fault));
    this.#listener.fault?.(fault, isEffective, this.#world.clock.nowMicros());
  }

  /** Counts a phone that a fault strikes by what it is doing. */
  #cover(row: number[], phone: number): void {
    const phase = this.#audit.phaseOf(phone);
    row[phase] = (row[phase] ?? 0) + 1;
  }

  #worldSettings(): WorldSettings {
    const { world, checksum } = this.#settings;
    const accounts = world.phones + (world.shard.groups?.plan.count ?? 0);
    const { idWindowsMax } = world.shard.durability;
    const whole: StoredWorldSettings = { ...world, seed: this.#seed, logRingBytes: LOG_RING_BYTES };
    const small = this.#faults.filter(({ kind }) => kind === 'smallTables');
    const made = small.reduce((before, { target }) => SMALL_TABLES[target]?.shrink(before) ?? before, whole);
    const { logRingBytes, ...settings } = made;
    return {
      ...settings,
      makeLog: () => {
        const log = new SimulatedLog({
          rows: accounts,
          idWindowsMax,
          ringBytes: logRingBytes,
          syncTurns: SYNC_TURNS,
          checksum,
        });
        this.#logs.push(log);
        return log;
      },
      isLogIdle: (shard) => this.#logs[shard]?.isIdle === true,
      wrapTransport: (transport, lane, clock) => {
        const faulty = new FaultyTransport(transport, clock);
        const overheard = new OverheardTransport(faulty, {
          audit: this.#audit,
          plan: () => this.#world.plan,
          phoneAt: (row) => this.#population.phoneAt(lane, row),
          onFrame: this.#listener.frame,
        });
        this.#faulty.push(faulty);
        this.#overheard.push(overheard);
        return overheard;
      },
    };
  }

  #outcome(): SimulationOutcome {
    const world = this.#world;
    const { violations, sent, shown, refused, waiting, open, forgotten, sentToGroups } = this.#audit;
    const records = this.#logs.reduce((sum, { appended }) => sum + appended, 0);
    const frames = this.#overheard.reduce((sum, transport) => sum + transport.frames, 0);
    const halves = this.#overheard.flatMap(({ digest }) => [...digest]);
    const mixed = [...halves, ...violations.map(({ atMicros }) => atMicros)];
    return {
      seed: this.#seed,
      faults: this.#faults,
      violations,
      digest: mixed.map((half) => (half >>> 0).toString(16).padStart(8, '0')).join(''),
      events: frames + world.switch('hopsIn') + records,
      virtualMicros: world.clock.nowMicros(),
      messages: sent,
      shown,
      refused,
      waiting,
      open,
      forgotten,
      toGroups: sentToGroups,
      repairs: this.#logs.reduce((sum, { repairs }) => sum + repairs, 0),
      injected: this.#injected,
      coverage: this.#coverage,
    };
  }
}
