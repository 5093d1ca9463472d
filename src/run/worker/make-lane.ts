/** Creates a lane from the plan and the memory of a run. */

import type { ReadSettings } from '../../driver/content/read-settings.ts';
import type { LaneGroups } from '../../driver/groups/group-messages.ts';
import { Lane } from '../../driver/lane.ts';
import type { MisfitSettings } from '../../driver/misfits/misfits.ts';
import { minorVersions } from '../../driver/people/platforms.ts';
import { NO_PRESENCE, type PresenceLoad } from '../../driver/presence/presence-load.ts';
import type { LaneSettings } from '../../driver/state/lane-settings.ts';
import type { Storm } from '../../driver/storms/lane-storms.ts';
import { Arrivals } from '../../driver/terms/arrivals.ts';
import { Population } from '../../driver/terms/population.ts';
import { lanePlatforms } from '../../plan/load/lane-platforms.ts';
import { churnByZone, churnTime, loadArrivals, loadByZone } from '../../plan/load/load-curve.ts';
import { stormAddresses } from '../../plan/load/storm-addresses.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import type { TokenSigner } from '../../protocol/trunkline/token-signer.ts';
import { trunklineProtocol } from '../../protocol/trunkline/trunkline-protocol.ts';
import { declaredStorms } from '../../scenario/declared-storms.ts';
import type { ScenarioSettings } from '../../scenario/scenario-schema.ts';
import { hasMisfits } from '../../scenario/terms/has-misfits.ts';
import { hasReads } from '../../scenario/terms/has-reads.ts';
import { GroupPlan, type GroupPlanSettings } from '../../wire/group-plan.ts';
import { NumberingPlan } from '../../wire/numbering-plan.ts';
import { CONNECT_SALT, HOME_SALT, Placement } from '../../wire/placement.ts';
import { outagesOf } from './ends/lane-network.ts';
import { hugePageMemory } from './memory/huge-page-memory.ts';
import type { PhoneEnd, ThreadPlace } from './thread/thread-end.ts';
import type { WorkerCommand } from './thread/worker-messages.ts';
import type { WorkerReactor } from './thread/worker-reactor.ts';
import { hmacSigner, noTokens } from './token-authority.ts';

/** Messages per second for the calibration, more than any driver can send, so that it reaches its limit. */
const SATURATING_PER_SECOND = 1e9;

export interface LaneOfRun {
  /** See {@link LaneSettings.runTag}. */
  readonly runTag: number;
  /** Whether the switch only echoes and the load is the maximum that the lane can produce. */
  readonly isCalibration: boolean;
}

export function makeLane(place: ThreadPlace, end: PhoneEnd, ofRun: LaneOfRun): WorkerReactor {
  const { plan, memory, index, clock } = place;
  const { settings } = plan;
  const entrance = entranceOf(plan);
  const numbering = new NumberingPlan(plan.numbering);
  const pushLink = memory.pushLink(index);
  const ofLane = laneSettings(plan, index, ofRun);
  const versions = minorVersions(settings.seed, ofLane.platforms);
  const lane = new Lane(ofLane, {
    transport: end.transport,
    shardOf: (phone) => entrance.shardOf(phone),
    makeProtocol: trunklineProtocol(
      numbering,
      tokenSigner(plan),
      hasReads(settings.content.readReceipts),
      versions && ((phone) => versions.of(phone)),
      plan.idsBefore,
    ),
    latencies: {
      login: memory.latency(index, 'login'),
      acknowledgement: memory.latency(index, 'acknowledgement'),
      delivery: memory.latency(index, 'delivery'),
      storedDelivery: memory.latency(index, 'storedDelivery'),
      groupDelivery: memory.latency(index, 'groupDelivery'),
      receipt: memory.latency(index, 'receipt'),
      presence: memory.latency(index, 'presence'),
      sendDelay: memory.latency(index, 'sendDelay'),
      byPlatform: settings.platforms.map((_, platform) => ({
        delivery: memory.platformLatency(index, platform, 'delivery'),
        storedDelivery: memory.platformLatency(index, platform, 'storedDelivery'),
      })),
    },
    counters: memory.laneCounters(index),
    clock,
    tables: hugePageMemory(settings.memory.pages),
    ...(pushLink === undefined ? {} : { pushLink }),
    ...(end.deliveryTo === undefined ? {} : { deliveryByNetwork: end.deliveryTo }),
  });
  return {
    doWork: () => lane.doWork(),
    hasInput: () => lane.hasInput(),
    untilDueMicros: (microsMax) => lane.untilDueMicros(microsMax),
    ledger: () => [...lane.ledger(), ...end.ledger()],
    findings: () => lane.findings,
    command: (command) => obey(lane, end, command),
  };
}

function obey(lane: Lane, end: PhoneEnd, command: WorkerCommand): unknown {
  switch (command.kind) {
    case 'openLogins':
      lane.openLogins(command.phones, command.before, command.startMicros);
      return null;
    case 'stopLogins':
      lane.stopLogins();
      return null;
    case 'startTraffic':
      lane.startTraffic(command.startMicros);
      return end.command(command);
    case 'changeLoad':
      lane.changeMessages(command.perSecond, command.startMicros);
      lane.changeDepartures(command.departuresFactor, command.startMicros);
      return null;
    case 'changeHeartbeats':
      lane.changeHeartbeats(command.factor);
      return null;
    case 'stopTraffic':
      lane.stopTraffic();
      return null;
    case 'storms':
      return lane.stormCounts();
    case 'pauseLoad':
      lane.pauseLoad();
      return null;
    case 'resumeLoad':
      lane.resumeLoad(command.pausedMicros);
      return null;
    default:
      return end.command(command);
  }
}

/** The shard to which each phone connects in this plan. */
export function entranceOf({ settings, shape }: RunPlan): Placement {
  return new Placement(shape.shards, settings.switch.placement === 'home' ? HOME_SALT : CONNECT_SALT);
}

/** What signs the login tokens of phones in this plan. */
export function tokenSigner({ settings }: RunPlan): TokenSigner {
  const { authentication, secret } = settings.login;
  return authentication === 'hmac' ? hmacSigner(secret) : noTokens;
}

function stormsOf({ settings, numbering }: RunPlan): Storm[] {
  const outages = outagesOf(settings);
  // On the clock of traffic, which begins with settling; that takes exactly its time where there are storms.
  return declaredStorms(settings).map((declared) => {
    const atMicros = settings.phases.settle + declared.at;
    const silenceMicros = declared.notice === 'silent' ? declared.silence : null;
    if (declared.kind === 'outage') {
      const hits = (phone: number): boolean => outages.hits(declared.place, phone);
      return { atMicros, target: { kind: 'outage', hits }, silenceMicros, outageMicros: declared.outage.duration };
    }
    const { share, shard, block, addresses } = declared.storm;
    if (shard !== undefined) return { atMicros, target: { kind: 'shard', shard }, silenceMicros };
    if (addresses !== undefined) {
      const { portsPerSource } = settings.sockets;
      return {
        atMicros,
        target: { kind: 'addresses', ...stormAddresses(addresses), portsPerSource },
        silenceMicros,
      };
    }
    const named = block === undefined ? undefined : numbering[block];
    if (named === undefined) return { atMicros, target: { kind: 'share', share: share ?? 0 }, silenceMicros };
    // Phones have account indexes, which follow the order of numbers.
    const before = numbering.filter((other) => other.first < named.first);
    const first = before.reduce((sum, { count }) => sum + count, 0);
    return { atMicros, target: { kind: 'phones', first, count: named.count }, silenceMicros };
  });
}

/** The settings of a lane in this plan. */
export function laneSettings(plan: RunPlan, lane: number, { runTag, isCalibration }: LaneOfRun): LaneSettings {
  const { content, misfits, phones, login, traffic, seed } = plan.settings;
  const platforms = lanePlatforms(plan.settings);
  const churn = isCalibration ? undefined : churnTime(plan.settings);
  const churnZones = isCalibration ? undefined : churnByZone(plan.settings);
  const messagesByZone = isCalibration ? undefined : loadByZone(plan.settings);
  return {
    lane,
    seed,
    population: new Population(plan.phones, plan.online, plan.shape.lanes),
    contacts: phones.contacts,
    heartbeatMicros: isCalibration ? Number.POSITIVE_INFINITY : phones.heartbeat,
    sessionMicros: isCalibration ? Number.POSITIVE_INFINITY : phones.session,
    awayMicros: phones.away,
    ...(churn === undefined ? {} : { churnTime: churn }),
    ...(churnZones === undefined ? {} : { churnByZone: churnZones }),
    departure: phones.departure,
    logins: Arrivals.constant(login.rate),
    loginPacing: login.arrivals,
    loginTimeoutMicros: login.timeout,
    storms: isCalibration ? [] : stormsOf(plan),
    loginBackoff: { kind: login.backoff, baseMicros: login.retry, capMicros: login.retryMax },
    loginAttempts: login.attempts,
    messages: isCalibration ? Arrivals.constant(SATURATING_PER_SECOND) : loadArrivals(plan.settings),
    ...(messagesByZone === undefined ? {} : { messagesByZone }),
    messagePacing: traffic.arrivals,
    activePhones: plan.activePhones,
    payloadBytes: traffic.payload,
    ...(content.kinds.length === 0 ? {} : { kinds: content.kinds }),
    ...(isCalibration || !hasReads(content.readReceipts) ? {} : { reads: readSettings(content.readReceipts) }),
    presence: isCalibration ? NO_PRESENCE : presenceLoad(plan.settings),
    inFlightPlaces: plan.inFlightPlacesPerLane,
    runTag,
    isEcho: isCalibration,
    ...(isCalibration || !hasMisfits(misfits) ? {} : { misfits: misfitSettings(misfits) }),
    ...(isCalibration || platforms === undefined ? {} : { platforms }),
    ...(plan.groups === null || isCalibration ? {} : { groups: laneGroups(plan.groups, plan.settings.groups) }),
  };
}

function laneGroups(plan: GroupPlanSettings, settings: RunPlan['settings']['groups']): LaneGroups {
  return {
    plan: new GroupPlan(plan),
    shares: { groups: settings.share, lists: settings.lists.share },
    joins: Arrivals.constant(settings.joins),
    leaves: Arrivals.constant(settings.leaves),
  };
}

function readSettings({ share, groupShare, after }: ScenarioSettings['content']['readReceipts']): ReadSettings {
  return { share, groupShare, afterMicros: after };
}

function presenceLoad({ presence }: ScenarioSettings): PresenceLoad {
  const { watch, watchers, background, backgroundTime, typing } = presence;
  return {
    watch,
    watchersShare: watchers,
    backgroundsPerSecond: background,
    backgroundMicros: backgroundTime,
    typingShare: typing,
  };
}

/** The settings of phones that do not behave. */
function misfitSettings(misfits: RunPlan['settings']['misfits']): MisfitSettings {
  return {
    stalledReaders: misfits.stalledReaders,
    hotAccountShare: misfits.hotAccount,
    hotGroupShare: misfits.hotGroup,
    duplicateConnectsPerSecond: misfits.duplicateConnects,
    sentAgainShare: misfits.sentAgain,
  };
}
