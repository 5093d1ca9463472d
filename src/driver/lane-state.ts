/**
 * What the parts of a lane share: the phones, what is on its way, the counters and the time. One
 * object for each lane, made once; the parts are the only ones that write to it.
 */
import { count, countBy } from '../base/counters.ts';
import { Contacts } from './contacts.ts';
import { DriverCounter } from './driver-counters.ts';
import { WORD_MICROS } from './elapsed-micros.ts';
import { Findings } from './findings.ts';
import { InFlightTable } from './in-flight-table.ts';
import type { LaneParts, LaneSettings } from './lane-settings.ts';
import { MessageNumbers } from './message-numbers.ts';
import { OwedActions } from './owed-actions.ts';
import { PhoneTable } from './phone-table.ts';
import { StoredMail, storedMailPlaces } from './stored-mail.ts';

/** Frames between two looks at the clock: what the resolution of latencies depends on. */
const FRAMES_PER_CLOCK = 32;

export class LaneState {
  readonly settings: LaneSettings;
  readonly parts: LaneParts;
  readonly phones: PhoneTable;
  readonly inFlight: InFlightTable;
  readonly storedMail: StoredMail;
  readonly contacts: Contacts;
  readonly numbers: MessageNumbers;
  readonly owed = new OwedActions();
  /** Phones that have messages to send again. */
  readonly unsent = new OwedActions();
  readonly findings = new Findings();
  /** Microseconds since the run began; brought up to date while frames are handled. */
  nowMicros = 0;
  /** The same in two integers (see elapsed-micros), which can be passed on without making objects of them. */
  nowWord = 0;
  nowHigh = 0;
  readonly #clock = new Float64Array(1);
  #frames = 0;

  constructor(settings: LaneSettings, parts: LaneParts) {
    this.settings = settings;
    this.parts = parts;
    this.phones = new PhoneTable(settings.population.rowsPerLane);
    this.numbers = new MessageNumbers(settings.population.rowsPerLane);
    this.inFlight = new InFlightTable(settings.inFlightPlaces);
    this.storedMail = new StoredMail(storedMailPlaces(settings.population.rowsPerLane));
    this.contacts = new Contacts(settings.seed, settings.contacts, settings.activePhones);
  }

  /** Looks at the clock, and adds up what was unanswered since the last look. */
  tellTime(): void {
    const before = this.nowMicros;
    this.parts.clock.tell(this.#clock);
    this.nowMicros = this.#clock[0] as number; // its only
    this.nowWord = this.nowMicros | 0;
    this.nowHigh = (this.nowMicros / WORD_MICROS) | 0;
    const waited = (this.nowMicros - before) * this.inFlight.unanswered;
    countBy(this.parts.counters, DriverCounter.unansweredMicros, waited);
  }

  /** A frame came in: count it, and look at the clock once in a while. */
  frameIn(): void {
    count(this.parts.counters, DriverCounter.framesIn);
    this.#frames++;
    if (this.#frames < FRAMES_PER_CLOCK) return;
    this.#frames = 0;
    this.tellTime();
  }

  /** A frame was written. */
  frameOut(): void {
    this.parts.transport.commit();
    count(this.parts.counters, DriverCounter.framesOut);
  }

  /** Whether the phone's message of this number is for one that never connects in this run. */
  isForOffline(phone: number, number: number): boolean {
    const { activePhones, population } = this.settings;
    if (activePhones <= population.online) return false;
    return this.contacts.phoneOf(phone, this.contacts.contactOf(number)) >= population.online;
  }

  /** The phone simulated in a row. */
  phoneAt(row: number): number {
    return this.settings.population.phoneAt(this.settings.lane, row);
  }
}
