/**
 * What a switch says about groups in trunkline's own protocol. Apart from the other frames, because it says more: who
 * wrote a message, and the version of the group by which a member can tell whether it should have it.
 */
import { readAccountHigh, readAccountLow, readSerial } from '../../wire/frames.ts';
import {
  groupPayloadStart,
  hasGroupFields,
  readAcknowledgedMembers,
  readAcknowledgedVersion,
  readAuthorHigh,
  readAuthorLow,
  readGroupVersion,
} from '../../wire/group-frames.ts';
import type { NumberingPlan } from '../../wire/numbering-plan.ts';
import type { GroupDelivery, PhoneListener } from '../../wire/phone-protocol.ts';

/** Members in an ACKNOWLEDGED of a message that the home of its group knows no more. */
const MEMBERS_UNKNOWN = 2 ** 32 - 1;

export class TrunklineGroups {
  readonly #plan: NumberingPlan;
  readonly #listener: PhoneListener;
  /** Reused for each delivery. */
  readonly #delivery: GroupDelivery = { group: 0, author: 0, version: 0, sequence: 0 };

  constructor(plan: NumberingPlan, listener: PhoneListener) {
    this.#plan = plan;
    this.#listener = listener;
  }

  /** Reads DELIVER_GROUP. */
  deliver(row: number, view: DataView, body: number, end: number): void {
    const delivery = this.#delivery;
    delivery.group = this.#plan.indexOfHalves(readAccountHigh(view, body), readAccountLow(view, body));
    delivery.author = this.#plan.indexOfHalves(readAuthorHigh(view, body), readAuthorLow(view, body));
    delivery.version = readGroupVersion(view, body);
    delivery.sequence = readSerial(view, body);
    this.#listener.deliveredToGroup(row, delivery, view, groupPayloadStart(body), end);
  }

  /**
   * Only the ✓ of a message to a group, or of a change of its members, has more than an id. The switch may have
   * forgotten the rest of one that was sent again.
   */
  acknowledge(row: number, number: number, view: DataView, body: number, end: number): void {
    if (!hasGroupFields(body, end)) {
      this.#listener.acknowledged(row, number);
      return;
    }
    const members = readAcknowledgedMembers(view, body);
    if (members === MEMBERS_UNKNOWN) this.#listener.acknowledged(row, number);
    else this.#listener.acknowledgedByGroup(row, number, readAcknowledgedVersion(view, body), members);
  }
}
