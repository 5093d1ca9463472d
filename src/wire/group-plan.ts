/**
 * The plan of groups and broadcast lists: how large each is and who its first members are, computed from the seed.
 * Switch and driver share it, as they share the numbering plan, so neither stores or sends a membership. Later joins
 * and leaves change a group; the plan says what it was before all of them (version 0).
 *
 * Members are the phones 0 to `phones` - 1. They are dealt to the groups in rounds. In each round every phone has one
 * position, by a permutation of the round's own, and the groups of the round take consecutive positions:
 *
 *     round 0    | group 0 | group 1     | group 2 |  the rest is too short for group 3
 *     round 1    | group 3      | group 4 | …
 *
 * So the members of a group are distinct, and a phone is in at most one group per round. The memory is three words per
 * group, and nothing per membership. Lists are the last groups. A list has an owner besides, who alone may send to it
 * (see ListOwners).
 */
import { assert } from '../base/assert.ts';
import { mixPair } from '../base/pseudo-random.ts';
import { ListOwners, NO_LIST } from './list-owners.ts';
import { Permutation } from './permutation.ts';

/** How many members groups have: log-normal, as sizes of groups of people are. */
export interface GroupSizes {
  readonly median: number;
  /** Standard deviation of the logarithm of the size; 0 if all groups have the median size. */
  readonly sigma: number;
  /** Most members of a group, those who join later included. */
  readonly max: number;
}

export interface GroupPlanSettings {
  readonly seed: number;
  /** Account index of group 0; the others follow it. */
  readonly firstAccount: number;
  /** Number of groups, lists not counted. */
  readonly groups: number;
  readonly lists: number;
  /** Number of phones that groups draw their members from: phones 0 to `phones` - 1. */
  readonly phones: number;
  readonly sizes: GroupSizes;
}

/** In place of a group: none. */
export const NO_GROUP = -1;
/** In place of the owner of a group that is not a list. */
export const NO_OWNER = -1;

const SIZE_SALT = 0x53495a45;
const ROUND_SALT = 0x524f554e;

export class GroupPlan {
  /** Number of groups, lists included. */
  readonly count: number;
  readonly firstAccount: number;
  /** Number of phones that groups draw their members from. */
  readonly phones: number;
  /** Most members of a group, those who join later included. */
  readonly membersMax: number;
  /** Memberships of all groups together. */
  readonly memberships: number;
  /** The owners of lists, for the placement of their homes. */
  readonly listOwners: ListOwners;
  readonly #groups: number;
  readonly #sizes: Int32Array;
  /** Position of each group's first member in its round. */
  readonly #starts: Int32Array;
  readonly #rounds: Int32Array;
  /** First group of each round, and the number of groups behind the last. */
  readonly #firsts: readonly number[];
  /** Positions of each round that groups take: those before it. */
  readonly #spans: readonly number[];
  readonly #permutations: readonly Permutation[];

  constructor({ seed, firstAccount, groups, lists, phones, sizes }: GroupPlanSettings) {
    assert(phones >= 1 && phones < 2 ** 31, 'groups have phones to draw from, whose indexes fit 31 bits');
    assert(sizes.median >= 1 && sizes.max >= 1, 'a group has room for a member');
    this.count = groups + lists;
    this.firstAccount = firstAccount;
    this.phones = phones;
    this.membersMax = sizes.max;
    this.listOwners = listOwners({ seed, firstAccount, groups, lists, phones });
    this.#groups = groups;
    this.#sizes = Int32Array.from({ length: this.count }, (_, g) => drawSize(seed, g, sizes, phones));
    this.#starts = new Int32Array(this.count);
    this.#rounds = new Int32Array(this.count);
    const firsts = [0];
    const spans: number[] = [];
    let memberships = 0;
    let at = 0;
    for (let g = 0; g < this.count; g++) {
      const size = this.#sizes[g] as number; // g < count
      if (at + size > phones) {
        firsts.push(g);
        spans.push(at);
        at = 0;
      }
      this.#starts[g] = at;
      this.#rounds[g] = firsts.length - 1;
      at += size;
      memberships += size;
    }
    this.memberships = memberships;
    this.#spans = [...spans, at];
    this.#permutations = firsts.map((_, round) => new Permutation(phones, seed ^ ROUND_SALT, round));
    this.#firsts = [...firsts, this.count];
  }

  /** Bytes of the plan. */
  get bytes(): number {
    return this.#sizes.byteLength + this.#starts.byteLength + this.#rounds.byteLength;
  }

  /** The account index of a group. */
  accountOf(g: number): number {
    return this.firstAccount + g;
  }

  /** The group with this account index, or {@link NO_GROUP}. */
  groupAt(account: number): number {
    const g = account - this.firstAccount;
    return g >= 0 && g < this.count ? g : NO_GROUP;
  }

  isList(g: number): boolean {
    return g >= this.#groups;
  }

  /** The phone that owns a list, or {@link NO_OWNER} if the group is none. The owner may be a member as well. */
  ownerOf(g: number): number {
    return this.isList(g) ? this.listOwners.ownerOf(g - this.#groups) : NO_OWNER;
  }

  /** The list that a phone owns, or {@link NO_GROUP}. */
  listOf(phone: number): number {
    if (this.count === this.#groups || phone >= this.phones) return NO_GROUP;
    const list = this.listOwners.listOf(phone);
    return list === NO_LIST ? NO_GROUP : this.#groups + list;
  }

  /** Number of first members of a group. */
  sizeOf(g: number): number {
    return this.#sizes[g] as number; // g < count, here and below
  }

  /** The phone that is first member `k` of a group, `k` below its size. */
  memberAt(g: number, k: number): number {
    return this.#permutationOf(g).at((this.#starts[g] as number) + k);
  }

  /** Whether a phone is a first member of a group. */
  isMember(g: number, phone: number): boolean {
    if (phone >= this.phones) return false;
    const k = this.#permutationOf(g).positionOf(phone) - (this.#starts[g] as number);
    return k >= 0 && k < (this.#sizes[g] as number);
  }

  /** Number of groups, lists included, that a phone is a first member of. It costs a search for each round. */
  groupsOf(phone: number): number {
    let groups = 0;
    for (let round = 0; round < this.#permutations.length; round++) {
      if (this.#groupIn(round, phone) !== NO_GROUP) groups++;
    }
    return groups;
  }

  /** Group `j` of those that a phone is a first member of, or {@link NO_GROUP} if it is in fewer. */
  groupOf(phone: number, j: number): number {
    let before = 0;
    for (let round = 0; round < this.#permutations.length; round++) {
      const g = this.#groupIn(round, phone);
      if (g !== NO_GROUP && before++ === j) return g;
    }
    return NO_GROUP;
  }

  /** The group that a phone is in by its position in a round, or {@link NO_GROUP}. */
  #groupIn(round: number, phone: number): number {
    if (phone >= this.phones) return NO_GROUP;
    const position = (this.#permutations[round] as Permutation).positionOf(phone); // of a round, as all below
    return position < (this.#spans[round] as number) ? this.#groupAtPosition(round, position) : NO_GROUP;
  }

  /**
   * The group at a position of a round that groups take. Groups of one size are where the position says; with others
   * the search begins there, in steps that double, because a binary search in millions of groups misses the cache many
   * times.
   */
  #groupAtPosition(round: number, position: number): number {
    const starts = this.#starts;
    const first = this.#firsts[round] as number;
    const end = this.#firsts[round + 1] as number;
    const share = position / (this.#spans[round] as number);
    let from = Math.min(first + ((share * (end - first)) | 0), end - 1);
    let to = from + 1;
    for (let step = 1; (starts[from] as number) > position; step *= 2) {
      to = from;
      from = Math.max(first, from - step); // the first one starts at 0
    }
    for (let step = 1; to < end && (starts[to] as number) <= position; step *= 2) {
      from = to;
      to = Math.min(end, to + step);
    }
    while (to - from > 1) {
      const middle = (from + to) >> 1;
      if ((starts[middle] as number) <= position) from = middle;
      else to = middle;
    }
    return from;
  }

  #permutationOf(g: number): Permutation {
    return this.#permutations[this.#rounds[g] as number] as Permutation; // every group is in a round
  }
}

/** The owners of the lists of a plan, without the rest of it. */
export function listOwners(plan: Omit<GroupPlanSettings, 'sizes'>): ListOwners {
  const { seed, firstAccount, groups, lists, phones } = plan;
  return new ListOwners({ seed, firstAccount: firstAccount + groups, lists, phones });
}

/**
 * The size of a group, drawn from the log-normal distribution: median · exp(sigma · z), with z from the normal
 * distribution by the method of Box and Muller, rounded, and limited to what a group may have.
 */
function drawSize(seed: number, g: number, { median, sigma, max }: GroupSizes, phones: number): number {
  const u = ((mixPair(seed ^ SIZE_SALT, 2 * g) >>> 0) + 0.5) / 2 ** 32;
  const v = (mixPair(seed ^ SIZE_SALT, 2 * g + 1) >>> 0) / 2 ** 32;
  const z = Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
  return Math.max(1, Math.min(max, phones, Math.round(median * Math.exp(sigma * z))));
}
