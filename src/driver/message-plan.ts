/**
 * What each message of a simulated phone is, computed from the phone and the number of the message: to whom it goes and
 * how long its payload is. Sender and recipient compute the same, so nothing about it is stored or sent.
 *
 * A recipient is an account index: a phone.
 */
import { Contacts } from './contacts.ts';

export interface MessagePlanSettings {
  readonly seed: number;
  readonly contacts: number;
  /** Number of phones that send and receive: phones 0 to `activePhones` - 1. */
  readonly activePhones: number;
  readonly payloadBytes: number;
}

export class MessagePlan {
  readonly contacts: Contacts;
  readonly #payloadBytes: number;

  constructor(settings: MessagePlanSettings) {
    this.contacts = new Contacts(settings.seed, settings.contacts, settings.activePhones);
    this.#payloadBytes = settings.payloadBytes;
  }

  /** The account index that the message with this number of a phone goes to. */
  recipientOf(phone: number, number: number): number {
    return this.contacts.phoneOf(phone, this.contacts.contactOf(number));
  }

  /** Length of the payload of a phone's message with this number, in bytes. */
  payloadBytesOf(_phone: number, _number: number): number {
    return this.#payloadBytes;
  }
}
