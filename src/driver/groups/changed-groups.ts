/**
 * The groups that phones join and leave during a run, and what each phone knows about its own membership.
 *
 * The members that a group starts with follow from the plan and are not stored. What changes is stored here, in a table
 * of fixed size: only the first phones change groups, and each of them only four. Two are groups that it is a member of
 * at the start, and two are others, drawn by hash. So the table never overflows, and every other membership stays as it
 * was.
 *
 *     word 0   group + 1, 0 if not drawn yet, -1 if there is none
 *     word 1   member 0 · changing 1 · sent again 2 · version known 3
 *     word 2   number of the change that is under way
 *     word 3   versions from here on are after the last change
 *     word 4   versions before this one are before the last change
 *     word 5   versions before this one are not judged
 *     word 6   while a change is under way: of the messages that arrived, the earliest version (joining) or the latest
 */
import { mixPair } from '../../base/pseudo-random.ts';
import { type GroupPlan, NO_GROUP } from '../../wire/group-plan.ts';
import type { Population } from '../terms/population.ts';

/** Most phones of a run that join and leave groups: they take 0.4 MiB in all lanes. */
export const CHANGING_PHONES_MAX = 4096;
/** Groups that each of them joins and leaves. */
export const CHANGING_GROUPS = 4;
const WORDS = 7;
const ROW_WORDS = CHANGING_GROUPS * WORDS;
const Word = { GROUP: 0, FLAGS: 1, NUMBER: 2, AFTER: 3, BEFORE: 4, SINCE: 5, EXTREME: 6 } as const;
const Flag = { MEMBER: 1, CHANGING: 2, AGAIN: 4, KNOWN: 8 } as const;
/** How often another group is drawn if the first is unsuitable. */
const DRAWS = 4;
const SALT = 0x4a4f494e;
/** In the place of a group: the phone has none to join or leave here. */
const NONE = -1;
/** No message has arrived since a change was sent. */
const NO_VERSION = -1;

/** In place of the row of a phone: another lane simulates it. */
export const OTHER_LANE = -1;

/** Returned if a phone has no such change. */
export const NO_CHANGE = -1;

/** Whether a phone was a member when a message was accepted. */
export const Membership = { MEMBER: 0, STRANGER: 1, UNKNOWN: 2 } as const;

/** How many phones join and leave groups: phones 0 to this - 1. */
export function changingPhones(population: Population): number {
  return Math.min(population.online, CHANGING_PHONES_MAX);
}

/** Number of rows of a lane that these phones lie in: its first. */
export function changingRows(population: Population): number {
  return population.rowsOf(changingPhones(population));
}

export class ChangedGroups {
  readonly #plan: GroupPlan;
  readonly #seed: number;
  readonly #words: Int32Array;
  readonly #rows: number;
  /** The groups of the phone for which they were drawn last: see {@link #draw}. */
  readonly #drawn = new Int32Array(CHANGING_GROUPS);

  /** @param rows number of phones that change groups: those in the rows below. */
  constructor(plan: GroupPlan, seed: number, rows: number) {
    this.#plan = plan;
    this.#seed = seed;
    this.#rows = rows;
    this.#words = new Int32Array(rows * ROW_WORDS).fill(0);
  }

  get bytes(): number {
    return this.#words.byteLength;
  }

  /**
   * Chooses a change that the phone can make now and enters it under its number.
   * @returns the place of the change, or {@link NO_CHANGE} if the phone has no group to join or to leave.
   */
  begin(row: number, phone: number, number: number, joins: boolean): number {
    if (row >= this.#rows) return NO_CHANGE;
    this.#enter(row, phone);
    const start = mixPair(this.#seed ^ SALT, mixPair(phone, number)) >>> 0;
    for (let n = 0; n < CHANGING_GROUPS; n++) {
      const place = this.#place(row, (start + n) % CHANGING_GROUPS);
      if (this.#word(place, Word.GROUP) <= 0) continue;
      const flags = this.#word(place, Word.FLAGS);
      if ((flags & Flag.CHANGING) !== 0 || ((flags & Flag.MEMBER) === 0) !== joins) continue;
      this.#words[place + Word.FLAGS] = flags | Flag.CHANGING;
      this.#words[place + Word.NUMBER] = number;
      this.#words[place + Word.EXTREME] = NO_VERSION;
      return place;
    }
    return NO_CHANGE;
  }

  /** The change of the phone in `row` with this number that is under way, or {@link NO_CHANGE}. */
  find(row: number, number: number): number {
    if (row >= this.#rows) return NO_CHANGE;
    for (let n = 0; n < CHANGING_GROUPS; n++) {
      const place = this.#place(row, n);
      const isUnderWay = (this.#word(place, Word.FLAGS) & Flag.CHANGING) !== 0;
      if (isUnderWay && this.#word(place, Word.NUMBER) === number) return place;
    }
    return NO_CHANGE;
  }

  groupAt(place: number): number {
    return this.#word(place, Word.GROUP) - 1;
  }

  /** Whether the change at this place joins the group; otherwise it leaves it. */
  joinsAt(place: number): boolean {
    return (this.#word(place, Word.FLAGS) & Flag.MEMBER) === 0;
  }

  sentAgain(place: number): void {
    this.#words[place + Word.FLAGS] = this.#word(place, Word.FLAGS) | Flag.AGAIN;
  }

  /** Ends a change that was not sent or was refused: the phone stays what it was. */
  cancel(place: number): void {
    this.#words[place + Word.FLAGS] = this.#word(place, Word.FLAGS) & ~(Flag.CHANGING | Flag.AGAIN);
  }

  /**
   * ✓ of a change. The versions of a group tell which members a message goes to. A phone knows the versions of its own
   * changes from their ✓: a message of an earlier version goes to the members before it. The answer to a change that
   * was sent again tells the version at the time of the answer, so the change itself came at some version between:
   * messages of these versions are not judged. Messages that arrive before the ✓ of a change are judged when it comes.
   * @returns false if a message arrived meanwhile that a phone with this membership does not get.
   */
  accepted(place: number, version: number): boolean {
    const flags = this.#word(place, Word.FLAGS);
    const joined = (flags & Flag.MEMBER) === 0;
    const extreme = this.#word(place, Word.EXTREME);
    const isAgain = (flags & Flag.AGAIN) !== 0;
    const earliest = isAgain ? this.#word(place, Word.AFTER) : version;
    this.#words[place + Word.SINCE] = this.#word(place, Word.AFTER);
    this.#words[place + Word.BEFORE] = earliest;
    this.#words[place + Word.AFTER] = version;
    this.#words[place + Word.FLAGS] = (flags ^ Flag.MEMBER) & ~(Flag.CHANGING | Flag.AGAIN);
    this.#words[place + Word.FLAGS] = this.#word(place, Word.FLAGS) | Flag.KNOWN;
    if (extreme === NO_VERSION) return true;
    return joined ? extreme >= earliest : extreme < version;
  }

  /**
   * Whether the switch may refuse a message of the phone to a group that it was a member of at the start: it has left
   * the group, or a change of it is under way.
   */
  mayHaveLeft(row: number, group: number): boolean {
    if (row >= this.#rows) return false;
    for (let n = 0; n < CHANGING_GROUPS; n++) {
      const place = this.#place(row, n);
      if (this.#word(place, Word.GROUP) !== group + 1) continue;
      const flags = this.#word(place, Word.FLAGS);
      return (flags & Flag.MEMBER) === 0 || (flags & Flag.CHANGING) !== 0;
    }
    return false;
  }

  /** Whether the phone was a member of a group at this version; a {@link Membership}. */
  membership(row: number, phone: number, group: number, version: number): number {
    if (row < this.#rows) {
      for (let n = 0; n < CHANGING_GROUPS; n++) {
        const place = this.#place(row, n);
        if (this.#word(place, Word.GROUP) === group + 1) return this.#membershipAt(place, version);
      }
    }
    return this.#plan.isMember(group, phone) ? Membership.MEMBER : Membership.STRANGER;
  }

  /**
   * Whether a phone that is no member at the start may have joined a group. Of a phone of this lane its changes are
   * known, of another only which groups it can join.
   * @param row {@link OTHER_LANE} if it is a phone of another lane.
   */
  mayHaveJoined(row: number, phone: number, group: number): boolean {
    if (row !== OTHER_LANE) return row < this.#rows && this.#hasJoined(row, group);
    if (phone >= CHANGING_PHONES_MAX) return false;
    this.#draw(phone);
    return this.#drawn.includes(group, CHANGING_GROUPS / 2);
  }

  #hasJoined(row: number, group: number): boolean {
    for (let n = CHANGING_GROUPS / 2; n < CHANGING_GROUPS; n++) {
      const place = this.#place(row, n);
      // A change that is under way may have been made.
      if (this.#word(place, Word.GROUP) === group + 1) return this.#word(place, Word.FLAGS) !== 0;
    }
    return false;
  }

  #membershipAt(place: number, version: number): number {
    const flags = this.#word(place, Word.FLAGS);
    const isMember = (flags & Flag.MEMBER) !== 0;
    if ((flags & Flag.KNOWN) !== 0 && version < this.#word(place, Word.AFTER)) {
      if (version >= this.#word(place, Word.BEFORE) || version < this.#word(place, Word.SINCE))
        return Membership.UNKNOWN;
      return isMember ? Membership.STRANGER : Membership.MEMBER;
    }
    if ((flags & Flag.CHANGING) !== 0) {
      const extreme = this.#word(place, Word.EXTREME);
      const isFurther = isMember ? version > extreme : extreme === NO_VERSION || version < extreme;
      if (isFurther) this.#words[place + Word.EXTREME] = version;
      return Membership.MEMBER; // judged when the change is answered
    }
    return isMember ? Membership.MEMBER : Membership.STRANGER;
  }

  /** Enters the groups of a phone, when it makes its first change. */
  #enter(row: number, phone: number): void {
    if (this.#word(this.#place(row, 0), Word.GROUP) !== 0) return;
    this.#draw(phone);
    for (let n = 0; n < CHANGING_GROUPS; n++) {
      const place = this.#place(row, n);
      const group = this.#drawn[n] as number; // n < CHANGING_GROUPS
      const isMember = group !== NO_GROUP && n < CHANGING_GROUPS / 2;
      this.#words[place + Word.GROUP] = group === NO_GROUP ? NONE : group + 1;
      this.#words[place + Word.FLAGS] = isMember ? Flag.MEMBER : 0;
    }
  }

  /** Draws the groups of a phone into {@link #drawn}: those that it can leave, then those that it can join. */
  #draw(phone: number): void {
    const drawn = this.#drawn;
    for (let n = 0; n < CHANGING_GROUPS; n++) {
      const group = n < CHANGING_GROUPS / 2 ? this.#plan.groupOf(phone, n) : this.#drawOther(phone, n);
      drawn[n] = group !== NO_GROUP && this.#plan.isList(group) ? NO_GROUP : group;
    }
  }

  /** A group that the phone is not a member of at the start, and that is not among the `n` drawn so far. */
  #drawOther(phone: number, n: number): number {
    for (let draw = 0; draw < DRAWS; draw++) {
      const hash = mixPair(this.#seed ^ SALT, mixPair(phone, n * DRAWS + draw)) >>> 0;
      const group = hash % this.#plan.count;
      if (this.#plan.isList(group) || this.#plan.isMember(group, phone)) continue;
      let isDrawn = false;
      for (let other = 0; other < n; other++) isDrawn ||= this.#drawn[other] === group;
      if (!isDrawn) return group;
    }
    return NO_GROUP;
  }

  #place(row: number, n: number): number {
    return row * ROW_WORDS + n * WORDS;
  }

  #word(place: number, word: number): number {
    return this.#words[place + word] as number; // rows are inside the table
  }
}
