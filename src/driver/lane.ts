/**
 * A lane of the driver: a reactor that does not own a thread, like a shard. It simulates its phones: arrivals,
 * messages, heartbeats and departures, each one aggregate process over all phones of a cell or lane, and it answers
 * what the server says.
 *
 * The load is open-loop. The seed fixes the due time of every event, whatever the switch does; an event never happens
 * before its due time, and latencies are measured from the due time.
 */
import type { LedgerEntry } from '../base/ledger-entry.ts';
import { PhoneReads } from './deliveries/phone-reads.ts';
import { forgetPhone } from './forget-phone.ts';
import { type HeartbeatRound, heartbeatRounds } from './heartbeat-round.ts';
import { InFlightSweep } from './in-flight-sweep.ts';
import { LaneTraffic, WAIT_MICROS } from './lane-traffic.ts';
import { OwedRound } from './owed-round.ts';
import { sessionEndsLedger } from './people/session-ends.ts';
import { PhoneConnections } from './phone-connections.ts';
import { PhoneDepartures } from './phone-departures.ts';
import { PhoneEvents } from './phone-events.ts';
import { ArriveOutcome, PhoneLogins } from './phone-logins.ts';
import { PhoneMessages } from './phone-messages.ts';
import { PhonePresence } from './phone-presence.ts';
import { PhonePushes } from './phone-pushes.ts';
import { PhoneSessions } from './phone-sessions.ts';
import { LoginSchedule } from './schedules/login-schedule.ts';
import type { Finding } from './state/findings.ts';
import type { LaneParts, LaneSettings } from './state/lane-settings.ts';
import { LaneState } from './state/lane-state.ts';
import type { StormVictims } from './storms/lane-storms.ts';
import type { StormCounts } from './storms/storm-tally.ts';
import { isLeaving, NO_CONNECTION, PhoneState } from './tables/phone-table.ts';
import { DriverCounter } from './terms/driver-counters.ts';
import { WORD_MICROS } from './terms/elapsed-micros.ts';

/** Most events of each kind per turn: so many that its fixed cost hardly counts, so few that answers go on. */
const EVENTS_MAX = 256;
/** The stream of random numbers of first logins. */
const LOGINS_STREAM = 1;

export class Lane {
  readonly counters: Float64Array;
  readonly #state: LaneState;
  readonly #events: PhoneEvents;
  readonly #presence: PhonePresence;
  readonly #reads: PhoneReads | undefined;
  readonly #connections: PhoneConnections;
  readonly #logins: PhoneLogins;
  readonly #departures: PhoneDepartures;
  readonly #messages: PhoneMessages;
  readonly #pushes: PhonePushes;
  /** Of each zone that has a clock of its own; none if phones have no platforms. */
  readonly #sessions: readonly PhoneSessions[];
  readonly #heartbeats: readonly HeartbeatRound[];
  readonly #owedRound: OwedRound;
  readonly #arriving: LoginSchedule;
  readonly #traffic: LaneTraffic;
  readonly #sweep: InFlightSweep;
  /** When arrivals are due next. */
  #arrivalsDueMicros = 0;
  readonly #clock = new Float64Array(1);
  readonly #victims: StormVictims = {
    isOnline: (row) => this.#state.phones.state(row) === PhoneState.ONLINE,
    noticeMicros: (row, silenceMicros) => {
      const round = this.#heartbeats.find((one) => one.isMine(row));
      return (round?.untilNextMicros(row) ?? 0) + silenceMicros;
    },
    drop: (row, isSilent, afterMicros) => this.#departures.drop(row, isSilent, afterMicros),
  };

  constructor(settings: LaneSettings, parts: LaneParts) {
    const { seed, population, lane } = settings;
    this.counters = parts.counters;
    this.#state = new LaneState(settings, parts);
    this.#presence = new PhonePresence(this.#state);
    this.#connections = new PhoneConnections(this.#state, this.#presence);
    this.#logins = new PhoneLogins(this.#state, this.#connections, this.#presence);
    this.#departures = new PhoneDepartures(this.#state, this.#connections, this.#logins, this.#presence);
    this.#messages = new PhoneMessages(this.#state, this.#presence);
    this.#pushes = new PhonePushes(this.#state, this.#logins, this.#departures);
    this.#reads = settings.reads === undefined ? undefined : new PhoneReads(this.#state, settings.reads);
    this.#events = new PhoneEvents(this.#state, this.#logins, this.#messages, this.#presence, this.#reads);
    this.#state.protocol = parts.makeProtocol(this.#state.phones.rows, parts.transport, this.#events);
    this.#heartbeats = heartbeatRounds(this.#state);
    this.#owedRound = new OwedRound(this.#state);
    this.#traffic = new LaneTraffic(this.#state, this.#departures, this.#messages, this.#presence);
    this.#sessions = phoneSessions(this.#state, this.#logins, this.#departures, this.#traffic);
    this.#sweep = new InFlightSweep(this.#state, this.#logins, this.#messages);
    const logins = settings.loginPacing;
    this.#arriving = new LoginSchedule(seed, LOGINS_STREAM, settings.logins, logins, population, lane);
  }

  /** Starts the first logins of phones number `before` to `phones` - 1, from `startMicros` on. */
  openLogins(phones: number, before: number, startMicros: number): void {
    this.#arriving.open(phones, before, startMicros);
    this.#arrivalsDueMicros = this.#traffic.isPaused ? Number.POSITIVE_INFINITY : 0;
  }

  /** Stops first logins and retries. */
  stopLogins(): void {
    this.#arriving.stop();
    this.#logins.stopRetries();
  }

  /** Messages and departures are due from this time on. */
  startTraffic(startMicros: number): void {
    this.#traffic.start(startMicros);
  }

  /**
   * Starts no first login, message or departure until {@link resumeLoad}. Connections stay: heartbeats, answers,
   * messages that are sent again, retries and the returns of absent phones go on.
   */
  pauseLoad(): void {
    this.#traffic.pause();
    this.#arrivalsDueMicros = Number.POSITIVE_INFINITY;
  }

  /**
   * Ends a pause. What was due in it, and all that follows, is due later by its length: nothing is left out, nothing
   * comes in a burst, and no latency includes the pause.
   *
   * @param pausedMicros length of the pause, the same for all lanes, so that their schedules stay aligned.
   */
  resumeLoad(pausedMicros: number): void {
    if (!this.#traffic.isPaused) return;
    this.#traffic.resume(pausedMicros);
    this.#arriving.postpone(pausedMicros);
    this.#arrivalsDueMicros = 0;
  }

  /**
   * Changes the rate of messages to another constant, with a new schedule. Messages that were due by the old
   * schedule and are unsent are dropped; sent messages are still answered.
   */
  changeMessages(perSecond: number, startMicros: number): void {
    this.#traffic.changeMessages(perSecond, startMicros);
  }

  /**
   * From now on phones leave, and go to the background, `factor` times as often as the settings say; those of platforms
   * return as much sooner.
   */
  changeDepartures(factor: number, startMicros: number): void {
    this.#traffic.changeDepartures(factor, startMicros);
  }

  /** From now on phones send heartbeats `factor` times as often as the settings say; see HeartbeatRound.changeSpeed. */
  changeHeartbeats(factor: number): void {
    this.#state.tellTime();
    for (const round of this.#heartbeats) round.changeSpeed(factor);
  }

  /** Stops messages and departures; messages in flight are still answered. */
  stopTraffic(): void {
    this.#traffic.stop();
    this.#reads?.stop();
  }

  /** The phone in `row` restarts and has lost its state. The caller ends its connection before the next turn. */
  forgetPhone(row: number): void {
    forgetPhone(this.#state, row);
  }

  /** What the lane has counted of each storm. */
  stormCounts(): StormCounts[] {
    return this.#state.storms?.counts() ?? [];
  }

  get findings(): readonly Finding[] {
    return this.#state.findings.list;
  }

  ledger(): LedgerEntry[] {
    const used = this.counters[DriverCounter.phonesArrived] as number; // a counter of this lane
    return [
      ...this.#state.phones.ledger(used),
      ...this.#state.inFlight.ledger(),
      ...this.#state.storedMail.ledger(),
      ...this.#presence.ledger(used),
      ...(this.#state.pairTurns === undefined
        ? this.#state.recentPairs.ledger()
        : [this.#state.pairTurns.ledger(used)]),
      ...(this.#state.refusedPairs === undefined ? [] : [this.#state.refusedPairs.ledger()]),
      ...sessionEndsLedger(this.#state.sessionEnds, used),
      ...(this.#state.pushWakes?.ledger(used) ?? []),
      ...(this.#state.groupCalls === undefined ? [] : [this.#state.groupCalls.ledger()]),
      ...(this.#state.groups?.ledger() ?? []),
      ...(this.#state.messagePlan.kinds === undefined ? [] : [this.#state.messagePlan.kinds.ledger()]),
      { owner: 'driver', name: 'phones that wait', bytes: this.#waitingBytes(), rowBytes: 0, rowsUsed: 0 },
      ...(this.#reads === undefined ? [] : [this.#reads.ledger()]),
      ...(this.#state.storms === undefined ? [] : [this.#state.storms.ledger()]),
      ...this.#state.protocol.ledger(used),
    ];
  }

  hasInput(): boolean {
    return this.#state.parts.transport.hasInput() || this.#state.parts.pushLink?.hasInput() === true;
  }

  /** Whole microseconds until something is due, from 0 to `microsMax`. */
  untilDueMicros(microsMax: number): number {
    this.#state.parts.clock.tell(this.#clock);
    const { nowMicros, owed, unsent } = this.#state;
    const presence = this.#presence;
    const dueMicros = Math.min(
      this.#loginsDueMicros(),
      presence.returnDueMicros,
      this.#reads === undefined ? Number.POSITIVE_INFINITY : (this.#reads.dueMicros[0] as number), // its only element
      this.#traffic.wakeMicros,
      owed.length + unsent.length === 0 && !presence.waits ? Number.POSITIVE_INFINITY : nowMicros + WAIT_MICROS,
      this.#stormDueMicros(),
    );
    const untilMicros = Math.min(dueMicros, this.#pacedDueMicros()) - (this.#clock[0] as number);
    return untilMicros >= microsMax ? microsMax | 0 : Math.max(0, untilMicros) | 0;
  }

  /** Does the work that is due. @returns how much it did, 0 for nothing. */
  doWork(): number {
    const state = this.#state;
    state.startTurn();
    let done = state.parts.transport.poll(this.#events, EVENTS_MAX);
    this.#events.polled();
    done += this.#payOwed();
    for (let n = 0; n < this.#heartbeats.length; n++)
      done += (this.#heartbeats[n] as HeartbeatRound).doWork(EVENTS_MAX);
    if (!this.#traffic.isBeginning) done += this.#departures.doWork(EVENTS_MAX);
    done += this.#logins.doWork(EVENTS_MAX) + this.#presence.doWork();
    if (this.#reads !== undefined) done += this.#reads.doWork();
    if (state.nowMicros >= this.#arrivalsDueMicros) done += this.#arrive();
    done += this.#traffic.doWork(EVENTS_MAX);
    for (let n = 0; n < this.#sessions.length; n++)
      done += (this.#sessions[n] as PhoneSessions).doWork(!this.#traffic.isStopped);
    if (state.pushWakes !== undefined) done += this.#pushes.doWork(EVENTS_MAX, !this.#traffic.isStopped);
    if (state.storms !== undefined && !this.#traffic.isStopped)
      done += state.storms.doWork(state.nowMicros, this.#traffic.startMicros[0] as number, this.#victims);
    this.#sweep.doWork();
    this.counters[DriverCounter.messagesUnanswered] = state.inFlight.unanswered;
    this.counters[DriverCounter.lanesBeginning] = this.#isBeginning ? 1 : 0;
    this.counters[DriverCounter.lanesWatching] = this.#presence.isUnsaid ? 1 : 0;
    state.parts.transport.flush();
    return done;
  }

  /** Whether phones are still to leave that are away when traffic begins; also before it begins. */
  get #isBeginning(): boolean {
    return this.#traffic.isBeginning || this.#state.sessionEnds.some((ends) => ends.isBeginning);
  }

  /** Of queues of phones that wait for their time, or for room. */
  #waitingBytes(): number {
    const { owed, unsent } = this.#state;
    return this.#logins.bytes + this.#departures.bytes + owed.bytes + unsent.bytes;
  }

  /** When phones log in next. */
  #loginsDueMicros(): number {
    const dueMicros = Math.min(
      this.#arrivalsDueMicros,
      this.#logins.retryDueMicros[0] as number, // its first place, here and below
      this.#departures.returnDueMicros[0] as number,
    );
    return Math.max(dueMicros, this.#logins.roomMicros[0] as number);
  }

  /** When pushes, heartbeats and ends of sessions are due next. */
  #pacedDueMicros(): number {
    const { pushWakes, groupCalls, nowMicros } = this.#state;
    if (groupCalls?.waits === true) return nowMicros;
    let dueMicros = pushWakes === undefined ? Number.POSITIVE_INFINITY : (pushWakes.dueMicros[0] as number);
    for (let n = 0; n < this.#heartbeats.length; n++)
      dueMicros = Math.min(dueMicros, (this.#heartbeats[n] as HeartbeatRound).dueMicros[0] as number); // its only element
    for (let n = 0; n < this.#sessions.length; n++)
      dueMicros = Math.min(dueMicros, (this.#sessions[n] as PhoneSessions).dueMicros); // one of them
    return dueMicros;
  }

  #stormDueMicros(): number {
    const { storms } = this.#state;
    if (storms === undefined || this.#traffic.isStopped) return Number.POSITIVE_INFINITY;
    return (this.#traffic.startMicros[0] as number) + storms.dueMicros; // its only element
  }

  #arrive(): number {
    const { nowMicros, settings } = this.#state;
    if (this.#logins.lacksRoom) return 0;
    let done = 0;
    for (let cell = 0; cell < this.#arriving.cells && done < EVENTS_MAX; cell++) {
      while (this.#arriving.time(cell) <= nowMicros && done < EVENTS_MAX) {
        const row = settings.population.row(cell, this.#arriving.offset(cell));
        const dueMicros = this.#arriving.time(cell);
        const outcome = this.#logins.arrive(row, dueMicros | 0, (dueMicros / WORD_MICROS) | 0, 0, 0);
        if (outcome === ArriveOutcome.NO_ROOM) return done; // try again soon
        if (outcome === ArriveOutcome.NO_PLACE) break; // the phones of other cells need not wait
        this.#arriving.advance(cell);
        this.counters[DriverCounter.phonesArrived] = (this.counters[DriverCounter.phonesArrived] as number) + 1;
        done++;
      }
    }
    this.#arrivalsDueMicros = this.#arriving.earliest();
    return done;
  }

  /** Writes the frames that found no room before. */
  #payOwed(): number {
    const { owed } = this.#state;
    const looked = this.#owedRound.doWork();
    const limit = Math.min(owed.length, EVENTS_MAX);
    let done = 0;
    for (; done < limit; done++) {
      if (!this.#pay(owed.first())) break;
      owed.shift();
    }
    return looked + done + this.#sendAgain();
  }

  /** Resends unacknowledged messages that found no room before. */
  #sendAgain(): number {
    const { unsent, phones } = this.#state;
    const limit = Math.min(unsent.length, EVENTS_MAX);
    let done = 0;
    for (let n = 0; n < limit; n++) {
      const row = unsent.first();
      unsent.shift();
      if (phones.state(row) !== PhoneState.ONLINE || this.#messages.resend(row)) done++;
      else unsent.push(row);
    }
    return done;
  }

  /** @returns false if there is no room now. */
  #pay(row: number): boolean {
    const { phones, protocol } = this.#state;
    const state = phones.state(row);
    if (isLeaving(state)) return this.#connections.tryHangUp(row);
    if (state === PhoneState.CONNECTING && phones.connection(row) !== NO_CONNECTION) return this.#logins.logIn(row);
    if (!phones.owesAnswer(row) || (state !== PhoneState.ONLINE && state !== PhoneState.LOGGING_IN)) return true;
    if (!protocol.answer(row, phones.connection(row), phones.lastSequence(row))) return false;
    phones.setOwesAnswer(row, false);
    return true;
  }
}

/** One for each zone that has a clock of its own; none if phones have no platforms. */
function phoneSessions(
  state: LaneState,
  logins: PhoneLogins,
  departures: PhoneDepartures,
  { startMicros }: LaneTraffic,
): PhoneSessions[] {
  const { sessionEnds } = state;
  const eventsMax = Math.ceil(EVENTS_MAX / Math.max(1, sessionEnds.length));
  return sessionEnds.map((ends) => new PhoneSessions(state, ends, logins, departures, startMicros, eventsMax));
}
