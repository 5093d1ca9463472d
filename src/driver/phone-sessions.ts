/**
 * Sessions and absences of phones with platforms: phones leave and return when SessionEnds says so, and wait while
 * there is no room for another login.
 *
 * All phones log in before traffic. When it begins, those leave that have left before by then (see EarlierAbsences): at
 * once, but so few per turn that the lane does its other work as well. Other phones leave and return after that.
 */
import { WAIT_MICROS } from './lane-traffic.ts';
import { NO_ROW, type SessionEnds, TAKEN_MAX } from './people/session-ends.ts';
import type { PhoneDepartures } from './phone-departures.ts';
import type { PhoneLogins } from './phone-logins.ts';
import type { LaneState } from './state/lane-state.ts';
import { LOGIN_ID } from './tables/in-flight-table.ts';

/** Most places that a turn looks at for phones that left before traffic: most are empty where there are few phones. */
const LOOKS_MAX = 4096;
/** While so many phones wait for room, no others leave that left before traffic. */
const OWED_MAX = 256;

export class PhoneSessions {
  readonly #state: LaneState;
  readonly #ends: SessionEnds;
  readonly #logins: PhoneLogins;
  readonly #departures: PhoneDepartures;
  readonly #startMicros: Float64Array;
  /** Phones that leave or return now, and where their logins will be entered. */
  readonly #rows = new Int32Array(TAKEN_MAX);
  readonly #words = new Int32Array(TAKEN_MAX);
  readonly #eventsMax: number;

  /**
   * @param startMicros when traffic began: see LaneTraffic.
   * @param eventsMax most phones that leave or return in a turn.
   */
  constructor(
    state: LaneState,
    ends: SessionEnds,
    logins: PhoneLogins,
    departures: PhoneDepartures,
    startMicros: Float64Array,
    eventsMax: number,
  ) {
    this.#state = state;
    this.#ends = ends;
    this.#logins = logins;
    this.#departures = departures;
    this.#startMicros = startMicros;
    this.#eventsMax = eventsMax;
  }

  /** When phones leave or return next, on the lane's clock. */
  get dueMicros(): number {
    const ends = this.#ends;
    const startMicros = this.#startMicros[0] as number; // its only element, here and below
    let due = startMicros + (ends.dueMicros[0] as number);
    if (ends.isBeginning)
      due = this.#isCrowded ? Math.max(startMicros, this.#state.nowMicros + WAIT_MICROS) : startMicros;
    return Math.max(due, this.#logins.roomMicros[0] as number);
  }

  /** @param mayLeave whether phones leave. @returns how much it did. */
  doWork(mayLeave: boolean): number {
    const ends = this.#ends;
    const elapsedMicros = this.#state.nowMicros - (this.#startMicros[0] as number);
    ends.advance(elapsedMicros);
    if (ends.isBeginning && !mayLeave) ends.endBeginning();
    let done = ends.isBeginning && elapsedMicros > 0 ? this.#leaveEarlier() : 0;
    for (let left = this.#eventsMax; left > 0 && !this.#logins.lacksRoom; ) {
      const taken = ends.take(this.#rows);
      if (taken === 0) break;
      this.#readAhead(taken);
      for (let n = 0; n < taken; n++) this.#departures.over(this.#rows[n] as number, ends, mayLeave); // of those that were taken
      left -= taken;
      done += taken;
    }
    return done;
  }

  /** Reads where logins of those that were taken will be entered if they return: see PhoneTable. */
  #readAhead(taken: number): void {
    const { inFlight } = this.#state;
    for (let n = 0; n < taken; n++) this.#words[n] = inFlight.firstWord(this.#rows[n] as number, LOGIN_ID); // as above
    inFlight.prefetchAll(this.#words, taken);
  }

  /** Whether so many phones wait for room that others need not try. */
  get #isCrowded(): boolean {
    return this.#state.owed.length >= OWED_MAX;
  }

  /** Lets phones leave that left before traffic. @returns how many places it looked at. */
  #leaveEarlier(): number {
    const ends = this.#ends;
    let [looks, left] = [0, 0];
    for (; looks < LOOKS_MAX && left < this.#eventsMax && ends.isBeginning && !this.#isCrowded; looks++) {
      const row = ends.lookEarlier();
      if (row !== NO_ROW && this.#departures.leaveEarlier(row, ends)) left++;
    }
    return looks;
  }
}
