/**
 * What a lane knows about messages to groups and broadcast lists: what its phones sent to them and were promised, and
 * what arrived at its phones.
 *
 * The home of a group fixes the recipients when it accepts a message, and tells the author how many there are. The
 * author adds the digest of the message once per recipient to one sum, and each recipient adds it once to another.
 * Whatever is not lost, duplicated or misdelivered makes the sums equal, together with what waits in mailboxes or found
 * no room there.
 */
import { count, countBy } from '../../base/counters.ts';
import type { LedgerEntry } from '../../base/ledger-entry.ts';
import { addToDigest } from '../../base/message-digest.ts';
import { type GroupPlan, NO_GROUP } from '../../wire/group-plan.ts';
import { NO_VERSION, Rejection } from '../../wire/phone-protocol.ts';
import type { Arrivals } from '../terms/arrivals.ts';
import { DriverCounter } from '../terms/driver-counters.ts';
import { ChangedGroups, Membership } from './changed-groups.ts';
import { GroupChoice, type GroupShares, type Versions } from './group-choice.ts';
import { HOT_GROUP, type HotGroup } from './hot-group.ts';

/** The groups of a run, as a lane needs them. */
export interface LaneGroups {
  readonly plan: GroupPlan;
  readonly shares: GroupShares;
  /** Phones that join a group and leave one per second, all lanes together. */
  readonly joins: Arrivals;
  readonly leaves: Arrivals;
}

/** What is wrong with a delivery to a member of a group; see {@link GroupMessages.delivered}. */
export const GroupFault = { NONE: 0, STRANGER: 1 } as const;

export class GroupMessages {
  readonly choice: GroupChoice;
  readonly changes: ChangedGroups;
  readonly #groups: LaneGroups;
  readonly #counters: Float64Array;
  /** Undefined if no group is hot. */
  readonly hot: HotGroup | undefined;

  /**
   * @param changingRows rows of phones that join and leave groups: those below it.
   * @param versions of the protocol that phones speak, if some do not know groups.
   * @param hot chooses the messages that go to the hot group, if there is one.
   */
  constructor(
    groups: LaneGroups,
    seed: number,
    changingRows: number,
    counters: Float64Array,
    versions?: Versions,
    hot?: HotGroup,
  ) {
    this.hot = hot;
    this.#groups = groups;
    this.#counters = counters;
    this.choice = new GroupChoice(groups.plan, seed, groups.shares, versions, hot);
    this.changes = new ChangedGroups(groups.plan, seed, changingRows);
  }

  ledger(): LedgerEntry[] {
    const bytes = this.changes.bytes + this.choice.bytes + this.plan.bytes;
    return [{ owner: 'driver', name: 'groups', bytes, rowBytes: 0, rowsUsed: 0 }];
  }

  get plan(): GroupPlan {
    return this.#groups.plan;
  }

  /** Whether a share of all messages goes to this group. */
  isHot(group: number): boolean {
    return this.hot !== undefined && group === HOT_GROUP;
  }

  /** A phone has sent a message; it may be one to a phone. */
  sent(phone: number, number: number): void {
    const group = this.choice.groupOf(phone, number);
    if (group === NO_GROUP) return;
    count(this.#counters, DriverCounter.groupMessagesSent);
    if (this.isHot(group)) count(this.#counters, DriverCounter.hotGroupMessagesSent);
  }

  /**
   * ✓ of a message, which may be one to a phone.
   * @param version {@link NO_VERSION} if the switch does not say it again for a message that was sent again.
   * @param recipients members without the author, fixed by the home of the group.
   */
  acknowledged(phone: number, number: number, version: number, recipients: number): void {
    const counters = this.#counters;
    const group = this.choice.groupOf(phone, number);
    if (group === NO_GROUP) return;
    count(counters, DriverCounter.groupMessagesAcknowledged);
    addToDigest(counters, DriverCounter.digestGroupMessagesLow, phone, number);
    if (version === NO_VERSION) {
      count(counters, DriverCounter.groupMessagesUntold);
      return;
    }
    countBy(counters, DriverCounter.groupRecipients, recipients);
    addToDigest(counters, DriverCounter.digestGroupRecipientsLow, phone, number, recipients);
    if (version === 0 && recipients !== this.#recipientsAtStart(group, phone))
      count(counters, DriverCounter.groupRecipientsWrong);
  }

  /** The switch refused a message, which may be one to a phone. @param rejection a Rejection. */
  rejected(row: number, phone: number, number: number, rejection: number): void {
    const group = this.choice.groupOf(phone, number);
    if (group === NO_GROUP) return;
    count(this.#counters, DriverCounter.groupMessagesRejected);
    if (rejection === Rejection.NOT_A_MEMBER && this.changes.mayHaveLeft(row, group))
      count(this.#counters, DriverCounter.rejectedAfterLeaving);
  }

  /**
   * ✓✓ of a message, which may be one to a phone; for one to a group it may come twice (PROTOCOL.md, "Groups and
   * broadcast lists").
   */
  received(phone: number, number: number): void {
    if (this.choice.groupOf(phone, number) !== NO_GROUP) count(this.#counters, DriverCounter.groupReceipts);
  }

  /** ✓ of a change of a member. @param change from {@link changes}. */
  changed(change: number, version: number): void {
    const joins = this.changes.joinsAt(change);
    count(this.#counters, joins ? DriverCounter.groupJoins : DriverCounter.groupLeaves);
    if (!this.changes.accepted(change, version)) count(this.#counters, DriverCounter.groupStrangers);
  }

  /**
   * A message to a group or list has arrived at a phone for the first time, and is intact.
   * @param told the group that the switch names; {@link NO_GROUP} for a message from the owner of a list.
   * @returns a {@link GroupFault}.
   */
  delivered(row: number, phone: number, told: number, author: number, version: number, number: number): number {
    const counters = this.#counters;
    const { plan } = this;
    count(counters, DriverCounter.groupDeliveries);
    addToDigest(counters, DriverCounter.digestGroupDeliveredLow, author, number);
    const group = this.choice.groupOf(author, number);
    const isNamed = group !== NO_GROUP && told === (plan.isList(group) ? NO_GROUP : group);
    if (!isNamed || author === phone) return this.#stranger();
    const membership = plan.isList(group)
      ? this.#membershipOfList(group, phone)
      : this.changes.membership(row, phone, group, version);
    if (membership === Membership.UNKNOWN) count(counters, DriverCounter.groupMembersUnknown);
    return membership === Membership.STRANGER ? this.#stranger() : GroupFault.NONE;
  }

  /**
   * Whether a message of this author to a group or list may have been delivered to a phone: it is or was a member, and
   * not the author.
   * @param row of the phone; OTHER_LANE if another lane simulates it.
   */
  mayHaveReceived(row: number, phone: number, group: number, author: number): boolean {
    if (phone === author) return false;
    if (this.plan.isMember(group, phone)) return true; // it may have left, but later
    return !this.plan.isList(group) && this.changes.mayHaveJoined(row, phone, group);
  }

  #stranger(): number {
    count(this.#counters, DriverCounter.groupStrangers);
    return GroupFault.STRANGER;
  }

  #membershipOfList(list: number, phone: number): number {
    return this.plan.isMember(list, phone) ? Membership.MEMBER : Membership.STRANGER;
  }

  #recipientsAtStart(group: number, author: number): number {
    const { plan } = this;
    return plan.sizeOf(group) - (plan.isMember(group, author) ? 1 : 0);
  }
}
