/** What a lane does with each event of its transport and each frame from the switch. */
import { count } from '../base/counters.ts';
import { EVICTED_NONE, FrameAssembler } from '../wire/frame-assembler.ts';
import { type FrameSink, Verdict } from '../wire/frame-parser.ts';
import { ErrorFrameCode, FrameType, headerType, readErrorCode, readErrorSerial, readSerial } from '../wire/frames.ts';
import { readLoginCode, readLoginHighestId, readLoginWaiting } from '../wire/login.ts';
import { CloseReason, type ConnectionEvents } from '../wire/transport.ts';
import { DriverCounter } from './driver-counters.ts';
import type { LaneState } from './lane-state.ts';
import type { PhoneLogins } from './phone-logins.ts';
import type { PhoneMessages } from './phone-messages.ts';
import { PhoneState } from './phone-table.ts';

/** Phones that may hold half a frame at the same time; beyond it the first of them hangs up, and comes back. */
const PARTIAL_FRAMES_MAX = 256;

export class PhoneEvents implements ConnectionEvents, FrameSink {
  readonly #state: LaneState;
  readonly #logins: PhoneLogins;
  readonly #messages: PhoneMessages;
  readonly #assembler = new FrameAssembler(PARTIAL_FRAMES_MAX);
  #row = 0;

  constructor(state: LaneState, logins: PhoneLogins, messages: PhoneMessages) {
    this.#state = state;
    this.#logins = logins;
    this.#messages = messages;
  }

  get bytesHeld(): number {
    return this.#assembler.bytes;
  }

  opened(row: number, connection: number): void {
    this.#assembler.forget(row); // half a frame of a connection that the phone itself has ended
    this.#logins.opened(row, connection);
  }

  refused(row: number): void {
    this.#logins.refused(row);
  }

  bytes(row: number, connection: number, view: DataView, start: number, end: number): number {
    if (this.#state.phones.connection(row) !== connection) {
      count(this.#state.parts.counters, DriverCounter.framesStale);
      return end - start;
    }
    this.#row = row;
    if (this.#isForeign(row, view, start, end)) {
      this.#logins.foreign(row);
      return end - start;
    }
    const taken = this.#assembler.feed(row, view, start, end, this);
    if (this.#assembler.evicted !== EVICTED_NONE) this.#evicted(this.#assembler.evicted);
    return taken;
  }

  closed(row: number, connection: number, reason: number): void {
    if (this.#state.phones.connection(row) !== connection) return; // it has hung up itself
    this.#assembler.forget(row);
    this.#logins.lost(row, reason);
  }

  frame(type: number, view: DataView, body: number, end: number): Verdict {
    this.#state.frameIn();
    const row = this.#row;
    if (this.#state.phones.state(row) === PhoneState.LOGGING_IN && !isLoginAnswer(type)) {
      this.#logins.foreign(row);
      return Verdict.STOP;
    }
    switch (type) {
      case FrameType.DELIVER:
        this.#messages.deliver(row, view, body, end);
        break;
      case FrameType.ACKNOWLEDGED:
        this.#messages.acknowledged(row, readSerial(view, body));
        break;
      case FrameType.RECEIPT:
        this.#messages.received(row, readSerial(view, body));
        break;
      case FrameType.PONG:
        count(this.#state.parts.counters, DriverCounter.pongs);
        break;
      case FrameType.LOGIN_RESULT:
        return this.#loginResult(row, view, body);
      default:
        if (type === FrameType.ERROR) return this.#error(row, readErrorCode(view, body), readErrorSerial(view, body));
    }
    return Verdict.NEXT;
  }

  unknownFrame(): Verdict {
    return Verdict.NEXT; // a later minor version may say more than this driver knows
  }

  /** Nobody can tell where the next frame begins: the phone hangs up, and comes back unless this was no switch. */
  malformed(): void {
    const row = this.#row;
    if (this.#state.phones.state(row) === PhoneState.LOGGING_IN) {
      this.#logins.foreign(row);
      return;
    }
    count(this.#state.parts.counters, DriverCounter.corrupted);
    this.#logins.lost(row, CloseReason.VIOLATION);
  }

  /** A login that was refused ends the connection: what the switch says behind it is for nobody. */
  #loginResult(row: number, view: DataView, body: number): Verdict {
    const isAwaited = this.#state.phones.state(row) === PhoneState.LOGGING_IN;
    if (this.#logins.answered(row, readLoginCode(view, body))) {
      this.#messages.loggedIn(row, readLoginWaiting(view, body), readLoginHighestId(view, body));
      return Verdict.NEXT;
    }
    return isAwaited ? Verdict.STOP : Verdict.NEXT;
  }

  /** Half a frame had to give way to another's; it may be one of a connection that the phone has ended. */
  #evicted(row: number): void {
    const state = this.#state.phones.state(row);
    if (state !== PhoneState.ONLINE && state !== PhoneState.LOGGING_IN) return;
    count(this.#state.parts.counters, DriverCounter.partialFramesFull);
    this.#logins.lost(row, CloseReason.PHONE_LEFT);
  }

  /** The first frame that a switch says is the answer to the login, or an error: all else is some other server's. */
  #isForeign(row: number, view: DataView, start: number, end: number): boolean {
    if (this.#state.phones.state(row) !== PhoneState.LOGGING_IN || start === end) return false;
    if (this.#assembler.holds(row)) return false;
    return !isLoginAnswer(headerType(view.getUint8(start))); // the type is in the first byte
  }

  /** An error about the connection is its end: sockets that close after it do not say why. */
  #error(row: number, code: number, id: number): Verdict {
    count(this.#state.parts.counters, DriverCounter.errorsReceived);
    if (code < ErrorFrameCode.MALFORMED_FRAME) {
      this.#messages.rejected(row, id, code);
      return Verdict.NEXT;
    }
    this.#assembler.forget(row);
    this.#logins.lost(row, lossReason(code));
    return Verdict.STOP;
  }
}

/** What a switch may say to a phone that is logging in. */
function isLoginAnswer(type: number): boolean {
  return type === FrameType.LOGIN_RESULT || type === FrameType.ERROR;
}

function lossReason(code: number): number {
  if (code === ErrorFrameCode.SESSION_REPLACED) return CloseReason.SESSION_REPLACED;
  if (code === ErrorFrameCode.HEARTBEAT_MISSED) return CloseReason.HEARTBEAT_MISSED;
  return code === ErrorFrameCode.SWITCH_STOPPING ? CloseReason.SWITCH_STOPPING : CloseReason.VIOLATION;
}
