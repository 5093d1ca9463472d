/**
 * What the parts of a lane share: the phones, what is in flight, the counters and the time. There is one object per
 * lane, and only the parts of that lane write to it.
 */
import { assert } from '../../base/assert.ts';
import { count, countBy } from '../../base/counters.ts';
import type { PhoneProtocol } from '../../wire/phone-protocol.ts';
import { changingRows } from '../groups/changed-groups.ts';
import { GroupMessages } from '../groups/group-messages.ts';
import { HotGroup } from '../groups/hot-group.ts';
import { Misfits } from '../misfits/misfits.ts';
import { GroupCalls } from '../people/group-calls.ts';
import { type MinorVersions, minorVersions, type PlatformShares } from '../people/platforms.ts';
import { PushWakes } from '../people/push-wakes.ts';
import { SessionEnds } from '../people/session-ends.ts';
import { LaneStorms } from '../storms/lane-storms.ts';
import { InFlightTable } from '../tables/in-flight-table.ts';
import { OwedActions } from '../tables/owed-actions.ts';
import { PairTurns } from '../tables/pair-turns.ts';
import { PhoneTable } from '../tables/phone-table.ts';
import { RecentPairs, recentPairsPlaces } from '../tables/recent-pairs.ts';
import { RefusedPairs } from '../tables/refused-pairs.ts';
import { StoredMail, storedMailPlaces } from '../tables/stored-mail.ts';
import { DriverCounter } from '../terms/driver-counters.ts';
import { WORD_MICROS } from '../terms/elapsed-micros.ts';
import { Findings } from './findings.ts';
import type { LaneParts, LaneSettings } from './lane-settings.ts';
import { MessagePlan } from './message-plan.ts';

/**
 * The clock is read at the first frame of a turn, and then once per this many. Fewer: more exact latencies, more calls.
 * The first is read for itself because the thread may have been away between the start of its turn and its input.
 */
const FRAMES_PER_CLOCK = 32;

export class LaneState {
  readonly settings: LaneSettings;
  readonly parts: LaneParts;
  readonly phones: PhoneTable;
  readonly inFlight: InFlightTable;
  readonly storedMail: StoredMail;
  readonly messagePlan: MessagePlan;
  /** The order of messages where each pair of phones has turns; otherwise undefined, and {@link recentPairs} has it. */
  readonly pairTurns: PairTurns | undefined;
  /** Undefined without turns. */
  readonly refusedPairs: RefusedPairs | undefined;
  readonly recentPairs: RecentPairs;
  /** Where phones have platforms: when their sessions end, in each zone that has a clock of its own. */
  readonly sessionEnds: readonly SessionEnds[] = [];
  /** Undefined if phones have no platforms. */
  readonly platformShares: PlatformShares | undefined;
  /** Undefined if all phones speak the newest version. */
  readonly versions: MinorVersions | undefined;
  /** Where platforms have pushes: which phones they wake. */
  readonly pushWakes: PushWakes | undefined;
  /** Where pushes wake members of groups: whom they have still to call. */
  readonly groupCalls: GroupCalls | undefined;
  /** Messages to groups and lists; undefined without groups. */
  readonly groups: GroupMessages | undefined;
  /** Phones that do not behave; undefined if all do. */
  readonly misfits: Misfits | undefined;
  /** Undefined without storms. */
  readonly storms: LaneStorms | undefined;
  readonly owed = new OwedActions();
  /**
   * Phones that have messages to resend. The messages of one that finds the queue full are sent by the InFlightSweep.
   */
  readonly unsent = new OwedActions();
  readonly findings: Findings;
  /** Microseconds since the start of the run, updated while frames are handled. */
  nowMicros = 0;
  /** The same in two integers (see elapsed-micros), which are passed on without an allocation. */
  nowWord = 0;
  nowHigh = 0;
  readonly #clock = new Float64Array(1);
  #protocol: PhoneProtocol | undefined;
  #frames = 0;

  constructor(settings: LaneSettings, parts: LaneParts) {
    this.settings = settings;
    this.parts = parts;
    this.findings = new Findings(parts.counters);
    this.inFlight = new InFlightTable(settings.inFlightPlaces, parts.tables);
    this.storedMail = new StoredMail(storedMailPlaces(settings.population.rowsPerLane));
    const { platforms, groups, seed, population } = settings;
    this.phones = new PhoneTable(population.rowsPerLane, parts.tables, platforms !== undefined);
    this.versions = minorVersions(seed, platforms);
    const { sessionEnds } = this.phones;
    if (platforms !== undefined && sessionEnds !== undefined) {
      const times = settings.churnByZone?.arrivals ?? [settings.churnTime];
      this.sessionEnds = times.map((time) => new SessionEnds(seed, platforms, sessionEnds, time, parts.tables));
      this.platformShares = this.sessionEnds[0]?.shares;
    }
    if (platforms?.some(({ push }) => push !== undefined) === true)
      this.pushWakes = new PushWakes(seed, platforms, population.rowsPerLane, parts.tables);
    const { storms = [], lane } = settings;
    if (storms.length > 0) this.storms = new LaneStorms(storms, seed, population, lane, parts.shardOf, parts.tables);
    if (groups !== undefined)
      this.groups = new GroupMessages(
        groups,
        seed,
        changingRows(population),
        parts.counters,
        this.versions,
        hotGroup(settings),
      );
    if (groups !== undefined && this.pushWakes !== undefined) this.groupCalls = new GroupCalls(groups.plan);
    const { misfits } = settings;
    if (misfits !== undefined) this.misfits = new Misfits(misfits, seed, population.online);
    this.messagePlan = new MessagePlan(settings, this.groups, this.misfits);
    const { contacts } = settings;
    const hasTurns = typeof contacts === 'number' && groups === undefined && misfits === undefined;
    this.pairTurns = hasTurns ? new PairTurns(population.rowsPerLane, parts.tables) : undefined;
    this.refusedPairs = hasTurns ? new RefusedPairs(contacts) : undefined;
    const membersMax = Math.ceil((groups?.plan.membersMax ?? 0) / population.lanes);
    const places = recentPairsPlaces(hasTurns ? 0 : population.rowsPerLane);
    this.recentPairs = new RecentPairs(places, membersMax, parts.tables);
  }

  /** The protocol reports to a part of the lane that needs this state, so it is created after it and set once. */
  get protocol(): PhoneProtocol {
    assert(this.#protocol !== undefined, 'a lane has a protocol before its first turn');
    return this.#protocol;
  }

  set protocol(protocol: PhoneProtocol) {
    this.#protocol = protocol;
  }

  /** Reads the clock, and adds the time that messages were unanswered since the last reading. */
  tellTime(): void {
    const before = this.nowMicros;
    this.parts.clock.tell(this.#clock);
    this.nowMicros = this.#clock[0] as number; // its only element
    this.nowWord = this.nowMicros | 0;
    this.nowHigh = (this.nowMicros / WORD_MICROS) | 0;
    const waited = (this.nowMicros - before) * this.inFlight.unanswered;
    countBy(this.parts.counters, DriverCounter.unansweredMicros, waited);
  }

  /** Reads the clock for what a turn does before its first received frame, which has it read again. */
  startTurn(): void {
    this.tellTime();
    this.#frames = FRAMES_PER_CLOCK - 1;
  }

  /** Counts a received frame, and reads the clock from time to time. */
  frameIn(): void {
    count(this.parts.counters, DriverCounter.framesIn);
    this.#frames++;
    if (this.#frames < FRAMES_PER_CLOCK) return;
    this.#frames = 0;
    this.tellTime();
  }

  /** Queues a phone whose answer found no room. */
  owe(row: number): void {
    if (!this.phones.owesAnswer(row)) this.owed.push(row);
    this.phones.setOwesAnswer(row, true);
  }

  /** Whether the recipient of the phone's message with this number never connects in this run. */
  isForOffline(phone: number, number: number): boolean {
    const { activePhones, population } = this.settings;
    if (activePhones <= population.online) return false;
    const recipient = this.messagePlan.recipientOf(phone, number);
    return recipient >= population.online && recipient < population.phones;
  }

  /** Counts for the platform of a phone; `first` is the counter of the first platform. */
  countForPlatform(row: number, first: number, by: number): void {
    const { platformShares } = this;
    if (platformShares !== undefined) countBy(this.parts.counters, first + platformShares.of(this.phoneAt(row)), by);
  }

  /** Whether a phone knows groups, presence and typing, which minor version 1 of the protocol brought. */
  speaksMinor1(phone: number): boolean {
    return this.versions === undefined || this.versions.of(phone) >= 1;
  }

  /** A phone has logged in: the end of its session is set, and a push that woke it is counted. */
  sessionBegun(row: number): void {
    const { platformShares, pushWakes } = this;
    if (platformShares === undefined) return;
    const phone = this.phoneAt(row);
    this.#endsOf(phone).begun(row, phone);
    if (pushWakes?.loggedIn(row, platformShares.of(phone)) === true)
      this.countForPlatform(row, DriverCounter.platformWoken0, 1);
  }

  /** When the sessions of a phone end. */
  #endsOf(phone: number): SessionEnds {
    const zones = this.settings.churnByZone?.zoneOf;
    return this.sessionEnds[zones === undefined ? 0 : (zones[phone % zones.length] as number)] as SessionEnds; // one for each zone
  }

  /** The phone simulated in a row. */
  phoneAt(row: number): number {
    return this.settings.population.phoneAt(this.settings.lane, row);
  }
}

/** The group that a share of all messages goes to; undefined if there is none. */
function hotGroup({ groups, misfits, seed, activePhones, population }: LaneSettings): HotGroup | undefined {
  if (groups === undefined || misfits === undefined || misfits.hotGroupShare === 0) return undefined;
  const senders = Math.min(activePhones, population.online);
  return new HotGroup(groups.plan, { seed, share: misfits.hotGroupShare, senders });
}
