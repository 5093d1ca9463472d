/**
 * The interface of a protocol: what phones and a server say to each other, as the driver sees it.
 *
 * The driver decides when a phone logs in, sends or pings, and what an answer means for its counts and latencies. The
 * protocol decides which bytes that takes. It is in `wire` for the same reason as the interface of transports: the
 * driver uses it, `protocol` implements it, and neither imports the other.
 *
 * A protocol belongs to one lane. It names a phone by its row in the lane, from 0 to `rows` - 1, and a message by its
 * number among those of its phone in this run: 1, 2, 3 … up to 2^30 - 1. At most 16 messages of a phone are unanswered,
 * so that ids of 16 bits tell them apart (see {@link PhoneListener.lastNumber}). Whatever else a protocol keeps (ids,
 * steps of a login, half a frame) is its own, in columns or pools of a fixed size, in its ledger.
 *
 * Calls that write return false, or a negative offset, if the transport has no room; the driver repeats the call later.
 * Nothing is allocated per call.
 */
import type { LedgerEntry } from '../base/ledger.ts';
import type { ClientTransport } from './transport.ts';

/** Why a server refused a login. Only BUSY is worth another attempt. */
export const LoginRefusal = {
  VERSION_UNSUPPORTED: 1,
  CREDENTIALS_WRONG: 2,
  ACCOUNT_UNKNOWN: 3,
  BUSY: 4,
} as const;

/** Why a server did not accept a message. */
export const Rejection = {
  MAILBOX_FULL: 1,
  STORE_FULL: 2,
  RECIPIENT_UNKNOWN: 3,
  ID_TOO_OLD: 4,
  TOO_MANY_UNANSWERED: 5,
} as const;

/** The server does not say how many messages wait for a phone that logs in, or more than it can say. */
export const WAITING_UNKNOWN = -1;
/** The server does not say who sent a message. */
export const SENDER_UNKNOWN = -2;
/** The server does not number the messages that it delivers. */
export const NO_SEQUENCE = -1;

/** What a protocol reports to the driver, from within the calls of {@link PhoneProtocol}. */
export interface PhoneListener {
  /** One unit of the protocol (frame, packet, line) was read; called before what it says is reported. */
  frameIn(): void;
  /** One unit of the protocol was written and committed. */
  frameOut(): void;
  /** The number of the phone's newest message, 0 if it has sent none in this run. */
  lastNumber(row: number): number;
  /** The protocol has something to say that found no room: {@link PhoneProtocol.answer} is called until it succeeds. */
  owesAnswer(row: number): void;

  /**
   * The phone's login is complete, after as many steps as the protocol has.
   * @param waiting messages and receipts that wait for the phone, or {@link WAITING_UNKNOWN}.
   */
  loggedIn(row: number, waiting: number): void;
  /** The server has a message. @param number 0 or below: not of this run. */
  acknowledged(row: number, number: number): void;
  /** The server did not accept a message. @param rejection a {@link Rejection}. */
  rejected(row: number, number: number, rejection: number): void;
  /** The recipient has a message. @param number 0 or below: not of this run. */
  receipt(row: number, number: number): void;
  /**
   * A message for the phone; its payload is `view[start, end)`. The driver answers with {@link PhoneProtocol.confirm}.
   * @param sender a phone, NO_ACCOUNT if there is no such account, or {@link SENDER_UNKNOWN}.
   * @param sequence a serial number that grows from message to message of a mailbox, by which a message that comes
   *   again is known; or {@link NO_SEQUENCE}.
   */
  delivered(row: number, sender: number, sequence: number, view: DataView, start: number, end: number): void;
  /** The server's answer to a ping. */
  pong(): void;

  // After each of these the phone has left its connection: the rest of the input is to be dropped.

  /** @param refusal a {@link LoginRefusal}. */
  loginRefused(row: number, refusal: number): void;
  /** The server announces the end of the connection. @param reason a CloseReason. */
  ended(row: number, reason: number): void;
  /** The answer to a login is not of this protocol: the server speaks another. */
  foreign(row: number): void;
  /** What a server that speaks the protocol said cannot be read. */
  malformed(row: number): void;
  /** The pool for partial input was full, and what was kept for this phone is gone. */
  evicted(row: number): void;
}

export interface PhoneProtocol {
  /** Whether senders are told when the recipient has a message (✓✓). */
  readonly hasReceipts: boolean;
  /** The memory into which {@link claimMessage} returns offsets: the transport's, or the protocol's own if it encodes payloads. */
  readonly payloads: DataView;

  /** The connection of a phone is open: says the first words of a login, if it is the phone that speaks first. */
  logIn(row: number, connection: number, phone: number): boolean;
  /** Says goodbye, if there is room: the connection is closed in any case. */
  logOut(row: number, connection: number): void;
  ping(row: number, connection: number): boolean;
  /**
   * Claims room for a message; the caller writes the payload and calls {@link commitMessage}. A message that is sent
   * again has a number that is not above {@link PhoneListener.lastNumber}.
   * @param recipient a phone.
   * @returns an offset into {@link payloads}, or below 0 as `claim` of a transport.
   */
  claimMessage(row: number, connection: number, number: number, recipient: number, payloadBytes: number): number;
  commitMessage(): void;
  /**
   * Confirms the message that is being delivered.
   * @param sequence the newest sequence number that the phone has seen.
   * @returns false if there was no room: the protocol keeps what it needs, and {@link answer} is called later.
   */
  confirm(row: number, connection: number, sequence: number): boolean;
  /** Says what found no room: confirmations, and what {@link PhoneListener.owesAnswer} announced. @returns whether all is said. */
  answer(row: number, connection: number, sequence: number): boolean;

  /**
   * Reads what the server says.
   * @param isLoggingIn whether the phone awaits the answer to its login.
   * @returns how many bytes were handled; the rest is offered again later.
   */
  feed(row: number, connection: number, isLoggingIn: boolean, view: DataView, start: number, end: number): number;
  /** Forgets what belongs to the phone's connection: it has ended, or a new one is open. */
  forget(row: number): void;

  /** @param rowsUsed phones that have ever connected. */
  ledger(rowsUsed: number): LedgerEntry[];
}

/** Makes the protocol for the phones of one lane. */
export type MakeProtocol = (rows: number, transport: ClientTransport, listener: PhoneListener) => PhoneProtocol;
