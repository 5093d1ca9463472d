/**
 * Presence and typing of simulated phones: says what they watch, sends them to the background, and checks what they
 * hear.
 *
 * A phone watches its first contacts, from each login on. All that is kept of what it knows are two bits for each, a
 * {@link Known}. A notice about anybody else is a stranger's, and one that no account can have is corrupted; both are
 * findings, like those of messages.
 *
 * Phones go to the background in one aggregate process over all of them, and come back after a fixed time, which a
 * queue keeps for those that are there now.
 */
import { count } from '../base/counters.ts';
import type { LedgerEntry } from '../base/ledger-entry.ts';
import { mixPair } from '../base/pseudo-random.ts';
import { byteColumn, PLAIN_MEMORY } from '../base/table-memory.ts';
import { NO_ACCOUNT } from '../wire/numbering-plan.ts';
import { LAST_SEEN_UNKNOWN } from '../wire/presence-frames.ts';
import { CHANGE_UNKNOWN, RecentChanges } from './presence/recent-changes.ts';
import { CellSchedule } from './schedules/cell-schedule.ts';
import type { LaneState } from './state/lane-state.ts';
import { DelayLine } from './tables/delay-line.ts';
import { OwedActions } from './tables/owed-actions.ts';
import { PhoneState } from './tables/phone-table.ts';
import { Arrivals } from './terms/arrivals.ts';
import { DriverCounter } from './terms/driver-counters.ts';
import { CELLS } from './terms/population.ts';

/** Streams of random numbers: of who goes to the background, and of that after the first change of the rate. */
const BACKGROUND_STREAM = 0x4247;
const CHANGED_BACKGROUND_STREAM = 2_000_000;
const TYPING_SALT = 0x5459;
const WATCHER_SALT = 0x5741;
/** Most phones per turn, of each kind. */
const EVENTS_MAX = 256;
/** Rows that one turn examines for phones that found the queue full: fewer than it holds. */
const LOOKS_MAX = 4096;
/** Places in the queue of phones in the background, in addition to twice the expected number. */
const BACKGROUND_SLACK = 1024;
/** What a phone knows of a contact that it watches, since its login. */
const Known = {
  /** The phone has not said yet that it watches the contact. */
  UNSAID: 0,
  UNAVAILABLE: 1,
  /** The phone has said so, and no notice has come. */
  SAID: 2,
  AVAILABLE: 3,
} as const;
const KNOWN_BITS = 2;
const KNOWN_MASK = 3;
/** The switch counts seconds since an account was available up to here. */
const LAST_SEEN_SECONDS_MAX = 65_535;

export class PhonePresence {
  readonly #state: LaneState;
  /** By row, a {@link Known} for each watched contact. */
  readonly #known: Uint8Array;
  readonly #changes: RecentChanges;
  /**
   * Phones that have not said what they watch, for lack of room. Those that find the queue full are found by a scan.
   */
  readonly #unsaid = new OwedActions();
  /** The row at which that scan goes on; 0 if there is none. */
  #lookAt = 0;
  #leaving: CellSchedule | undefined;
  /** Rows of phones that are due to leave for the background. */
  readonly #dueRows = new Int32Array(CELLS);
  readonly #returning: DelayLine;
  /** Whether the first of them is due and has found no room to say that it is in use again. */
  #isReturnBlocked = false;
  /** Share of messages after typing, of 2^32. */
  readonly #typing: number;
  #prefetched = 0;

  constructor(state: LaneState) {
    const { settings, parts, phones } = state;
    const { watch, backgroundsPerSecond, backgroundMicros, typingShare } = settings.presence;
    this.#state = state;
    this.#known = byteColumn(watch > 0 ? phones.rows : 0, parts.tables ?? PLAIN_MEMORY);
    this.#changes = new RecentChanges(watch > 0);
    this.#typing = typingShare * 2 ** 32;
    if (backgroundsPerSecond > 0) this.#leaving = this.#backgrounds(BACKGROUND_STREAM, 1, 0);
    const mean = ((backgroundsPerSecond * backgroundMicros) / 1e6 / settings.population.lanes) | 0;
    this.#returning = new DelayLine(2 * mean + BACKGROUND_SLACK);
  }

  ledger(rowsUsed: number): LedgerEntry[] {
    if (this.#known.length === 0) return [];
    const bytes = this.#changes.bytes + this.#returning.bytes + this.#unsaid.bytes;
    const own = { owner: 'driver', isApart: true } as const;
    return [
      { ...own, name: 'presence of contacts', bytes: this.#known.byteLength, rowBytes: 1, rowsUsed },
      { ...own, name: 'queues of presence', bytes, rowBytes: 0, rowsUsed: 0 },
    ];
  }

  /** When the next phone goes to the background, in elapsed time of traffic. */
  get backgroundDueMicros(): number {
    const leaving = this.#leaving;
    return leaving === undefined ? Number.POSITIVE_INFINITY : leaving.startMicros + (leaving.first[0] as number); // its only element
  }

  /** When the next phone comes back from it; Infinity if it is due and only waits for room. */
  get returnDueMicros(): number {
    return this.#isReturnBlocked ? Number.POSITIVE_INFINITY : (this.#returning.first[0] as number); // its first place
  }

  /** Whether phones wait for room. */
  get waits(): boolean {
    return this.isUnsaid || this.#isReturnBlocked;
  }

  /** Whether phones have not said what they watch, for lack of room, or may not have. */
  get isUnsaid(): boolean {
    return this.#unsaid.length > 0 || this.#unsaid.wasFull || this.#lookAt > 0;
  }

  /** Reads what the first phones of a list of rows know, which is needed soon, as PhoneTable does. */
  prefetchAll(list: Int32Array, count: number): void {
    const known = this.#known;
    if (known.length === 0) return;
    let sum = 0;
    for (let n = 0; n < count; n++) sum ^= known[list[n] as number] as number; // count is within the list
    this.#prefetched ^= sum;
  }

  /** A phone says LOGIN. */
  logsIn(row: number): void {
    this.#changed(row, true);
  }

  /** A phone ends its session. @param isHeard whether the switch learns of it at once. */
  leaves(row: number, isHeard: boolean): void {
    if (isHeard) this.#changed(row, false);
    else this.#changes.remove(row);
  }

  /** The login of a phone is accepted: it says what it watches. */
  loggedIn(row: number): void {
    if (this.#known.length === 0) return;
    count(this.#state.parts.counters, DriverCounter.presenceChanges);
    const phone = this.#state.phoneAt(row);
    if (!this.#isWatcher(phone) || !this.#state.speaksMinor1(phone)) return; // nobody looks at what it knows
    this.#known[row] = Known.UNSAID; // of all contacts
    if (!this.#watch(row)) this.#unsaid.push(row);
  }

  /** Before a message: says that the user is typing, if the seed has it so, and there is room. */
  beforeMessage(row: number, phone: number, number: number): void {
    if (this.#typing === 0 || !this.#state.speaksMinor1(phone)) return;
    const { phones, protocol, settings, parts, messagePlan } = this.#state;
    if (mixPair(mixPair(settings.seed ^ TYPING_SALT, phone), number) >>> 0 >= this.#typing) return;
    const recipient = messagePlan.recipientOf(phone, number);
    if (recipient >= settings.population.phones) return; // a group
    if (protocol.presence?.typing(row, phones.connection(row), recipient) === true)
      count(parts.counters, DriverCounter.typingSent);
  }

  /** Checks a notice about an account. @param lastSeenSeconds for how long it has been unavailable. */
  notice(row: number, account: number, isAvailable: boolean, lastSeenSeconds: number): void {
    const { parts, findings } = this.#state;
    const { counters } = parts;
    const phone = this.#state.phoneAt(row);
    const isPossible = isAvailable
      ? lastSeenSeconds === 0
      : lastSeenSeconds === LAST_SEEN_UNKNOWN || lastSeenSeconds <= LAST_SEEN_SECONDS_MAX;
    if (account === NO_ACCOUNT || !isPossible) {
      findings.count('corrupted', account, phone, 0);
      return;
    }
    const contact = this.#contactOf(phone, account);
    if (contact < 0) {
      findings.count('stranger', account, phone, 0);
      return;
    }
    count(counters, DriverCounter.presenceNotices);
    const before = this.#knownOf(row, contact);
    const now = isAvailable ? Known.AVAILABLE : Known.UNAVAILABLE;
    if (before === Known.UNSAID || before === Known.SAID) count(counters, DriverCounter.presenceAnswers);
    else if (before === now) count(counters, DriverCounter.presenceRepeated);
    else this.#measure(account, isAvailable);
    if (before !== Known.UNSAID) this.#setKnown(row, contact, now); // otherwise it has still to be said
  }

  refused(): void {
    count(this.#state.parts.counters, DriverCounter.watchesRefused);
  }

  typed(row: number, sender: number): void {
    const { parts, findings } = this.#state;
    count(parts.counters, DriverCounter.typingReceived);
    if (sender !== NO_ACCOUNT) return;
    findings.count('corrupted', sender, this.#state.phoneAt(row), 0);
  }

  /** Does what is due beside traffic: phones come back, and say what found no room. @returns how much it did. */
  doWork(): number {
    let done = 0;
    if (this.#unsaid.length === 0 && (this.#unsaid.wasFull || this.#lookAt > 0)) done = this.#findUnsaid();
    for (let n = Math.min(this.#unsaid.length, EVENTS_MAX); n > 0; n--) {
      const row = this.#unsaid.first();
      if (this.#isOnline(row) && !this.#watch(row)) break;
      this.#unsaid.shift();
      done++;
    }
    const { nowMicros } = this.#state;
    for (; done < EVENTS_MAX && (this.#returning.first[0] as number) <= nowMicros; done++) {
      const row = this.#returning.row();
      this.#isReturnBlocked = !this.#say(row, true) && this.#isOnline(row);
      if (this.#isReturnBlocked) break;
      this.#returning.shift();
    }
    return done;
  }

  /**
   * From now on phones go to the background `factor` times as often as the settings say.
   * @param elapsedMicros since the start of traffic.
   */
  changeBackgrounds(factor: number, elapsedMicros: number): void {
    if (this.#leaving === undefined) return;
    const stream = Math.max(CHANGED_BACKGROUND_STREAM, this.#leaving.stream + 1);
    this.#leaving = this.#backgrounds(stream, factor, elapsedMicros);
  }

  /** Sends phones to the background that are due. @param trafficMicros when traffic began. @returns how many. */
  background(trafficMicros: number): number {
    const leaving = this.#leaving;
    if (leaving === undefined) return 0;
    const { nowMicros, settings } = this.#state;
    const startMicros = trafficMicros + leaving.startMicros;
    const untilMicros = nowMicros - startMicros;
    let done = 0;
    this.#readAhead(leaving, untilMicros);
    for (let cell = 0; cell < leaving.cells; cell++) {
      // There is a time for each cell.
      while ((leaving.times[cell] as number) <= untilMicros && done < EVENTS_MAX) {
        const row = settings.population.row(cell, leaving.offset(cell));
        // From now, not from its due time: those of one turn are not sorted by that, and the queue has to be.
        this.#returning.next[0] = nowMicros + settings.presence.backgroundMicros;
        this.#returning.next[1] = 0;
        if (this.#say(row, false) && !this.#returning.push(row, 0)) this.#say(row, true); // the queue is full
        leaving.advance(cell);
        done++;
      }
    }
    leaving.findFirst();
    return done;
  }

  /** Reads the rows of phones that are due, all together: see PhoneTable. */
  #readAhead(leaving: CellSchedule, untilMicros: number): void {
    const { phones, settings } = this.#state;
    const rows = this.#dueRows;
    let due = 0;
    for (let cell = 0; cell < leaving.cells; cell++) {
      if ((leaving.times[cell] as number) > untilMicros) continue; // a time for each cell
      rows[due++] = settings.population.row(cell, leaving.offset(cell));
    }
    phones.prefetchAll(rows, due);
  }

  /**
   * Queues phones that found the queue full, in one round over all rows, a part per turn.
   * @returns how many it queued.
   */
  #findUnsaid(): number {
    const { phones } = this.#state;
    if (this.#lookAt === 0) this.#unsaid.wasFull = false;
    const until = Math.min(phones.rows, this.#lookAt + LOOKS_MAX);
    for (let row = this.#lookAt; row < until; row++) if (this.#hasUnsaid(row)) this.#unsaid.push(row);
    this.#lookAt = until === phones.rows ? 0 : until;
    return this.#unsaid.length;
  }

  /** Whether a phone has not said all that it watches. */
  #hasUnsaid(row: number): boolean {
    if (!this.#isOnline(row)) return false;
    const phone = this.#state.phoneAt(row);
    if (!this.#isWatcher(phone) || !this.#state.speaksMinor1(phone)) return false;
    for (let contact = 0; contact < this.#state.settings.presence.watch; contact++)
      if (this.#knownOf(row, contact) === Known.UNSAID) return true;
    return false;
  }

  #knownOf(row: number, contact: number): number {
    return ((this.#known[row] as number) >> (KNOWN_BITS * contact)) & KNOWN_MASK; // rows are inside the table, here and below
  }

  #setKnown(row: number, contact: number, known: number): void {
    const shift = KNOWN_BITS * contact;
    this.#known[row] = ((this.#known[row] as number) & ~(KNOWN_MASK << shift)) | (known << shift);
  }

  /** When which phone goes to the background, from a time of traffic on. */
  #backgrounds(stream: number, factor: number, startMicros: number): CellSchedule {
    const { population, lane, seed, presence } = this.#state.settings;
    const arrivals = Arrivals.constant(presence.backgroundsPerSecond * factor);
    const phones = population.online;
    return new CellSchedule({ seed, stream, arrivals, pacing: 'poisson', population, lane, phones, startMicros });
  }

  #isOnline(row: number): boolean {
    return this.#state.phones.state(row) === PhoneState.ONLINE;
  }

  /** Says that a phone is in use, or is not. @returns false if it is not online, or has no room. */
  #say(row: number, isAvailable: boolean): boolean {
    const { phones, protocol, parts } = this.#state;
    if (!this.#isOnline(row) || !this.#state.speaksMinor1(this.#state.phoneAt(row))) return false;
    if (protocol.presence?.setAvailable(row, phones.connection(row), isAvailable) !== true) return false;
    count(parts.counters, isAvailable ? DriverCounter.foregrounds : DriverCounter.backgrounds);
    this.#changed(row, isAvailable);
    if (isAvailable) count(parts.counters, DriverCounter.presenceChanges);
    return true;
  }

  /** Whether a phone watches its contacts, drawn by hash: nothing about it is kept. */
  #isWatcher(phone: number): boolean {
    const { seed, presence } = this.#state.settings;
    return mixPair(seed ^ WATCHER_SALT, phone) >>> 0 < presence.watchersShare * 2 ** 32;
  }

  /** Says what a phone watches and has not said. @returns false if there is no room for all: call again. */
  #watch(row: number): boolean {
    const { phones, protocol, parts, settings } = this.#state;
    const { presence } = protocol;
    if (presence === undefined) return true;
    const phone = this.#state.phoneAt(row);
    for (let contact = 0; contact < settings.presence.watch; contact++) {
      if (this.#knownOf(row, contact) !== Known.UNSAID) continue;
      if (!presence.watch(row, phones.connection(row), this.#watchedBy(phone, contact))) return false;
      this.#setKnown(row, contact, Known.SAID);
      count(parts.counters, DriverCounter.watchesSent);
    }
    return true;
  }

  /** The account that a phone watches as its contact of this number. */
  #watchedBy(phone: number, contact: number): number {
    return this.#state.messagePlan.contacts.phoneOf(phone, contact);
  }

  /** Which of the contacts that a phone watches an account is; -1 for none. */
  #contactOf(phone: number, account: number): number {
    const { watch } = this.#state.settings.presence;
    if (!this.#isWatcher(phone)) return -1;
    for (let contact = 0; contact < watch; contact++) if (this.#watchedBy(phone, contact) === account) return contact;
    return -1;
  }

  #changed(row: number, isAvailable: boolean): void {
    if (this.#known.length === 0) return;
    const { nowWord, nowHigh, parts } = this.#state;
    if (!isAvailable) count(parts.counters, DriverCounter.presenceChanges);
    this.#changes.add(row, isAvailable, nowWord, nowHigh);
  }

  /** Records how long after a change a watcher hears of it, if the phone that changed is of this lane. */
  #measure(account: number, isAvailable: boolean): void {
    const { settings, nowWord, nowHigh, parts } = this.#state;
    const { population, lane } = settings;
    if (account >= population.online || population.laneOf(account) !== lane) return;
    const ageMicros = this.#changes.ageMicros(population.rowOf(account), isAvailable, nowWord, nowHigh);
    if (ageMicros !== CHANGE_UNKNOWN) parts.latencies.presence.record(ageMicros);
  }
}
