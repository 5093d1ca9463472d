/**
 * The traffic of a lane: messages, departures, duplicate connects, changes of groups, and phones that go to the
 * background.
 *
 * Each kind has a schedule whose due times follow from the seed, counted from the start of traffic. A pause moves that
 * start by its length, so all schedules stay aligned. A change of a rate begins another schedule, which knows when it
 * began.
 */
import { assert } from '../base/assert.ts';
import { earlierDepartures } from './earlier-departures.ts';
import { GroupChanges } from './group-changes.ts';
import { HotSenders } from './groups/hot-senders.ts';
import type { PhoneDepartures } from './phone-departures.ts';
import { type PhoneMessages, SendOutcome } from './phone-messages.ts';
import type { PhonePresence } from './phone-presence.ts';
import { CellSchedule } from './schedules/cell-schedule.ts';
import type { LaneSettings } from './state/lane-settings.ts';
import type { LaneState } from './state/lane-state.ts';
import { Arrivals } from './terms/arrivals.ts';
import { DriverCounter } from './terms/driver-counters.ts';
import { WORD_MICROS } from './terms/elapsed-micros.ts';
import { CELLS } from './terms/population.ts';
import { scaledZones, type ZoneArrivals } from './terms/zone-arrivals.ts';

const MICROS_PER_SECOND = 1e6;
/** Delay between two attempts that wait for room: much shorter than a sleep, much longer than a turn. */
export const WAIT_MICROS = 2000;
/**
 * After so many messages in a row without room, each of which reads a phone, a lane waits before it tries again.
 * Otherwise a lane of an overloaded switch could not read the answers in time that make room.
 */
const REFUSALS_MAX = 16;
/** How long it waits: a fraction of what a full ring takes to be read. */
const RETRY_MICROS = 250;
/** Messages that are read ahead together. */
const READ_AHEAD = 64;
/**
 * Streams of random numbers. A schedule that a change begins takes the one behind its predecessor's, from CHANGED on.
 */
const Stream = {
  MESSAGES: 2,
  DEPARTURES: 3,
  CHANGED_MESSAGES: 4,
  DUPLICATE_CONNECTS: 0x4d53,
  CHANGED_DEPARTURES: 1_000_000,
} as const;

export class LaneTraffic {
  /**
   * When traffic began or begins; Infinity before that is known, and in a pause. In an array, so that reading allocates
   * nothing.
   */
  readonly startMicros = Float64Array.of(Number.POSITIVE_INFINITY);
  isStopped = false;
  isPaused = false;
  readonly #state: LaneState;
  readonly #departures: PhoneDepartures;
  readonly #messages: PhoneMessages;
  readonly #presence: PhonePresence;
  #sending: CellSchedule;
  /** Who sends to the hot group; undefined if no group is hot. */
  readonly #hotSenders: HotSenders | undefined;
  #leaving: CellSchedule | undefined;
  /** Departures before traffic, which take place when it begins, before all others; undefined after that. */
  #earlier: CellSchedule | undefined;
  /** Phones that connect a second time. */
  readonly #duplicating: CellSchedule | undefined;
  readonly #groupChanges: GroupChanges | undefined;
  /** When the next event is due, in elapsed time of traffic. */
  #dueMicros = 0;
  /** The cells that have messages due in the present turn. */
  readonly #dueCells = new Int32Array(CELLS);
  /** For those that are next, the row of the phone that sends, and then where its message will be entered. */
  readonly #dueWords = new Int32Array(READ_AHEAD);
  /** No message is tried before this elapsed time, since there was no room. */
  #retryMicros = 0;
  /** The cell that is tried first, so that each has its turn where there is no room for all. */
  #firstCell = 0;
  /** As {@link #dueMicros}, without due messages that wait for an answer to their phone: the answer wakes the lane. */
  #wakeMicros = 0;
  /** Whether all due messages that are unsent wait for an answer to their phone. */
  #windowsFull = false;
  /** If so, when the next further message is due, in elapsed time of its schedule. */
  #sendingAfterMicros = 0;
  /** While paused: when traffic began, or is to begin. */
  #pausedStartMicros = Number.POSITIVE_INFINITY;

  constructor(state: LaneState, departures: PhoneDepartures, messages: PhoneMessages, presence: PhonePresence) {
    const { settings, parts } = state;
    this.#state = state;
    this.#departures = departures;
    this.#messages = messages;
    this.#presence = presence;
    this.#sending = messageSchedule(settings, Stream.MESSAGES, settings.messagesByZone ?? settings.messages, 0);
    if (Number.isFinite(settings.sessionMicros)) {
      this.#leaving = departureSchedule(settings, Stream.DEPARTURES, 1, 0);
      this.#earlier = earlierDepartures(settings);
    }
    this.#duplicating = duplicateConnects(settings);
    this.#hotSenders = hotSenders(state);
    const { groups } = settings;
    if (groups !== undefined) this.#groupChanges = new GroupChanges(settings, groups, parts.counters, messages);
  }

  /** When the lane has to wake for traffic, on its clock. */
  get wakeMicros(): number {
    return this.isStopped ? Number.POSITIVE_INFINITY : (this.startMicros[0] as number) + this.#wakeMicros; // its only element, as below
  }

  /**
   * Whether phones are still to leave that have left before traffic: whoever leaves now is not to come back before they
   * have.
   */
  get isBeginning(): boolean {
    return this.#earlier !== undefined && !this.isStopped && !this.isPaused;
  }

  /** Events are due from this time on. */
  start(startMicros: number): void {
    if (this.isPaused) this.#pausedStartMicros = startMicros;
    else this.startMicros[0] = startMicros;
  }

  /** Nothing is due until {@link resume}, at no cost to a turn. */
  pause(): void {
    if (this.isPaused) return;
    this.isPaused = true;
    this.#pausedStartMicros = this.startMicros[0] as number;
    this.startMicros[0] = Number.POSITIVE_INFINITY;
    this.#setBacklog(0);
  }

  /** Ends a pause of this length. */
  resume(pausedMicros: number): void {
    this.isPaused = false;
    this.startMicros[0] = this.#pausedStartMicros + pausedMicros;
  }

  /** See Lane.changeMessages. */
  changeMessages(perSecond: number, startMicros: number): void {
    assert(!this.isPaused, 'the rate of messages changes only in runs without pauses');
    const stream = streamAfter(this.#sending, Stream.CHANGED_MESSAGES);
    const elapsed = startMicros - (this.startMicros[0] as number);
    this.#sending = messageSchedule(this.#state.settings, stream, Arrivals.constant(perSecond), elapsed);
    this.#lookAgain();
    this.#setBacklog(0);
  }

  /** See Lane.changeDepartures. */
  changeDepartures(factor: number, startMicros: number): void {
    const elapsed = startMicros - (this.startMicros[0] as number);
    for (const ends of this.#state.sessionEnds) ends.changeSpeed(factor, elapsed);
    this.#presence.changeBackgrounds(factor, elapsed);
    this.#lookAgain();
    if (this.#leaving === undefined) return;
    const stream = streamAfter(this.#leaving, Stream.CHANGED_DEPARTURES);
    this.#leaving = departureSchedule(this.#state.settings, stream, factor, elapsed);
  }

  /** Nothing is due any more. */
  stop(): void {
    this.isStopped = true;
    this.#setBacklog(0);
  }

  /** Does what is due, at most so much of each kind. @returns how much that was. */
  doWork(eventsMax: number): number {
    const { nowMicros } = this.#state;
    const startMicros = this.startMicros[0] as number;
    if (this.isStopped || nowMicros < startMicros + this.#dueMicros) return 0;
    const elapsed = nowMicros - startMicros;
    let done = elapsed < this.#retryMicros ? 0 : this.#send(eventsMax);
    if (this.#earlier !== undefined) {
      done += this.#leave(this.#earlier, false, eventsMax);
      if (dueMicros(this.#earlier) === Number.POSITIVE_INFINITY) this.#earlier = undefined;
    }
    if (this.#earlier === undefined && this.#leaving !== undefined)
      done += this.#leave(this.#leaving, false, eventsMax);
    if (this.#duplicating !== undefined) done += this.#leave(this.#duplicating, true, eventsMax);
    if (this.#groupChanges !== undefined) done += this.#groupChanges.doWork(elapsed, eventsMax);
    done += this.#presence.background(startMicros);
    this.#findNext(elapsed);
    return done;
  }

  /** Finds out when the next event is due, and how many messages wait. */
  #findNext(elapsed: number): void {
    const sending = this.#sending;
    const sendingDue = dueMicros(sending);
    const othersDue = Math.min(
      dueMicros(this.#earlier ?? this.#leaving),
      dueMicros(this.#duplicating),
      this.#presence.backgroundDueMicros,
      this.#groupChanges === undefined ? Number.POSITIVE_INFINITY : (this.#groupChanges.first[0] as number),
    );
    this.#dueMicros = Math.min(Math.max(sendingDue, this.#retryMicros), othersDue);
    // Messages of a phone whose window is full wait for an answer, which wakes the lane.
    this.#wakeMicros = this.#windowsFull
      ? Math.min(elapsed + WAIT_MICROS, sending.startMicros + this.#sendingAfterMicros, othersDue)
      : this.#dueMicros;
    this.#setBacklog(sendingDue > elapsed ? 0 : sending.backlog(elapsed - sending.startMicros));
  }

  /**
   * Sends what is due, in rounds: one message per cell in each. Where more is due than can be sent, all phones are late
   * by as much then, and each message is read ahead before it is sent.
   */
  #send(eventsMax: number): number {
    const { population } = this.#state.settings;
    const sending = this.#sending;
    const startMicros = (this.startMicros[0] as number) + sending.startMicros;
    const untilMicros = this.#state.nowMicros - startMicros;
    const { times } = sending;
    const cells = this.#dueCells;
    let left = this.#findDue(sending, untilMicros);
    let done = 0;
    let windowsFull = false;
    let isWithoutRoom = false;
    let refusals = 0;
    while (left > 0 && done < eventsMax && refusals < REFUSALS_MAX) {
      let kept = 0;
      let tried = 0;
      for (; tried < left && done < eventsMax && refusals < REFUSALS_MAX; tried++) {
        if (tried % READ_AHEAD === 0) this.#readAhead(sending, tried, Math.min(left, tried + READ_AHEAD));
        const cell = cells[tried] as number; // of those that are due
        const drawn = population.row(cell, sending.offset(cell));
        const row = this.#hotSenders === undefined ? drawn : this.#hotSenders.rowFor(cell, drawn);
        const dueMicros = startMicros + (times[cell] as number); // a time for each cell
        const outcome = this.#messages.send(row, dueMicros | 0, (dueMicros / WORD_MICROS) | 0);
        if (outcome === SendOutcome.WINDOW_FULL) windowsFull = true;
        refusals = outcome === SendOutcome.LATER ? refusals + 1 : 0;
        if (outcome === SendOutcome.LATER) isWithoutRoom = true;
        if (outcome >= SendOutcome.LATER) continue; // the phones of other cells need not wait
        sending.advance(cell);
        this.#hotSenders?.advance(cell);
        done++;
        if ((times[cell] as number) <= untilMicros) cells[kept++] = cell;
      }
      if (tried < left) this.#firstCell = cells[tried] as number; // not tried, so still there
      left = kept;
    }
    sending.findFirst();
    if (refusals === REFUSALS_MAX) this.#retryMicros = sending.startMicros + untilMicros + RETRY_MICROS;
    this.#windowsFull = windowsFull && !isWithoutRoom;
    if (this.#windowsFull) this.#findSendingAfter(untilMicros);
    return done;
  }

  /** Finds the cells with messages that are due, from the first one on. @returns how many there are. */
  #findDue(sending: CellSchedule, untilMicros: number): number {
    const { times } = sending;
    const cells = this.#dueCells;
    let due = 0;
    let next = this.#firstCell;
    for (let n = 0; n < sending.cells; n++) {
      const cell = next;
      next = cell + 1 === sending.cells ? 0 : cell + 1;
      if ((times[cell] as number) <= untilMicros) cells[due++] = cell; // a time for each cell
    }
    return due;
  }

  /**
   * Reads the rows of the phones of some due cells, and where their messages will be entered, each in a loop that does
   * nothing else: all that is read arrives together then.
   */
  #readAhead(sending: CellSchedule, from: number, to: number): void {
    const { settings, phones, inFlight } = this.#state;
    const words = this.#dueWords;
    const count = to - from;
    for (let n = 0; n < count; n++) {
      const cell = this.#dueCells[from + n] as number; // of those that are due
      words[n] = settings.population.row(cell, sending.offset(cell));
    }
    phones.prefetchAll(words, count);
    inFlight.prefetchCounts(words, count);
    for (let n = 0; n < count; n++) {
      const row = words[n] as number; // as above
      words[n] = inFlight.firstWord(row, phones.lastNumber(row) + 1);
    }
    inFlight.prefetchAll(words, count);
  }

  /** Finds out when the first message after this time is due. */
  #findSendingAfter(untilMicros: number): void {
    const { times, cells } = this.#sending;
    let after = Number.POSITIVE_INFINITY;
    for (let cell = 0; cell < cells; cell++) {
      const time = times[cell] as number; // a time for each cell
      if (time > untilMicros && time < after) after = time;
    }
    this.#sendingAfterMicros = after;
  }

  /**
   * Lets phones leave in the order of their times, as they are to return.
   * @param isDuplicate whether the phones connect again at once, and leave nothing.
   */
  #leave(leaving: CellSchedule, isDuplicate: boolean, eventsMax: number): number {
    const { population } = this.#state.settings;
    const startMicros = (this.startMicros[0] as number) + leaving.startMicros;
    const untilMicros = this.#state.nowMicros - startMicros;
    const { first } = leaving;
    let done = 0;
    for (; done < eventsMax && (first[0] as number) <= untilMicros; done++) {
      const cell = leaving.firstCell;
      this.#departures.dueMicros[0] = startMicros + (first[0] as number); // its only element
      const row = population.row(cell, leaving.offset(cell));
      if (isDuplicate) this.#departures.connectAgain(row);
      else this.#departures.depart(row);
      leaving.advance(cell);
      leaving.findFirst();
    }
    return done;
  }

  /** A schedule has changed: something may be due now. */
  #lookAgain(): void {
    this.#dueMicros = 0;
    this.#wakeMicros = 0;
  }

  #setBacklog(messages: number): void {
    this.#state.parts.counters[DriverCounter.messagesBacklog] = messages;
  }
}

/** When a schedule has its next event, in elapsed time of traffic. */
function dueMicros(schedule: CellSchedule | undefined): number {
  return schedule === undefined ? Number.POSITIVE_INFINITY : schedule.startMicros + (schedule.first[0] as number); // its only element
}

/** The stream of the schedule that takes the place of this one; `first` for the first change. */
function streamAfter(schedule: CellSchedule, first: number): number {
  return Math.max(first, schedule.stream + 1);
}

/** The schedule of messages of the lane's active phones. */
function messageSchedule(
  settings: LaneSettings,
  stream: number,
  arrivals: Arrivals | ZoneArrivals,
  startMicros: number,
): CellSchedule {
  const { population, lane, seed, messagePacing: pacing } = settings;
  const phones = Math.min(settings.activePhones, population.online);
  return new CellSchedule({ seed, stream, arrivals, pacing, population, lane, phones, startMicros });
}

/**
 * The phones of a lane leave one by one, each after a session of exponential length; after a change at a constant rate.
 */
function departureSchedule(settings: LaneSettings, stream: number, factor: number, startMicros: number): CellSchedule {
  const { population, lane, seed } = settings;
  const perSecond = (population.online / settings.sessionMicros) * MICROS_PER_SECOND * factor;
  const times = perSecond / MICROS_PER_SECOND;
  const { churnTime, churnByZone } = settings;
  const changing = churnByZone === undefined ? churnTime?.scaled(times) : scaledZones(churnByZone, times);
  const arrivals = (startMicros === 0 ? changing : undefined) ?? Arrivals.constant(perSecond);
  const phones = population.online;
  return new CellSchedule({ seed, stream, arrivals, pacing: 'poisson', population, lane, phones, startMicros });
}

/** Phones that are online and connect a second time; undefined if none do. */
function duplicateConnects(settings: LaneSettings): CellSchedule | undefined {
  const { population, lane, seed, misfits } = settings;
  if (misfits === undefined || misfits.duplicateConnectsPerSecond === 0) return undefined;
  const arrivals = Arrivals.constant(misfits.duplicateConnectsPerSecond);
  const phones = population.online;
  const stream = Stream.DUPLICATE_CONNECTS;
  return new CellSchedule({ seed, stream, arrivals, pacing: 'poisson', population, lane, phones });
}

/** The members of the hot group in a lane; undefined if no group is hot. */
function hotSenders({ groups, settings }: LaneState): HotSenders | undefined {
  if (groups?.hot === undefined) return undefined;
  return new HotSenders(groups.hot, settings.population, settings.lane);
}
