/**
 * The client side of trunkline's own protocol (`wire/PROTOCOL.md`).
 *
 * Payloads are written directly to the output of the transport and read from its input. The only state per phone is the
 * highest id of earlier runs; partial frames are in a small pool.
 */
import type { LedgerEntry } from '../../base/ledger-entry.ts';
import { EVICTED_NONE, FrameAssembler } from '../../wire/frame-assembler.ts';
import {
  Capability,
  EMPTY_FRAME_BYTES,
  ErrorFrameCode,
  FrameType,
  HEADER_BYTES,
  headerType,
  messageFrameBytes,
  PROTOCOL_MINOR,
  payloadStart,
  readAccountHigh,
  readAccountLow,
  readErrorCode,
  readErrorSerial,
  readSerial,
  SERIAL_FRAME_BYTES,
  writeEmptyFrame,
  writeMessage,
  writeSerialFrame,
} from '../../wire/frames.ts';
import { readAuthorId } from '../../wire/group-frames.ts';
import {
  loginFrameBytes,
  readLoginCode,
  readLoginHighestId,
  readLoginPauseMillis,
  readLoginWaiting,
  WAITING_MAX,
  writeLogin,
} from '../../wire/login.ts';
import type { NumberingPlan } from '../../wire/numbering-plan.ts';
import { FrameFlow, type FrameSink } from '../../wire/parse-frames.ts';
import {
  ID_UNKNOWN,
  type MakeProtocol,
  type PhoneListener,
  type PhoneProtocol,
  WAITING_UNKNOWN,
} from '../../wire/phone-protocol.ts';
import {
  PresenceState,
  readLastSeenSeconds,
  readWatchedHigh,
  readWatchedLow,
  readWatchedState,
} from '../../wire/presence-frames.ts';
import { payloadWithIdStart, readMessageId } from '../../wire/read-frames.ts';
import type { PhoneTransport } from '../../wire/transport.ts';
import { inputKindOf } from './input-kind-of.ts';
import { MessageNumbers } from './message-numbers.ts';
import type { TokenSigner } from './token-signer.ts';
import { isRefusal, lossReason, refusalOf, rejectionOf } from './trunkline-codes.ts';
import { TrunklineGroups } from './trunkline-groups.ts';
import { TrunklinePresence } from './trunkline-presence.ts';
import { TrunklineReads } from './trunkline-reads.ts';

/** Phones that may have a partial frame at the same time. Beyond that the phone whose frame began first reconnects. */
const PARTIAL_FRAMES_MAX = 256;
/** Room that messages leave free for confirmations, which free entries of the switch's mailboxes. */
const CONFIRMATION_ROOM_BYTES = 16 * 1024;
/** The minor version that a phone speaks. */
export type MinorOf = (phone: number) => number;

const newest: MinorOf = () => PROTOCOL_MINOR;

/**
 * The protocol of a switch with this numbering plan.
 * @param wantsReads whether phones ask for read receipts; those of minor version 0 may not.
 * @param idsBefore the id from which phones continue if the switch knows of none.
 */
export function trunklineProtocol(
  plan: NumberingPlan,
  signer: TokenSigner,
  wantsReads = false,
  minorOf: MinorOf = newest,
  idsBefore = 0,
): MakeProtocol {
  return (rows, transport, listener) =>
    new TrunklineProtocol(plan, signer, wantsReads, minorOf, new MessageNumbers(rows, idsBefore), transport, listener);
}

class TrunklineProtocol implements PhoneProtocol, FrameSink {
  readonly payloads: DataView;
  readonly presence: TrunklinePresence;
  readonly reads: TrunklineReads;
  readonly kindOf = inputKindOf;
  readonly #capabilities: number;
  readonly #plan: NumberingPlan;
  readonly #signer: TokenSigner;
  readonly #minorOf: MinorOf;
  readonly #transport: PhoneTransport;
  readonly #listener: PhoneListener;
  readonly #groups: TrunklineGroups;
  readonly #numbers: MessageNumbers;
  readonly #assembler = new FrameAssembler(PARTIAL_FRAMES_MAX);
  /** The phone whose input is being handled, and whether it still awaits the answer to its login. */
  #row = 0;
  #isLoggingIn = false;

  constructor(
    plan: NumberingPlan,
    signer: TokenSigner,
    wantsReads: boolean,
    minorOf: MinorOf,
    numbers: MessageNumbers,
    transport: PhoneTransport,
    listener: PhoneListener,
  ) {
    this.payloads = transport.output;
    this.#plan = plan;
    this.#signer = signer;
    this.#minorOf = minorOf;
    this.#transport = transport;
    this.#listener = listener;
    this.#numbers = numbers;
    this.presence = new TrunklinePresence(plan, transport, listener);
    this.#groups = new TrunklineGroups(plan, listener);
    this.reads = new TrunklineReads(plan, transport, listener);
    this.#capabilities = Capability.RECEIPTS | (wantsReads ? Capability.READS : 0);
  }

  ledger(rowsUsed: number): LedgerEntry[] {
    return [
      ...this.#numbers.ledger(rowsUsed),
      { owner: 'driver', name: 'partial frames', bytes: this.#assembler.bytes, rowBytes: 0, rowsUsed: 0 },
    ];
  }

  logIn(_row: number, connection: number, phone: number): boolean {
    const { tokenBytes } = this.#signer;
    const { output } = this.#transport;
    const at = this.#transport.claim(connection, loginFrameBytes(tokenBytes), 0);
    if (at < 0) return false;
    const account = this.#plan.numberOf(phone);
    const token = writeLogin(output, at, account, this.#capabilities, tokenBytes, this.#minorOf(phone));
    this.#signer.sign(account, output, token);
    this.#written();
    return true;
  }

  logOut(_row: number, connection: number): void {
    this.#writeEmpty(connection, FrameType.LOGOUT);
  }

  ping(_row: number, connection: number): boolean {
    return this.#writeEmpty(connection, FrameType.PING);
  }

  claimMessage(row: number, connection: number, number: number, recipient: number, payloadBytes: number): number {
    const at = this.#transport.claim(connection, messageFrameBytes(payloadBytes), CONFIRMATION_ROOM_BYTES);
    if (at < 0) return at;
    const id = this.#numbers.idOf(row, number);
    const high = this.#plan.highOf(recipient);
    const low = this.#plan.lowOf(recipient);
    return writeMessage(this.#transport.output, at, FrameType.SEND, id, high, low, payloadBytes);
  }

  commitMessage(): void {
    this.#written();
  }

  changeGroup(row: number, connection: number, number: number, group: number, joins: boolean): boolean {
    const at = this.#transport.claim(connection, messageFrameBytes(0), CONFIRMATION_ROOM_BYTES);
    if (at < 0) return false;
    const type = joins ? FrameType.JOIN : FrameType.LEAVE;
    const id = this.#numbers.idOf(row, number);
    writeMessage(this.#transport.output, at, type, id, this.#plan.highOf(group), this.#plan.lowOf(group), 0);
    this.#written();
    return true;
  }

  confirm(_row: number, connection: number, sequence: number): boolean {
    const at = this.#transport.claim(connection, SERIAL_FRAME_BYTES, 0);
    if (at < 0) return false;
    writeSerialFrame(this.#transport.output, at, FrameType.DELIVERED, sequence);
    this.#written();
    return true;
  }

  /** A confirmation covers all messages up to its sequence number, so one is enough for all that found no room. */
  answer(row: number, connection: number, sequence: number): boolean {
    return this.confirm(row, connection, sequence);
  }

  feed(row: number, _connection: number, isLoggingIn: boolean, view: DataView, start: number, end: number): number {
    this.#row = row;
    this.#isLoggingIn = isLoggingIn;
    if (isLoggingIn && this.#isForeign(row, view, start, end)) {
      this.#listener.foreign(row);
      return end - start;
    }
    const taken = this.#assembler.feed(row, view, start, end, this);
    if (this.#assembler.evicted !== EVICTED_NONE) this.#listener.evicted(this.#assembler.evicted);
    return taken;
  }

  answeredNumber(row: number, view: DataView, start: number): number {
    return this.#numbers.numberOf(row, readSerial(view, start + HEADER_BYTES));
  }

  forget(row: number): void {
    this.#assembler.forget(row);
  }

  frame(type: number, view: DataView, body: number, end: number): FrameFlow {
    const row = this.#row;
    const listener = this.#listener;
    listener.frameIn();
    if (this.#isLoggingIn && !isLoginAnswer(type)) {
      listener.foreign(row);
      return FrameFlow.STOP;
    }
    switch (type) {
      case FrameType.DELIVER: {
        const sender = this.#plan.indexOfHalves(readAccountHigh(view, body), readAccountLow(view, body));
        listener.delivered(row, sender, readSerial(view, body), view, payloadStart(body), end);
        break;
      }
      case FrameType.DELIVER_WITH_ID:
        this.#deliverWithId(row, view, body, end);
        break;
      case FrameType.READ:
        listener.read(row, this.#numbers.numberOf(row, readSerial(view, body)), this.#namedBy(view, body));
        break;
      case FrameType.DELIVER_GROUP:
        this.reads.deliveredId = readAuthorId(view, body);
        this.#groups.deliver(row, view, body, end);
        this.reads.deliveredId = ID_UNKNOWN;
        break;
      case FrameType.ACKNOWLEDGED:
        this.#groups.acknowledge(row, this.#numbers.numberOf(row, readSerial(view, body)), view, body, end);
        break;
      case FrameType.RECEIPT:
        listener.receipt(row, this.#numbers.numberOf(row, readSerial(view, body)));
        break;
      case FrameType.PONG:
        listener.pong(row);
        break;
      case FrameType.PRESENCE:
        this.#told(row, view, body);
        break;
      case FrameType.TYPING:
        listener.typing(row, this.#accountOf(view, body));
        break;
      case FrameType.LOGIN_RESULT:
        return this.#loginResult(row, view, body);
      default:
        if (type === FrameType.ERROR) return this.#error(row, readErrorCode(view, body), readErrorSerial(view, body));
    }
    return FrameFlow.NEXT;
  }

  unknownFrame(): FrameFlow {
    return FrameFlow.NEXT; // a later minor version may have more frames
  }

  /** Frame boundaries after this header are unknown. */
  malformed(): void {
    if (this.#isLoggingIn) this.#listener.foreign(this.#row);
    else this.#listener.malformed(this.#row);
  }

  /**
   * The first frame from a switch is the answer to the login or an error; anything else is from another kind of server.
   */
  #isForeign(row: number, view: DataView, start: number, end: number): boolean {
    if (start === end || this.#assembler.holds(row)) return false;
    return !isLoginAnswer(headerType(view.getUint8(start))); // the type is in the first byte
  }

  #deliverWithId(row: number, view: DataView, body: number, end: number): void {
    this.reads.deliveredId = readMessageId(view, body);
    this.#listener.delivered(
      row,
      this.#namedBy(view, body),
      readSerial(view, body),
      view,
      payloadWithIdStart(body),
      end,
    );
    this.reads.deliveredId = ID_UNKNOWN;
  }

  /** The account in the message fields of a frame. */
  #namedBy(view: DataView, body: number): number {
    return this.#plan.indexOfHalves(readAccountHigh(view, body), readAccountLow(view, body));
  }

  #accountOf(view: DataView, body: number): number {
    return this.#plan.indexOfHalves(readWatchedHigh(view, body), readWatchedLow(view, body));
  }

  #told(row: number, view: DataView, body: number): void {
    const isAvailable = readWatchedState(view, body) === PresenceState.AVAILABLE;
    this.#listener.presence(row, this.#accountOf(view, body), isAvailable, readLastSeenSeconds(view, body));
  }

  #loginResult(row: number, view: DataView, body: number): FrameFlow {
    if (!this.#isLoggingIn) return FrameFlow.NEXT; // not awaited
    const code = readLoginCode(view, body);
    if (code !== 0) {
      if (isRefusal(code)) this.#listener.loginRefused(row, refusalOf(code), readLoginPauseMillis(view, body));
      else this.#listener.foreign(row); // no code of this version
      return FrameFlow.STOP;
    }
    this.#isLoggingIn = false;
    if (this.#listener.lastNumber(row) === 0) this.#numbers.begin(row, readLoginHighestId(view, body));
    const waiting = readLoginWaiting(view, body);
    this.#listener.loggedIn(row, waiting === WAITING_MAX ? WAITING_UNKNOWN : waiting);
    return FrameFlow.NEXT;
  }

  /** An error about the connection ends it now: a socket that closes later does not carry the reason. */
  #error(row: number, code: number, id: number): FrameFlow {
    if (code === ErrorFrameCode.TOO_MANY_WATCHED) {
      this.#listener.watchRefused(row);
      return FrameFlow.NEXT;
    }
    if (code < ErrorFrameCode.MALFORMED_FRAME) {
      this.#listener.rejected(row, this.#numbers.numberOf(row, id), rejectionOf(code));
      return FrameFlow.NEXT;
    }
    this.#listener.ended(row, lossReason(code));
    return FrameFlow.STOP;
  }

  #writeEmpty(connection: number, type: number): boolean {
    const at = this.#transport.claim(connection, EMPTY_FRAME_BYTES, 0);
    if (at < 0) return false;
    writeEmptyFrame(this.#transport.output, at, type);
    this.#written();
    return true;
  }

  #written(): void {
    this.#transport.commit();
    this.#listener.frameOut();
  }
}

/** Whether a switch may send a frame of this type to a phone that is logging in. */
function isLoginAnswer(type: number): boolean {
  return type === FrameType.LOGIN_RESULT || type === FrameType.ERROR;
}
