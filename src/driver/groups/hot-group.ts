/**
 * The hot group, the first of all groups: a share of all messages goes to it, though only its members may send there.
 * Some messages of other phones are therefore due to a member of the group instead. Which of a member's messages then
 * go to the group is drawn by hash of the author and the number, so that other members know as well as the author.
 *
 * With N phones that send, M of them members, and a share s, a member has its own messages and those that are due to it
 * instead: in the ratio (1 - s) / N to s / M, which gives the share of its messages that go to the group.
 */
import { mix32, mixPair } from '../../base/pseudo-random.ts';
import type { GroupPlan } from '../../wire/group-plan.ts';

export const HOT_GROUP = 0;

const MEMBER_SALT = 0x484f5447;
const MESSAGE_SALT = 0x484f544d;
const TWO_POW_32 = 2 ** 32;

export interface HotGroupSettings {
  readonly seed: number;
  /** Share of all messages that go to the group. */
  readonly share: number;
  /** Number of phones that send: phones 0 to `senders` - 1. */
  readonly senders: number;
}

export class HotGroup {
  /** Its members that send, in the order of the plan. */
  readonly members: readonly number[];
  readonly #plan: GroupPlan;
  readonly #seed: number;
  readonly #dueBelow: number;
  readonly #sentBelow: number;

  constructor(plan: GroupPlan, { seed, share, senders }: HotGroupSettings) {
    this.#plan = plan;
    this.#seed = seed;
    this.#dueBelow = share * TWO_POW_32;
    this.members = Array.from({ length: plan.sizeOf(HOT_GROUP) }, (_, place) => plan.memberAt(HOT_GROUP, place)).filter(
      (phone) => phone < senders,
    );
    const members = this.members.length;
    const toGroup = members === 0 ? 0 : share / members;
    this.#sentBelow = members === 0 ? 0 : (toGroup / (toGroup + (1 - share) / senders)) * TWO_POW_32;
  }

  /** Whether the message with this number of a phone goes to the group. */
  isFor(phone: number, number: number): boolean {
    const isDrawn = mixPair(mixPair(this.#seed ^ MESSAGE_SALT, phone), number) >>> 0 < this.#sentBelow;
    return isDrawn && this.#plan.isMember(HOT_GROUP, phone);
  }

  /**
   * Whether the due message with this number in its cell is due to one of the members in its lane instead. All members
   * have as many, however unevenly they lie in lanes; only a lane whose messages do not suffice sends fewer.
   * @param members number of members in the lane.
   * @returns which of them; -1 if not.
   */
  memberFor(cell: number, message: number, members: number, lanes: number): number {
    const random = mixPair(mixPair(this.#seed ^ MEMBER_SALT, cell), message);
    if (members === 0 || random >>> 0 >= this.#dueBelow * lanes * (members / this.members.length)) return -1;
    return (mix32(random) >>> 0) % members;
  }
}
