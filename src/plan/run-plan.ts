/**
 * Converts a scenario to sizes: every table and ring of a run is computed before anything starts, so that a run that
 * does not fit is refused with a figure instead of being killed later.
 */
import { TrunklineError } from '../base/errors.ts';
import { formatBytes, formatCount, roundDown } from '../base/units.ts';
import { SESSION_END_BYTES } from '../driver/people/session-ends.ts';
import { IN_FLIGHT_PLACE_BYTES } from '../driver/tables/in-flight-table.ts';
import { PAIR_TURNS_BYTES } from '../driver/tables/pair-turns.ts';
import { PHONE_BYTES } from '../driver/tables/phone-table.ts';
import { recentPairsBytes, recentPairsPlaces } from '../driver/tables/recent-pairs.ts';
import { storedMailBytes, storedMailPlaces } from '../driver/tables/stored-mail.ts';
import { Population } from '../driver/terms/population.ts';
import type { MachineLimits } from '../measure/machine-limits.ts';
import { phonesWithContacts } from '../scenario/keys/phones/contacts-key.ts';
import { hasPushes } from '../scenario/keys/phones/platforms-key.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { ScenarioSettings } from '../scenario/scenario-schema.ts';
import { hasMisfits } from '../scenario/terms/has-misfits.ts';
import { isOverSockets } from '../scenario/terms/transports.ts';
import { ACCOUNT_BYTES } from '../switch/tables/account-table.ts';
import { NODES } from '../switch/tables/address-layout.ts';
import { SESSION_BYTES } from '../switch/tables/session-table.ts';
import { ROWS_MAX } from '../transport/memory/memory-rings.ts';
import type { PhoneTls, SwitchTls } from '../transport/stream/tls-settings.ts';
import type { GroupPlanSettings } from '../wire/group-plan.ts';
import type { NumberBlock } from '../wire/numbering-plan.ts';
import { checkHugePages } from './check-huge-pages.ts';
import { checkRings } from './check-rings.ts';
import { checkSessionAddresses } from './check-session-addresses.ts';
import { countryBlocks } from './country-blocks.ts';
import { heartbeatTimeoutMicros, lingeringShare } from './load/heartbeat-timeout-micros.ts';
import { latencyRangeBits } from './load/latency-range-bits.ts';
import { sessionWheelsBytes } from './load/session-wheels.ts';
import { checkStormAddresses } from './load/storm-addresses.ts';
import { type HttpPlan, plannedHttp, withBusinesses } from './planned-http.ts';
import { mailboxBytes, plannedStore, type StorePlace, type StorePlan, storeBytes } from './planned-store.ts';
import { withRecalledAccounts } from './recalled-accounts.ts';
import { type ShardLoop, shardLoop } from './shard-loop.ts';
import { largest } from './sizes/largest.ts';
import { groupBytes, homesWith, plannedGroups, withGroups } from './sizes/planned-groups.ts';
import { type RunShape, runMemoryBytes } from './sizes/run-shape.ts';
import { keepsWatches, watchBytes } from './sizes/watches-per-shard.ts';
import { type Sides, socketDemand } from './sockets/socket-demand.ts';
import { planSockets, type SocketPlan } from './sockets/socket-plan.ts';
import type { ListenMode } from './sockets/socket-shape.ts';

export interface RunPlan {
  readonly settings: ScenarioSettings;
  readonly shape: RunShape;
  readonly phones: number;
  /** Phones that connect. */
  readonly online: number;
  readonly activePhones: number;
  readonly numbering: readonly NumberBlock[];
  /** Rows of sessions of each shard. */
  readonly sessionsPerShard: number;
  readonly heartbeatTimeoutMicros: number;
  readonly shardLoop: ShardLoop;
  readonly mailboxBlocksPerShard: number;
  readonly inFlightPlacesPerLane: number;
  /** The plan of the sockets; null over memory. */
  readonly sockets: RunSocketPlan | null;
  /** The HTTP side of the switch; null without one. */
  readonly http: HttpPlan | null;
  /** Groups and broadcast lists, whose accounts are the last; null without them. */
  readonly groups: GroupPlanSettings | null;
  /** The store of the mailboxes; null if they are kept in memory only. */
  readonly store: StorePlan | null;
  /** Where it is, once it is open. */
  readonly storePlace: StorePlace | null;
  /** The id from which phones continue their messages where the switch knows of none; above those of earlier runs. */
  readonly idsBefore: number;
  /** TLS of both sides, for transports that support it; null without TLS. */
  readonly tls: RunTls | null;
  /** The parts of the memory; their sum is the maximum that the run takes. */
  readonly memory: readonly PlannedMemory[];
}

/** Tables, ports and addresses of a run over sockets. */
export interface RunSocketPlan {
  readonly listen: ListenMode;
  readonly listenReason: string;
  /**
   * Connections that the table of a shard and of a lane can hold, including the thread's own descriptors if each socket
   * has one.
   */
  readonly shardRows: number;
  readonly laneRows: number;
  /** Sockets that a table of io_uring holds; null if each has a descriptor. */
  readonly ringPlaces: number | null;
  /** Source addresses of each lane; 0 leaves the choice to the kernel. */
  readonly sourcesPerLane: number;
}

export interface RunTls {
  readonly switch: SwitchTls | null;
  readonly phones: PhoneTls | null;
}

export interface PlannedMemory {
  readonly what: string;
  readonly bytes: number;
  /** Whether it grows with the number of phones. */
  readonly isPerPhone: boolean;
}

/** First number of the phones where a scenario has no `numbering`. */
const DEFAULT_FIRST_NUMBER = 447_700_000_000;
/** What the transport of a shard stores per session: the connection's number at its lane. */
const PEER_BYTES = 4;
/** Where a push may wake a phone: see PushWakes. */
const PUSH_PHASE_BYTES = 1;
/** An isolate with its stacks and compiled code: 9 MB were measured for a worker, 45 MB for the process. */
const THREAD_BYTES = 16 * 2 ** 20;
const PROCESS_BYTES = 64 * 2 ** 20;
/** Rows for sessions that have ended but are not cleared yet. */
const SESSION_SLACK = 1024;
/** Upper limit of the search: more simulated phones than any machine has memory for. */
const PHONES_SOUGHT_MAX = 2 ** 40;
/** The same over sockets, where a row is a descriptor, for connections that end while others begin. */
const TABLE_SLACK = 128;

/** A plan and, over sockets, its inputs, for the preflight. */
export interface Planned {
  readonly plan: RunPlan;
  readonly sockets: SocketPlan | null;
}

/**
 * Computes the sizes of a run on a machine.
 * @param sides which sides are on this machine.
 * @throws PLAN_EXCEEDS_LIMIT as {@link planRun}, and if huge pages are required and this machine has none.
 */
export function planOn(scenario: Scenario, limits: MachineLimits, sides: Sides): Planned {
  const { transport } = scenario.settings;
  checkHugePages(scenario.settings, limits);
  if (!isOverSockets(transport)) return { plan: planRun(scenario), sockets: null };
  const sockets = planSockets(socketDemand(scenario.settings, transport), limits, sides);
  const plan = planRun(scenario, sockets);
  return { plan: sides === 'switch' && plan.store !== null ? withRecalledAccounts(plan) : plan, sockets };
}

/**
 * @throws PLAN_EXCEEDS_LIMIT if a table would have more rows than its columns can address, rings more bytes than their
 * offsets, or if keys of the switch contradict each other.
 */
export function planRun(scenario: Scenario, sockets: SocketPlan | null = null): RunPlan {
  const { settings } = scenario;
  const { phones, driver } = settings;
  const online = onlinePhones(settings);
  const shards = sockets?.shards ?? settings.switch.shards;
  const lanes = sockets?.lanes ?? driver.lanes;
  const served = numberingOf(settings);
  const http = plannedHttp(settings, served);
  const callers = http === null ? served : withBusinesses(served, http.businesses);
  const groups = plannedGroups(settings, online, callers);
  const numbering = withGroups(callers, groups);
  const accounts = numbering.reduce((sum, block) => sum + block.count, 0);
  const store = plannedStore(settings, homesWith(groups, shards), accounts);
  const shape: RunShape = {
    lanes,
    shards,
    gateways: settings.http.port === 'none' ? 0 : 1,
    connectionRingBytes: sockets === null ? powerOfTwoAtLeast(settings.rings.connection) : 0,
    inboxBytes: powerOfTwoAtLeast(settings.switch.inbox),
    latencyRangeBits: latencyRangeBits(settings, online),
    platforms: settings.platforms.length,
    hasPushes: hasPushes(settings.platforms),
    stores: store?.threads ?? 0,
    logRingBytes: store?.ringBytes ?? 0,
    recalledAccounts: 0,
  };
  checkRings(shape, settings.switch.questions);
  const socketRows = sockets === null ? null : runSocketPlan(sockets);
  const plan = {
    settings,
    shape,
    phones: phones.count,
    online,
    activePhones: activePhones(settings, phones.count),
    numbering,
    sessionsPerShard: socketRows?.shardRows ?? sessionsPerShard(settings, online),
    heartbeatTimeoutMicros: heartbeatTimeoutMicros(settings),
    shardLoop: shardLoop(settings),
    mailboxBlocksPerShard: Math.ceil(settings.switch.mailbox.blocks / shards),
    inFlightPlacesPerLane: powerOfTwoAtLeast((2 * driver.messagesInFlight) / lanes),
    sockets: socketRows,
    http,
    groups,
    store,
    storePlace: null,
    idsBefore: 0,
    tls: null,
  };
  checkStormAddresses(
    settings,
    new Population(phones.count, online, lanes),
    sockets === null || sockets.sources.mode !== 'kernel',
  );
  checkRows(plan.sessionsPerShard, 'sessions of one shard', 'switch.shards');
  checkSessionAddresses(NODES, shards + shape.gateways, plan.sessionsPerShard);
  checkRows(Math.ceil(online / lanes), 'phones of one lane that connect', 'driver.lanes');
  return { ...plan, memory: sockets?.memory ?? plannedMemory(plan) };
}

/** The blocks of numbers of a scenario; by default a single block, as large as its phones need. */
export function numberingOf({ numbering, countries, phones }: ScenarioSettings): readonly NumberBlock[] {
  if (countries.length > 0) return countryBlocks(countries, phones.count);
  return numbering.length > 0 ? numbering : [{ first: DEFAULT_FIRST_NUMBER, count: phones.count }];
}

function runSocketPlan(sockets: SocketPlan): RunSocketPlan {
  const { listen, listenReason, hasPrivateTables, ringPlaces, sources } = sockets;
  const rows = (table: SocketPlan['shardTable'], connections: number): number =>
    hasPrivateTables && ringPlaces === null
      ? Math.min(table.needed + TABLE_SLACK, table.allowed ?? Number.POSITIVE_INFINITY)
      : connections + TABLE_SLACK;
  return {
    listen,
    listenReason,
    shardRows: rows(sockets.shardTable, sockets.connectionsPerShardMax),
    laneRows: rows(sockets.laneTable, sockets.connectionsPerLaneMax),
    ringPlaces,
    sourcesPerLane: sources.mode === 'kernel' ? 0 : sources.addressesPerLane,
  };
}

/** The same run with fewer phones, for the calibration. */
export function withFewerPhones(plan: RunPlan, phonesMax: number): RunPlan {
  if (plan.online <= phonesMax) return plan;
  const scale = phonesMax / plan.online;
  const smaller = {
    ...plan,
    phones: phonesMax,
    online: phonesMax,
    activePhones: Math.min(phonesMax, plan.activePhones),
    // Over sockets the tables keep their size: their first rows are the thread's own descriptors.
    sessionsPerShard:
      plan.sockets === null ? Math.ceil(plan.sessionsPerShard * scale) + SESSION_SLACK : plan.sessionsPerShard,
  };
  return plan.sockets === null ? { ...smaller, memory: plannedMemory(smaller) } : smaller;
}

/** The maximum that a run takes, in bytes. */
export function plannedBytes(plan: RunPlan): number {
  return plan.memory.reduce((sum, entry) => sum + entry.bytes, 0);
}

/**
 * The largest number of simulated phones whose tables fit in a number of bytes, with the rest of the plan unchanged; 0
 * if none fit. It is found by planning and not by proportion, since tables have slack and whole cells that do not
 * shrink with the phones.
 */
export function phonesWithin(plan: RunPlan, bytes: number): number {
  const { settings } = plan;
  return largest(PHONES_SOUGHT_MAX, (phones) => {
    const online = Math.floor(phones * (1 - settings.phones.offline));
    const shape = { ...plan.shape, latencyRangeBits: latencyRangeBits(settings, online) };
    const active = { online, activePhones: activePhones(settings, phones) };
    const sized = { ...plan, ...active, shape, phones, sessionsPerShard: sessionsPerShard(settings, online) };
    return plannedMemory(sized).reduce((sum, entry) => sum + entry.bytes, 0) <= bytes;
  });
}

/**
 * Refuses a run that does not fit.
 * @param allocatable bytes that the machine can allocate.
 * @throws PLAN_EXCEEDS_MEMORY with the figure and what would fit.
 */
export function checkMemory(plan: RunPlan, allocatable: number): void {
  const needed = plannedBytes(plan);
  if (needed <= allocatable) return;
  const fitting = phonesWithin(plan, allocatable);
  const rest = plan.memory.reduce((sum, entry) => sum + (entry.isPerPhone ? 0 : entry.bytes), 0);
  const hint =
    fitting >= 1000
      ? `About ${formatCount(roundDown(fitting))} phones would fit: --set phones.count=${roundDown(fitting)}.`
      : `Tables that do not depend on the phones take ${formatBytes(rest)} of it: make switch.mailbox.blocks, rings.connection or driver.messagesInFlight smaller.`;
  throw new TrunklineError(
    'PLAN_EXCEEDS_MEMORY',
    `${formatCount(plan.phones)} phones need ${formatBytes(needed)}, and this machine can give ` +
      `${formatBytes(Math.max(0, allocatable))} (free and cached memory less a reserve of 1.5 GiB). ${hint}`,
  );
}

function activePhones({ phones: { contacts }, traffic }: ScenarioSettings, phones: number): number {
  return phonesWithContacts(contacts, traffic.activePhones === 'all' ? phones : traffic.activePhones);
}

function onlinePhones(settings: ScenarioSettings): number {
  return Math.floor(settings.phones.count * (1 - settings.phones.offline));
}

function sessionsPerShard(settings: ScenarioSettings, online: number): number {
  const share = Math.ceil(online / settings.switch.shards);
  // A phone that vanishes and returns holds two rows until the switch has noticed.
  return Math.ceil(share * (1 + lingeringShare(settings))) + SESSION_SLACK;
}

type Sizes = Omit<RunPlan, 'memory'>;

/**
 * Accounts whose rows a run uses: those of phones that connect, of others that are written to, and of all if all are in
 * groups. They are the first ones, and rows behind them never become resident memory.
 */
function accountsUsed(plan: Sizes): number {
  const { groups } = plan.settings;
  if (groups.members === 'all' && groups.count + groups.lists.count > 0) return plan.phones;
  return Math.min(plan.phones, Math.max(plan.online, plan.activePhones));
}

function plannedMemory(plan: Sizes): PlannedMemory[] {
  const { lanes, shards } = plan.shape;
  const { rowsPerLane } = new Population(plan.phones, plan.online, lanes);
  const { phones, groups, misfits } = plan.settings;
  // As LaneState decides: all phones have the same number of contacts, and no messages go elsewhere.
  const hasTurns =
    typeof phones.contacts === 'number' && groups.count + groups.lists.count === 0 && !hasMisfits(misfits);
  const { platforms } = plan.settings;
  const phoneBytes =
    PHONE_BYTES +
    (hasTurns ? PAIR_TURNS_BYTES : 0) +
    (platforms.length > 0 ? SESSION_END_BYTES : 0) +
    (hasPushes(platforms) ? PUSH_PHASE_BYTES : 0);
  return [
    { what: 'sessions', bytes: shards * plan.sessionsPerShard * (SESSION_BYTES + PEER_BYTES), isPerPhone: true },
    { what: 'accounts', bytes: accountsUsed(plan) * ACCOUNT_BYTES, isPerPhone: true },
    { what: 'phones', bytes: lanes * rowsPerLane * phoneBytes, isPerPhone: true },
    { what: 'mailbox blocks', bytes: shards * mailboxBytes(plan.store, plan.mailboxBlocksPerShard), isPerPhone: false },
    {
      what: 'messages in flight',
      bytes: lanes * plan.inFlightPlacesPerLane * IN_FLIGHT_PLACE_BYTES,
      isPerPhone: false,
    },
    { what: 'wheels of session ends', bytes: lanes * sessionWheelsBytes(plan.settings), isPerPhone: false },
    { what: 'mail that waits', bytes: lanes * storedMailBytes(storedMailPlaces(rowsPerLane)), isPerPhone: false },
    { what: 'recent pairs', bytes: lanes * recentPairsBytes(recentPairsPlaces(rowsPerLane)), isPerPhone: false },
    { what: 'watches', bytes: watchBytes(plan, accountsUsed(plan)), isPerPhone: keepsWatches(plan) },
    { what: 'groups', bytes: groupBytes(plan.settings.groups, shards, lanes), isPerPhone: false },
    { what: 'store', bytes: storeBytes(plan.store, shards), isPerPhone: false },
    { what: 'rings and histograms', bytes: runMemoryBytes({ ...plan.shape, stores: 0 }), isPerPhone: false },
    { what: 'threads', bytes: (lanes + shards) * THREAD_BYTES, isPerPhone: false },
    { what: 'the process', bytes: PROCESS_BYTES, isPerPhone: false },
  ];
}

function checkRows(rows: number, what: string, key: string): void {
  if (rows < ROWS_MAX) return;
  throw new TrunklineError(
    'PLAN_EXCEEDS_LIMIT',
    `${formatCount(rows)} ${what} are more than the ${formatCount(ROWS_MAX)} that a record can name. Raise ${key}.`,
  );
}

function powerOfTwoAtLeast(value: number): number {
  return 2 ** Math.ceil(Math.log2(value));
}
