/**
 * What each message of a simulated phone is, computed from the phone and the number of the message: to whom it goes,
 * how long its payload is, and what it refers to. Sender and recipient compute the same, so nothing about it is stored,
 * and what arrives can be checked.
 *
 * A recipient is an account index: a phone, or a group behind the phones.
 */
import { NO_GROUP } from '../../wire/group-plan.ts';
import { BlobReferences } from '../content/blob-reference.ts';
import { type Habits, type MessageKind, MessageKinds } from '../content/message-kinds.ts';
import { PAYLOAD_BYTES_MIN } from '../content/payload.ts';
import type { GroupMessages } from '../groups/group-messages.ts';
import { HOT_ACCOUNT, type Misfits } from '../misfits/misfits.ts';
import type { ContactGraph } from '../people/contact-graph.ts';
import { Contacts } from '../people/contacts.ts';
import { type ContactDistribution, MutualContacts } from '../people/mutual-contacts.ts';
import { type Platform, PlatformShares } from '../people/platforms.ts';

export interface MessagePlanSettings {
  readonly seed: number;
  /** The same number for all phones, written to in turn; or lists of contacts that are mutual. */
  readonly contacts: number | ContactDistribution;
  /** Number of phones that send and receive: phones 0 to `activePhones` - 1. */
  readonly activePhones: number;
  /** Length of each payload, if messages have no kinds. */
  readonly payloadBytes: number;
  /** Kinds of messages with sizes of their own; all are alike if it is not given. */
  readonly kinds?: readonly MessageKind[];
  /** Kinds of phones, which may prefer some kinds of messages; all phones are alike if it is not given. */
  readonly platforms?: readonly Platform[];
}

export class MessagePlan {
  readonly contacts: ContactGraph;
  /** Undefined if all messages are alike. */
  readonly kinds: MessageKinds | undefined;
  /** Undefined if no message refers to a blob. */
  readonly references: BlobReferences | undefined;
  readonly #payloadBytes: number;
  readonly #groups: GroupMessages | undefined;
  readonly #misfits: Misfits | undefined;

  /**
   * @param groups chooses the messages that go to groups; none do without it.
   * @param misfits choose the messages that go to the hot account instead of a contact.
   */
  constructor(settings: MessagePlanSettings, groups?: GroupMessages, misfits?: Misfits) {
    const { seed, contacts, activePhones } = settings;
    this.contacts =
      typeof contacts === 'number'
        ? new Contacts(seed, contacts, activePhones)
        : new MutualContacts(seed, contacts, activePhones);
    this.#payloadBytes = settings.payloadBytes;
    const { kinds, platforms } = settings;
    const habits = platforms === undefined ? undefined : platformHabits(seed, platforms);
    this.kinds = kinds === undefined ? undefined : new MessageKinds(seed, kinds, PAYLOAD_BYTES_MIN, habits);
    const hasBlobs = kinds?.some(({ blob }) => blob !== undefined) === true;
    this.references = this.kinds !== undefined && hasBlobs ? new BlobReferences(seed, this.kinds) : undefined;
    this.#groups = groups;
    this.#misfits = misfits;
  }

  /** The account index that the message with this number of a phone goes to. */
  recipientOf(phone: number, number: number): number {
    if (this.#groups !== undefined) {
      const group = this.#groups.choice.groupOf(phone, number);
      if (group !== NO_GROUP) return this.#groups.plan.accountOf(group);
    }
    if (this.#misfits?.isHot(phone, number) === true) return HOT_ACCOUNT;
    return this.contacts.phoneOf(phone, this.contacts.contactFor(phone, number));
  }

  /** Whether the message with this number of a phone goes to the hot account instead of a contact. */
  isToHotAccount(phone: number, number: number): boolean {
    return this.#misfits?.isHot(phone, number) === true && this.recipientOf(phone, number) === HOT_ACCOUNT;
  }

  /** Length of the payload of a phone's message with this number, in bytes. */
  payloadBytesOf(phone: number, number: number): number {
    return this.kinds === undefined ? this.#payloadBytes : this.kinds.payloadBytesOf(phone, number);
  }
}

/** What the phones of each platform prefer; undefined if none does. */
function platformHabits(seed: number, platforms: readonly Platform[]): Habits | undefined {
  const factors = platforms.map(({ habits }) => habits ?? []);
  if (factors.flat().every((factor) => factor === 1)) return undefined;
  const shares = new PlatformShares(seed, platforms);
  return { of: (phone) => shares.of(phone), factors };
}
