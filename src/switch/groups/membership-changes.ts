/**
 * Who is a member of the groups of a home: the first members by the plan, and the memberships that differ from it. Only
 * those take memory, so a home knows the members of any number of groups. A membership is stored once, on the home
 * shard of the member.
 *
 * The differences are a hash table of fixed size with linear probing, two words each; it is full at three quarters:
 *
 *     word 0   group + 1; 0 where the place is free      word 1   account
 */
import { mixPair } from '../../base/pseudo-random.ts';
import type { GroupPlan } from '../../wire/group-plan.ts';

const WORDS = 2;
/** Share of the places that may be taken: more would make probing slow. */
const FULL_SHARE = 3 / 4;

export class MembershipChanges {
  readonly #plan: GroupPlan;
  readonly #changesMax: number;
  readonly #words: Int32Array;
  readonly #mask: number;
  #size = 0;

  /** @param changesMax the most memberships that may differ from the plan. */
  constructor(plan: GroupPlan, changesMax: number) {
    const places = 2 ** Math.ceil(Math.log2(Math.max(1, changesMax) / FULL_SHARE));
    this.#plan = plan;
    this.#changesMax = changesMax;
    this.#words = new Int32Array(places * WORDS);
    this.#mask = places - 1;
  }

  get bytes(): number {
    return this.#words.byteLength;
  }

  isMember(group: number, account: number): boolean {
    const isChanged = this.#size > 0 && this.#words[this.#placeOf(group, account) * WORDS] !== 0;
    return this.#plan.isMember(group, account) !== isChanged;
  }

  /**
   * Makes a member of an account that is none, or the other way round.
   * @returns false if too many memberships differ from the plan already.
   */
  change(group: number, account: number): boolean {
    const place = this.#placeOf(group, account);
    if (this.#words[place * WORDS] !== 0) {
      this.#remove(place);
      return true;
    }
    if (this.#size >= this.#changesMax) return false;
    this.#words[place * WORDS] = group + 1;
    this.#words[place * WORDS + 1] = account;
    this.#size++;
    return true;
  }

  /** Calls back for each membership that differs from the plan. It must not be changed meanwhile. */
  forEach(visit: (group: number, account: number) => void): void {
    for (let word = 0; word < this.#words.length; word += WORDS) {
      const group = (this.#words[word] as number) - 1; // inside the table, here and below
      if (group >= 0) visit(group, this.#words[word + 1] as number);
    }
  }

  /** The place of a difference, or the free one where it would be. */
  #placeOf(group: number, account: number): number {
    let place = mixPair(group, account) & this.#mask;
    while (this.#words[place * WORDS] !== 0) {
      if (this.#words[place * WORDS] === group + 1 && this.#words[place * WORDS + 1] === account) break;
      place = (place + 1) & this.#mask;
    }
    return place;
  }

  /**
   * Frees a place, and moves later ones of the same run up, so that a search still finds them (Knuth, 6.4, algorithm
   * R).
   */
  #remove(removed: number): void {
    const words = this.#words;
    let hole = removed;
    for (let place = (hole + 1) & this.#mask; words[place * WORDS] !== 0; place = (place + 1) & this.#mask) {
      const group = (words[place * WORDS] as number) - 1;
      const account = words[place * WORDS + 1] as number;
      const wanted = mixPair(group, account) & this.#mask;
      if (((place - wanted) & this.#mask) < ((place - hole) & this.#mask)) continue;
      words[hole * WORDS] = group + 1;
      words[hole * WORDS + 1] = account;
      hole = place;
    }
    words[hole * WORDS] = 0;
    this.#size--;
  }
}
