/**
 * A lane of the driver: a reactor that does not own a thread, like a shard. It simulates its phones:
 * arrivals, messages, heartbeats and departures, each one aggregate process over all phones of a
 * cell or lane, and it answers what the server says.
 *
 * The load is open-loop. The seed fixes the due time of every event, whatever the switch does; an
 * event never happens before its due time, and latencies are measured from the due time.
 */
import { assert } from '../base/assert.ts';
import type { LedgerEntry } from '../base/ledger.ts';
import { Arrivals } from './arrivals.ts';
import { CellSchedule } from './cell-schedule.ts';
import { DriverCounter } from './driver-counters.ts';
import { WORD_MICROS } from './elapsed-micros.ts';
import type { Finding } from './findings.ts';
import { GroupChanges } from './group-changes.ts';
import { type HeartbeatRound, heartbeatRounds } from './heartbeat-round.ts';
import { InFlightSweep } from './in-flight-sweep.ts';
import type { LaneParts, LaneSettings } from './lane-settings.ts';
import { LaneState } from './lane-state.ts';
import { LoginSchedule } from './login-schedule.ts';
import { OwedRound } from './owed-round.ts';
import { NO_ROW, type SessionEnds } from './people/session-ends.ts';
import { PhoneEvents } from './phone-events.ts';
import { ArriveOutcome, PhoneLogins } from './phone-logins.ts';
import { PhoneMessages, SendOutcome } from './phone-messages.ts';
import { PhonePresence } from './phone-presence.ts';
import { isLeaving, NO_CONNECTION, PhoneState } from './phone-table.ts';
import type { StormVictims } from './storms/lane-storms.ts';
import type { StormCounts } from './storms/storm-tally.ts';

const MICROS_PER_SECOND = 1e6;
/** Most events of each kind per turn: enough to amortise a turn, few enough to keep answering. */
const EVENTS_MAX = 256;
/** Delay between two attempts that wait for room: much shorter than a sleep, much longer than a turn. */
const WAIT_MICROS = 2000;
/** Streams of random numbers; each change of the load takes the next one behind the last two. */
const Stream = {
  LOGINS: 1,
  MESSAGES: 2,
  DEPARTURES: 3,
  CHANGED_MESSAGES: 4,
  DUPLICATE_CONNECTS: 0x4d53,
  CHANGED_DEPARTURES: 1_000_000,
} as const;

export class Lane {
  readonly counters: Float64Array;
  readonly #state: LaneState;
  readonly #events: PhoneEvents;
  readonly #presence: PhonePresence;
  readonly #logins: PhoneLogins;
  readonly #messages: PhoneMessages;
  readonly #heartbeats: readonly HeartbeatRound[];
  readonly #owedRound: OwedRound;
  readonly #sweep: InFlightSweep;
  readonly #arriving: LoginSchedule;
  #sending: CellSchedule;
  #leaving: CellSchedule | undefined;
  /** Elapsed time of traffic at which the schedule of departures began: 0 but after a change. */
  #leavingStartMicros = 0;
  #leavingChanges = 0;
  /** Phones that connect a second time. */
  readonly #duplicating: CellSchedule | undefined;
  readonly #groupChanges: GroupChanges | undefined;
  /** When arrivals and traffic are due next. */
  #arrivalsDueMicros = 0;
  #trafficDueMicros = 0;
  /** As trafficDue, without due messages that wait for an answer to their phone: the answer wakes the lane. */
  #trafficWakeMicros = 0;
  /** Whether all due messages that are unsent wait for an answer to their phone. */
  #windowsFull = false;
  /** If so, when the next further message is due, in elapsed time of its schedule. */
  #sendingAfterMicros = 0;
  #trafficStartMicros = Number.POSITIVE_INFINITY;
  /** Elapsed time of traffic at which the schedule of messages began: 0 but after a change. */
  #sendingStartMicros = 0;
  #sendingChanges = 0;
  #trafficStopped = false;
  #isPaused = false;
  /** While paused: when traffic began, or is to begin. */
  #pausedStartMicros = Number.POSITIVE_INFINITY;
  readonly #clock = new Float64Array(1);
  readonly #victims: StormVictims = {
    isOnline: (row) => this.#state.phones.state(row) === PhoneState.ONLINE,
    drop: (row, silenceMicros) => {
      // Nobody answers the next heartbeat.
      const round = this.#heartbeats.find((one) => one.isMine(row));
      const afterMicros = silenceMicros === null ? 0 : (round?.untilNextMicros(row) ?? 0) + silenceMicros;
      return this.#logins.drop(row, silenceMicros !== null, afterMicros);
    },
  };

  constructor(settings: LaneSettings, parts: LaneParts) {
    const { seed, population, lane } = settings;
    this.counters = parts.counters;
    this.#state = new LaneState(settings, parts);
    this.#presence = new PhonePresence(this.#state);
    this.#logins = new PhoneLogins(this.#state, this.#presence);
    this.#messages = new PhoneMessages(this.#state, this.#presence);
    this.#events = new PhoneEvents(this.#state, this.#logins, this.#messages, this.#presence);
    this.#state.protocol = parts.makeProtocol(this.#state.phones.rows, parts.transport, this.#events);
    this.#heartbeats = heartbeatRounds(this.#state);
    this.#owedRound = new OwedRound(this.#state);
    this.#sweep = new InFlightSweep(this.#state, this.#logins, this.#messages);
    const logins = settings.loginPacing;
    this.#arriving = new LoginSchedule(seed, Stream.LOGINS, settings.logins, logins, population, lane);
    this.#sending = messageSchedule(settings, Stream.MESSAGES, settings.messages);
    this.#leaving = Number.isFinite(settings.sessionMicros) ? departures(settings, Stream.DEPARTURES, 1) : undefined;
    this.#duplicating = duplicateConnects(settings);
    const { groups } = settings;
    if (groups !== undefined) this.#groupChanges = new GroupChanges(settings, groups, parts.counters, this.#messages);
  }

  /** Starts the first logins of phones number `before` to `phones` - 1, from `startMicros` on. */
  openLogins(phones: number, before: number, startMicros: number): void {
    this.#arriving.open(phones, before, startMicros);
    this.#arrivalsDueMicros = this.#isPaused ? Number.POSITIVE_INFINITY : 0;
  }

  /** Stops first logins and retries. */
  stopLogins(): void {
    this.#arriving.stop();
    this.#logins.stopRetries();
  }

  /** Messages and departures are due from this time on. */
  startTraffic(startMicros: number): void {
    if (this.#isPaused) this.#pausedStartMicros = startMicros;
    else this.#trafficStartMicros = startMicros;
  }

  /**
   * Starts no first login, message or departure until {@link resumeLoad}. Connections stay: heartbeats, answers, messages
   * that are sent again, retries and the returns of absent phones go on.
   */
  pauseLoad(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#pausedStartMicros = this.#trafficStartMicros;
    this.#trafficStartMicros = Number.POSITIVE_INFINITY; // nothing is due, at no cost to a turn
    this.#arrivalsDueMicros = Number.POSITIVE_INFINITY;
    this.counters[DriverCounter.messagesBacklog] = 0;
  }

  /**
   * Ends a pause. What was due in it, and all that follows, is due later by its length: nothing is left out, nothing
   * comes in a burst, and no latency includes the pause.
   *
   * @param pausedMicros length of the pause, the same for all lanes, so that their schedules stay aligned.
   */
  resumeLoad(pausedMicros: number): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#trafficStartMicros = this.#pausedStartMicros + pausedMicros;
    this.#arriving.postpone(pausedMicros);
    this.#arrivalsDueMicros = 0;
  }

  /**
   * Changes the rate of messages to another constant, with a new schedule. Messages that were due by the old
   * schedule and are unsent are dropped; sent messages are still answered.
   */
  changeMessages(perSecond: number, startMicros: number): void {
    assert(!this.#isPaused, 'the rate of messages changes only in runs without pauses');
    const stream = Stream.CHANGED_MESSAGES + this.#sendingChanges++;
    this.#sending = messageSchedule(this.#state.settings, stream, Arrivals.constant(perSecond));
    this.#sendingStartMicros = startMicros - this.#trafficStartMicros;
    this.#trafficDueMicros = 0;
    this.#trafficWakeMicros = 0;
    this.counters[DriverCounter.messagesBacklog] = 0;
  }

  /** From now on phones leave `factor` times as often as the settings say, where they leave by one rate for all. */
  changeDepartures(factor: number, startMicros: number): void {
    if (this.#leaving === undefined) return;
    const stream = Stream.CHANGED_DEPARTURES + this.#leavingChanges++;
    this.#leaving = departures(this.#state.settings, stream, factor);
    this.#leavingStartMicros = startMicros - this.#trafficStartMicros;
    this.#trafficDueMicros = 0;
    this.#trafficWakeMicros = 0;
  }

  /** Stops messages and departures; messages in flight are still answered. */
  stopTraffic(): void {
    this.#trafficStopped = true;
    this.counters[DriverCounter.messagesBacklog] = 0;
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
      ...(this.#state.sessionEnds?.ledger(used) ?? []),
      ...(this.#state.groups?.ledger() ?? []),
      ...(this.#state.messagePlan.kinds === undefined ? [] : [this.#state.messagePlan.kinds.ledger()]),
      this.#logins.ledger(),
      ...(this.#state.storms === undefined ? [] : [this.#state.storms.ledger()]),
      ...this.#state.protocol.ledger(used),
    ];
  }

  hasInput(): boolean {
    return this.#state.parts.transport.hasInput();
  }

  /** Whole microseconds until something is due, from 0 to `microsMax`. */
  untilDueMicros(microsMax: number): number {
    this.#state.parts.clock.tell(this.#clock);
    const logins = this.#logins;
    const { nowMicros, owed, unsent } = this.#state;
    const presence = this.#presence;
    const due = Math.min(
      this.#arrivalsDueMicros,
      logins.retryDueMicros[0] as number, // its first place, here and below
      logins.returnDueMicros[0] as number,
      presence.returnDueMicros,
      this.#trafficStopped ? Number.POSITIVE_INFINITY : this.#trafficStartMicros + this.#trafficWakeMicros,
      owed.length + unsent.length === 0 && !presence.waits ? Number.POSITIVE_INFINITY : nowMicros + WAIT_MICROS,
      this.#stormDueMicros(),
    );
    const until = Math.min(due, this.#pacedDueMicros()) - (this.#clock[0] as number);
    return until >= microsMax ? microsMax | 0 : Math.max(0, until) | 0;
  }

  /** Does the work that is due. @returns how much it did, 0 for nothing. */
  doWork(): number {
    const state = this.#state;
    state.tellTime();
    let done = state.parts.transport.poll(this.#events, EVENTS_MAX);
    done += this.#payOwed();
    for (let n = 0; n < this.#heartbeats.length; n++)
      done += (this.#heartbeats[n] as HeartbeatRound).doWork(EVENTS_MAX);
    done += this.#logins.doWork(EVENTS_MAX) + this.#presence.doWork();
    if (state.nowMicros >= this.#arrivalsDueMicros) done += this.#arrive();
    if (state.nowMicros >= this.#trafficStartMicros + this.#trafficDueMicros && !this.#trafficStopped)
      done += this.#traffic();
    if (state.sessionEnds !== undefined) done += this.#endSessions(state.sessionEnds);
    if (state.storms !== undefined && !this.#trafficStopped)
      done += state.storms.doWork(state.nowMicros, this.#trafficStartMicros, this.#victims);
    this.#sweep.doWork();
    this.counters[DriverCounter.messagesUnanswered] = state.inFlight.unanswered;
    state.parts.transport.flush();
    return done;
  }

  /** When heartbeats and ends of sessions are due next. */
  #pacedDueMicros(): number {
    const { sessionEnds } = this.#state;
    let due = Number.POSITIVE_INFINITY;
    for (let n = 0; n < this.#heartbeats.length; n++)
      due = Math.min(due, (this.#heartbeats[n] as HeartbeatRound).dueMicros[0] as number); // its only, here and below
    return sessionEnds === undefined
      ? due
      : Math.min(due, this.#trafficStartMicros + (sessionEnds.dueMicros[0] as number));
  }

  /** Phones whose session is over leave, and those whose absence is over return. */
  #endSessions(ends: SessionEnds): number {
    ends.advance(this.#state.nowMicros - this.#trafficStartMicros);
    let done = 0;
    for (let row = ends.take(); row !== NO_ROW; row = ends.take()) {
      this.#logins.over(row, ends, !this.#trafficStopped);
      if (++done === EVENTS_MAX) break;
    }
    return done;
  }

  #stormDueMicros(): number {
    const { storms } = this.#state;
    if (storms === undefined || this.#trafficStopped) return Number.POSITIVE_INFINITY;
    return this.#trafficStartMicros + storms.dueMicros;
  }

  #arrive(): number {
    const { nowMicros, settings } = this.#state;
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

  #traffic(): number {
    const sending = this.#sending;
    const leaving = this.#leaving;
    let done = this.#send();
    if (leaving !== undefined) done += this.#leave(leaving, false);
    if (this.#duplicating !== undefined) done += this.#leave(this.#duplicating, true);
    const elapsed = this.#state.nowMicros - this.#trafficStartMicros;
    if (this.#groupChanges !== undefined) done += this.#groupChanges.doWork(elapsed, EVENTS_MAX);
    done += this.#presence.background(this.#trafficStartMicros);
    const sendingDue = this.#sendingStartMicros + (sending.first[0] as number); // its only, here and below
    const leavingDue = Math.min(
      leaving === undefined ? Number.POSITIVE_INFINITY : this.#leavingStartMicros + (leaving.first[0] as number),
      this.#duplicating === undefined ? Number.POSITIVE_INFINITY : (this.#duplicating.first[0] as number),
    );
    const othersDue = Math.min(
      leavingDue,
      this.#presence.backgroundDueMicros,
      this.#groupChanges === undefined ? Number.POSITIVE_INFINITY : (this.#groupChanges.first[0] as number),
    );
    this.#trafficDueMicros = Math.min(sendingDue, othersDue);
    // Messages of a phone whose window is full wait for an answer, which wakes the lane.
    this.#trafficWakeMicros = this.#windowsFull
      ? Math.min(elapsed + WAIT_MICROS, this.#sendingStartMicros + this.#sendingAfterMicros, othersDue)
      : this.#trafficDueMicros;
    this.counters[DriverCounter.messagesBacklog] =
      sendingDue > elapsed ? 0 : sending.backlog(elapsed - this.#sendingStartMicros);
    return done;
  }

  #send(): number {
    const { population } = this.#state.settings;
    const sending = this.#sending;
    const startMicros = this.#trafficStartMicros + this.#sendingStartMicros;
    const untilMicros = this.#state.nowMicros - startMicros;
    const { times } = sending;
    let done = 0;
    let windowsFull = false;
    let isWithoutRoom = false;
    for (let cell = 0; cell < sending.cells && done < EVENTS_MAX; cell++) {
      while ((times[cell] as number) <= untilMicros && done < EVENTS_MAX) {
        const row = population.row(cell, sending.offset(cell));
        const dueMicros = startMicros + (times[cell] as number); // a time for each cell
        const outcome = this.#messages.send(row, dueMicros | 0, (dueMicros / WORD_MICROS) | 0);
        if (outcome === SendOutcome.WINDOW_FULL) windowsFull = true;
        if (outcome === SendOutcome.LATER) isWithoutRoom = true;
        if (outcome >= SendOutcome.LATER) break; // the phones of other cells need not wait
        sending.advance(cell);
        done++;
      }
    }
    sending.findFirst();
    this.#windowsFull = windowsFull && !isWithoutRoom;
    if (this.#windowsFull) {
      let after = Number.POSITIVE_INFINITY;
      for (let cell = 0; cell < sending.cells; cell++) {
        const time = times[cell] as number;
        if (time > untilMicros && time < after) after = time;
      }
      this.#sendingAfterMicros = after;
    }
    return done;
  }

  /** @param isDuplicate whether the phones connect again at once, and leave nothing. */
  #leave(leaving: CellSchedule, isDuplicate: boolean): number {
    const { population } = this.#state.settings;
    const startMicros = this.#trafficStartMicros + (isDuplicate ? 0 : this.#leavingStartMicros);
    const untilMicros = this.#state.nowMicros - startMicros;
    const { departureMicros } = this.#logins;
    const { times } = leaving;
    let done = 0;
    for (let cell = 0; cell < leaving.cells; cell++) {
      while ((times[cell] as number) <= untilMicros && done < EVENTS_MAX) {
        departureMicros[0] = startMicros + (times[cell] as number); // a time for each cell
        const row = population.row(cell, leaving.offset(cell));
        if (isDuplicate) this.#logins.connectAgain(row);
        else this.#logins.depart(row);
        leaving.advance(cell);
        done++;
      }
    }
    leaving.findFirst();
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
    if (isLeaving(state)) return this.#logins.tryHangUp(row);
    if (state === PhoneState.CONNECTING && phones.connection(row) !== NO_CONNECTION) return this.#logins.logIn(row);
    if (!phones.owesAnswer(row) || (state !== PhoneState.ONLINE && state !== PhoneState.LOGGING_IN)) return true;
    if (!protocol.answer(row, phones.connection(row), phones.lastSequence(row))) return false;
    phones.setOwesAnswer(row, false);
    return true;
  }
}

/** The schedule of messages of the lane's active phones. */
function messageSchedule(settings: LaneSettings, stream: number, arrivals: Arrivals): CellSchedule {
  const { population, lane, seed, messagePacing } = settings;
  const senders = Math.min(settings.activePhones, population.online);
  return new CellSchedule(seed, stream, arrivals, messagePacing, population, lane, senders);
}

/** The phones of a lane leave one by one, each after a session of exponential length. */
function departures(settings: LaneSettings, stream: number, factor: number): CellSchedule {
  const { population, lane, seed } = settings;
  const perSecond = (population.online / settings.sessionMicros) * MICROS_PER_SECOND * factor;
  const arrivals = Arrivals.constant(perSecond);
  return new CellSchedule(seed, stream, arrivals, 'poisson', population, lane, population.online);
}

/** Phones that are online and connect a second time; undefined if none do. */
function duplicateConnects(settings: LaneSettings): CellSchedule | undefined {
  const { population, lane, seed, misfits } = settings;
  if (misfits === undefined || misfits.duplicateConnectsPerSecond === 0) return undefined;
  const arrivals = Arrivals.constant(misfits.duplicateConnectsPerSecond);
  return new CellSchedule(seed, Stream.DUPLICATE_CONNECTS, arrivals, 'poisson', population, lane, population.online);
}
