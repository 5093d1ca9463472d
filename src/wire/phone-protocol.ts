/**
 * The interface of an application protocol, as the driver sees it: how simulated phones talk to a server.
 *
 * The driver decides when a phone logs in, sends or pings, and what an answer means for its counters and latencies. The
 * protocol converts that to bytes and back. The interface is in `wire` for the same reason as that of transports: the
 * driver uses it, `protocol` implements it, and neither imports the other.
 *
 * Methods that write return false, or a negative offset, if the transport has no room; the driver calls them again
 * later. No call allocates.
 */
import type { LedgerEntry } from '../base/ledger-entry.ts';
import type { PhoneTransport } from './transport.ts';

/** Why a server refused a login. Only BUSY is worth another attempt, after a pause. */
export const LoginRefusal = {
  VERSION_UNSUPPORTED: 1,
  CREDENTIALS_WRONG: 2,
  ACCOUNT_UNKNOWN: 3,
  BUSY: 4,
} as const;

/** Why a server rejected a message. */
export const Rejection = {
  MAILBOX_FULL: 1,
  STORE_FULL: 2,
  RECIPIENT_UNKNOWN: 3,
  ID_TOO_OLD: 4,
  TOO_MANY_UNANSWERED: 5,
  /** The phone is not a member of the group that it sent the message to. */
  NOT_A_MEMBER: 6,
  /** The group has no place for another member. */
  GROUP_FULL: 7,
  OVERLOADED: 8,
  /** More than a group takes. */
  PAYLOAD_TOO_LONG: 9,
  RECIPIENT_IS_SENDER: 10,
  /** For a reason that the driver does not know. */
  OTHER: 11,
} as const;

/** The server does not tell how many messages wait for a phone at its login. */
export const WAITING_UNKNOWN = -1;
/** The server does not tell who sent a message. */
export const SENDER_UNKNOWN = -2;
/** The server does not tell the version of a group. */
export const NO_VERSION = -1;
/** The server does not tell by which id the sender of a message knows it. */
export const ID_UNKNOWN = -1;
/** The server does not number the messages that it delivers. */
export const NO_SEQUENCE = -1;

/** What input is about, by its first unit: which rows are needed when it is handled. */
export const InputKind = {
  /** Of what the row of the phone suffices for, or what is not known. */
  OTHER: 0,
  /** The answer to a login. */
  LOGIN: 1,
  /** Of a message that the phone has sent: that it was accepted, or received. */
  ANSWER: 2,
  PRESENCE: 3,
} as const;

/** What a member is told with a message to its group. A protocol has one such object, since no call allocates. */
export interface GroupDelivery {
  /** Account index of the group, NO_ACCOUNT if there is no such account. */
  group: number;
  /** The phone that sent it, NO_ACCOUNT if there is no such account. */
  author: number;
  /** Of the members of the group when its home accepted the message; or {@link NO_VERSION}. */
  version: number;
  /** As in {@link PhoneListener.delivered}. */
  sequence: number;
}

/** What a protocol reports to the driver, from within calls of {@link PhoneProtocol}. */
export interface PhoneListener {
  /** One unit of the protocol (frame, packet, line) was received; called before its content is reported. */
  frameIn(): void;
  /** One unit of the protocol was sent. */
  frameOut(): void;
  /** The number of the phone's newest message, 0 if it has sent none in this run. */
  lastNumber(row: number): number;
  /** The protocol has output that found no room: {@link PhoneProtocol.answer} is called until it returns true. */
  owesAnswer(row: number): void;

  /**
   * The login is complete, after however many steps the protocol has.
   * @param waiting messages and receipts that wait for the phone, or {@link WAITING_UNKNOWN}.
   */
  loggedIn(row: number, waiting: number): void;
  /**
   * The server has accepted a message (✓). A protocol without acknowledgements reports each message when it has written
   * it.
   * @param number 0 or below: the message is from an earlier run.
   */
  acknowledged(row: number, number: number): void;
  /**
   * The home of a group has accepted a message to it, or a change of its members (✓).
   * @param version how often the members of the group had changed: the message goes to the members of this version.
   * @param members of a message: how many phones it goes to; of a change: how many members the group has now.
   */
  acknowledgedByGroup(row: number, number: number, version: number, members: number): void;
  /** The server has rejected a message. @param rejection a {@link Rejection}. */
  rejected(row: number, number: number, rejection: number): void;
  /**
   * The recipient has received a message (✓✓); never called by a protocol without receipts.
   * @param number 0 or below: the message is from an earlier run.
   */
  receipt(row: number, number: number): void;
  /**
   * A message for the phone, with the payload `view[start, end)`. The driver calls {@link PhoneProtocol.confirm}.
   * @param sender a phone, NO_ACCOUNT if there is no such account, or {@link SENDER_UNKNOWN}.
   * @param sequence a serial number that increases with each message of a mailbox, so that a redelivered message is
   *   recognised; or {@link NO_SEQUENCE}.
   */
  delivered(row: number, sender: number, sequence: number, view: DataView, start: number, end: number): void;
  /**
   * A message to a group of which the phone is a member, with the payload `view[start, end)`. The driver calls
   * {@link PhoneProtocol.confirm}.
   * @param delivery valid during the call only.
   */
  deliveredToGroup(row: number, delivery: GroupDelivery, view: DataView, start: number, end: number): void;
  /**
   * The server says whether an account that the phone watches is available; never called by a protocol without
   * {@link PhoneProtocol.presence}, like the two below.
   * @param account a phone, or NO_ACCOUNT if there is no such account.
   * @param lastSeenSeconds for how long it has been unavailable, or LAST_SEEN_UNKNOWN; 0 while it is available.
   */
  presence(row: number, account: number, isAvailable: boolean, lastSeenSeconds: number): void;
  /** Somebody types to the phone, or has stopped. @param sender a phone, or NO_ACCOUNT. */
  typing(row: number, sender: number): void;
  /** The server has refused one of the accounts that the phone would watch. */
  watchRefused(row: number): void;
  /**
   * A recipient has read a message of the phone; never called by a protocol without {@link PhoneProtocol.reads}.
   * @param number 0 or below: the message is from an earlier run.
   * @param reader a phone, or NO_ACCOUNT.
   */
  read(row: number, number: number, reader: number): void;
  /** The server has answered a ping. */
  pong(row: number): void;

  // Each of these closes the phone's connection: the protocol must drop the rest of its input.

  /**
   * @param refusal a {@link LoginRefusal}.
   * @param pauseMillis if the server is BUSY: after which time to come back, 0 if it does not say.
   */
  loginRefused(row: number, refusal: number, pauseMillis: number): void;
  /** The server has announced that it closes the connection. @param reason a CloseReason. */
  ended(row: number, reason: number): void;
  /** The answer to a login is not of this protocol: the server speaks another one. */
  foreign(row: number): void;
  /** Input after the login violates the protocol. */
  malformed(row: number): void;
  /** The pool for partial input was full, and the phone's partial input was dropped. */
  evicted(row: number): void;
}

/** Presence and typing, of a protocol that has them. Each returns false if there is no room. */
export interface PresenceProtocol {
  /** Asks for the presence of a phone from now on. */
  watch(row: number, connection: number, watched: number): boolean;
  setAvailable(row: number, connection: number, isAvailable: boolean): boolean;
  /** Says that the user is typing. */
  typing(row: number, connection: number, recipient: number): boolean;
}

/** Read receipts, of a protocol that has them. */
export interface ReadsProtocol {
  /**
   * By which id its sender knows the message that is being delivered, or {@link ID_UNKNOWN}: it cannot be confirmed as
   * read.
   */
  readonly deliveredId: number;
  /** Says that the user has read a message of this author. @returns false if there is no room. */
  read(row: number, connection: number, author: number, id: number): boolean;
}

/**
 * The protocol of one lane. It identifies a phone by its row in the lane, from 0 to `rows` - 1, and a message by its
 * number among the messages of its phone in this run: 1, 2, 3 … up to 2^30 - 1. At most 16 messages of a phone are
 * unanswered, so ids of 16 bits identify them (see {@link PhoneListener.lastNumber}). Other state (ids, login steps,
 * partial input) belongs to the protocol. It keeps it in columns or pools of a fixed size and lists them in its ledger.
 */
export interface PhoneProtocol {
  readonly presence?: PresenceProtocol;
  readonly reads?: ReadsProtocol;
  /**
   * The memory into which {@link claimMessage} returns offsets: the output of the transport, or a buffer if payloads
   * are encoded.
   */
  readonly payloads: DataView;

  /**
   * Starts the login of a phone whose connection is open: writes its first step, or waits for a server that speaks
   * first.
   */
  logIn(row: number, connection: number, phone: number): boolean;
  /** Writes a logout if there is room. The driver closes the connection in any case. */
  logOut(row: number, connection: number): void;
  ping(row: number, connection: number): boolean;
  /**
   * Claims room for a message; the caller then writes the payload and calls {@link commitMessage}. The number of a
   * resent message is at most {@link PhoneListener.lastNumber}, that of a new one is the next.
   * @param recipient account index of a phone or a group.
   * @returns an offset into {@link payloads}, or a negative value as from `claim` of a transport.
   */
  claimMessage(row: number, connection: number, number: number, recipient: number, payloadBytes: number): number;
  commitMessage(): void;
  /**
   * Joins a group or leaves it. The change has a number as a message has, and is answered like one.
   * @param group account index of the group.
   */
  changeGroup(row: number, connection: number, number: number, group: number, joins: boolean): boolean;
  /**
   * Confirms the message that is being delivered.
   * @param sequence the highest sequence number that the phone has received.
   * @returns false if there is no room: the protocol remembers what to confirm, and {@link answer} is called later.
   */
  confirm(row: number, connection: number, sequence: number): boolean;
  /**
   * Writes what found no room: confirmations, and what {@link PhoneListener.owesAnswer} announced.
   * @returns whether all is written.
   */
  answer(row: number, connection: number, sequence: number): boolean;

  /**
   * Handles received bytes.
   * @param isLoggingIn whether the phone awaits the completion of its login.
   * @returns how many bytes were handled; the rest is passed again later.
   */
  feed(row: number, connection: number, isLoggingIn: boolean, view: DataView, start: number, end: number): number;
  /** What the bytes `view[start, end)` begin with: an {@link InputKind}. A protocol need not tell; nothing depends on it. */
  kindOf?(view: DataView, start: number, end: number): number;
  /** The number of the message that input of the kind ANSWER, which begins at `start`, is about; 0 or below as above. */
  answeredNumber?(row: number, view: DataView, start: number): number;
  /** Discards the state of the phone's connection: it has ended, or a new one is open. */
  forget(row: number): void;

  /** @param rowsUsed number of phones that have connected at least once. */
  ledger(rowsUsed: number): LedgerEntry[];
}

/** Creates the protocol for the phones of one lane. */
export type MakeProtocol = (rows: number, transport: PhoneTransport, listener: PhoneListener) => PhoneProtocol;
