/**
 * Which messages of a phone go to a group or a broadcast list, and to which, drawn by hash of the phone and the number
 * of the message: author and members compute the same. A table keeps the last answers, by the hash:
 *
 *     word 0   phone + 1, 0 for a free place    word 1   number    word 2   group, or NO_GROUP
 *
 * A phone sends only to groups that it is a member of at the start of the run. If it has left the group meanwhile, the
 * switch refuses the message, as it refuses any message to a group from a phone that is no member.
 */
import { mixPair } from '../../base/pseudo-random.ts';
import { type GroupPlan, NO_GROUP } from '../../wire/group-plan.ts';
import { HOT_GROUP, type HotGroup } from './hot-group.ts';

const SALT = 0x47524f55;
const GROUP_SALT = 0x50434b21;
const TWO_POW_32 = 2 ** 32;
/**
 * Most answers that are kept, a power of two: a message to a group arrives at many phones of a lane shortly after
 * another.
 */
const KEPT_MAX = 1024;
const KEPT_WORDS = 3;

export interface GroupShares {
  /** Share of the messages of a phone that go to its groups, if it has any. */
  readonly groups: number;
  /** Share of the messages of the owner of a broadcast list that go to the list. */
  readonly lists: number;
}

/** The minor version of the protocol that each phone speaks. */
export interface Versions {
  of(phone: number): number;
}

export class GroupChoice {
  readonly #plan: GroupPlan;
  readonly #seed: number;
  readonly #versions: Versions | undefined;
  readonly #hot: HotGroup | undefined;
  /** Hashes below these bounds choose a list, or a group. */
  readonly #listsBelow: number;
  readonly #groupsBelow: number;
  /** At each place the last message whose hash led there. */
  readonly #kept = new Int32Array(KEPT_MAX * KEPT_WORDS);

  /**
   * @param versions of the protocol that phones speak: those of minor version 0 write to no group; all do without it.
   * @param hot chooses the messages that go to the hot group, before all others; none do without it.
   */
  constructor(plan: GroupPlan, seed: number, shares: GroupShares, versions?: Versions, hot?: HotGroup) {
    this.#versions = versions;
    this.#hot = hot;
    this.#plan = plan;
    this.#seed = seed ^ SALT;
    this.#listsBelow = shares.lists * TWO_POW_32;
    this.#groupsBelow = shares.groups * TWO_POW_32;
  }

  get bytes(): number {
    return this.#kept.byteLength;
  }

  /** The group that the message with this number of a phone goes to, or NO_GROUP if it goes to a phone. */
  groupOf(phone: number, number: number): number {
    const hash = mixPair(mixPair(this.#seed, phone), number);
    const place = (hash & (KEPT_MAX - 1)) * KEPT_WORDS;
    const kept = this.#kept;
    if (kept[place] === phone + 1 && kept[place + 1] === number) return kept[place + 2] as number; // inside the array
    const group = this.#choose(phone, number, hash);
    kept[place] = phone + 1;
    kept[place + 1] = number;
    kept[place + 2] = group;
    return group;
  }

  #choose(phone: number, number: number, hash: number): number {
    if (this.#versions?.of(phone) === 0) return NO_GROUP;
    if (this.#hot?.isFor(phone, number) === true) return HOT_GROUP;
    const plan = this.#plan;
    if (this.#listsBelow > 0 && hash >>> 0 < this.#listsBelow) {
      const list = plan.listOf(phone);
      if (list !== NO_GROUP) return list;
    }
    const second = mixPair(hash, GROUP_SALT) >>> 0;
    if (second >= this.#groupsBelow) return NO_GROUP;
    const groups = plan.groupsOf(phone);
    if (groups === 0) return NO_GROUP;
    const group = plan.groupOf(phone, (mixPair(second | 0, hash) >>> 0) % groups);
    if (!plan.isList(group)) return group;
    const first = plan.groupOf(phone, 0); // lists come last, and members do not send to them
    return plan.isList(first) ? NO_GROUP : first;
  }
}
