/**
 * Handles each frame that a phone sends. It holds no state of its own: PhoneSessions owns the sessions, and
 * the home of an account owns the account.
 */

import { copyBytes } from '../base/bytes.ts';
import { count } from '../base/counters.ts';
import { EVICTED_NONE, FrameAssembler } from '../wire/frame-assembler.ts';
import { FrameFlow, type FrameSink } from '../wire/frame-parser.ts';
import {
  Capability,
  ErrorFrameCode,
  FrameType,
  LOGIN_MAGIC,
  LoginCode,
  PROTOCOL_MAJOR,
  PROTOCOL_MINOR,
  payloadStart,
  readAccountHigh,
  readAccountLow,
  readSerial,
} from '../wire/frames.ts';
import {
  readLoginAccountHigh,
  readLoginAccountLow,
  readLoginCapabilities,
  readLoginMagic,
  readLoginMajor,
  readLoginMinor,
  tokenStart,
} from '../wire/login.ts';
import { NO_ACCOUNT } from '../wire/numbering-plan.ts';
import { CloseReason, type ConnectionEvents } from '../wire/transport.ts';
import type { MessageWork } from './admission/message-work.ts';
import { Shed, type Shedding } from './admission/shedding.ts';
import type { GroupInput } from './group-input.ts';
import type { HomeRoutes } from './homes/home-routes.ts';
import type { Hops } from './homes/hops.ts';
import type { PhoneOutput } from './phone-output.ts';
import type { PhoneSessions } from './phone-sessions.ts';
import { FRAME_TAKEN, FRAME_WAITS, type ShardPresence } from './presence/shard-presence.ts';
import type { Authenticator, ShardSettings } from './shard-settings.ts';
import { SwitchCounter } from './switch-counters.ts';
import type { LoginAdmission } from './tables/login-admission.ts';
import { LOGIN_QUESTION, type OpenQuestions } from './tables/open-questions.ts';
import { SessionState } from './tables/session-states.ts';
import { IdStatus, SessionFlag } from './tables/session-table.ts';

/** What frames of phones need of the shard. */
export interface PhoneFramesParts {
  readonly sessions: PhoneSessions;
  readonly output: PhoneOutput;
  readonly homes: HomeRoutes;
  readonly hops: Hops;
  readonly questions: OpenQuestions;
  readonly authenticate: Authenticator;
  readonly counters: Float64Array;
  readonly presence: ShardPresence;
  readonly shedding: Shedding;
  readonly work: MessageWork | undefined;
  /** Undefined if all logins are admitted. */
  readonly admission: LoginAdmission | undefined;
  readonly groups: GroupInput | undefined;
}

export class PhoneFrames implements FrameSink, ConnectionEvents {
  readonly #settings: ShardSettings;
  readonly #sessions: PhoneSessions;
  readonly #output: PhoneOutput;
  readonly #homes: HomeRoutes;
  readonly #hops: Hops;
  readonly #questions: OpenQuestions;
  readonly #authenticate: Authenticator;
  readonly #counters: Float64Array;
  readonly #presence: ShardPresence;
  readonly #shedding: Shedding;
  readonly #work: MessageWork | undefined;
  /** Undefined if all logins are admitted. */
  readonly #admission: LoginAdmission | undefined;
  readonly #groups: GroupInput | undefined;
  readonly #assembler: FrameAssembler;
  #slot = 0;
  #tick = 0;
  /** Frames that may still be taken from the present chunk. */
  #framesLeft = 0;

  constructor(settings: ShardSettings, parts: PhoneFramesParts) {
    this.#settings = settings;
    this.#sessions = parts.sessions;
    this.#output = parts.output;
    this.#homes = parts.homes;
    this.#hops = parts.hops;
    this.#questions = parts.questions;
    this.#authenticate = parts.authenticate;
    this.#counters = parts.counters;
    this.#presence = parts.presence;
    this.#shedding = parts.shedding;
    this.#work = parts.work;
    this.#admission = parts.admission;
    this.#groups = parts.groups;
    this.#assembler = new FrameAssembler(settings.partialFramesMax);
  }

  get bytesHeld(): number {
    return this.#assembler.bytes;
  }

  setTick(tick: number): void {
    this.#tick = tick;
    this.#admission?.beginTurn();
  }

  opened(_token: number, slot: number): void {
    this.#sessions.opened(slot);
  }

  refused(): void {
    // Only a phone connects.
  }

  closed(_token: number, slot: number): void {
    this.#assembler.forget(slot);
    this.#sessions.closed(slot);
  }

  bytes(_token: number, slot: number, view: DataView, start: number, end: number): number {
    this.#slot = slot;
    if (!this.#sessions.heeds(slot)) return end - start;
    this.#framesLeft = this.#settings.inputsPerTurn;
    const taken = this.#assembler.feed(slot, view, start, end, this);
    if (this.#assembler.evicted !== EVICTED_NONE) this.#evicted(this.#assembler.evicted);
    return taken;
  }

  /**
   * Takes at most as many frames of a chunk as the reserve of a turn can answer: their messages may use all other
   * room, so only the reserve is certain. The rest is offered again after a flush.
   */
  frame(type: number, view: DataView, body: number, end: number): FrameFlow {
    if (this.#framesLeft-- === 0) return FrameFlow.STALL;
    const slot = this.#slot;
    const state = this.#sessions.table.state(slot);
    if (state !== SessionState.ONLINE) return this.#beforeLogin(type, state, view, body, end);
    const flow = this.#whileOnline(type, view, body, end);
    if (flow === FrameFlow.STALL) {
      count(this.#counters, SwitchCounter.stalls);
      return flow;
    }
    count(this.#counters, SwitchCounter.framesIn);
    if (flow === FrameFlow.NEXT) this.#sessions.table.hear(slot, this.#tick);
    return flow;
  }

  unknownFrame(): FrameFlow {
    if (this.#sessions.table.isLaterMinor(this.#slot)) {
      count(this.#counters, SwitchCounter.framesSkipped);
      return FrameFlow.NEXT;
    }
    return this.#violation(ErrorFrameCode.UNKNOWN_FRAME, SwitchCounter.violationsUnknownFrame);
  }

  malformed(): void {
    this.#violation(ErrorFrameCode.MALFORMED_FRAME, SwitchCounter.violationsMalformed);
  }

  #whileOnline(type: number, view: DataView, body: number, end: number): FrameFlow {
    switch (type) {
      case FrameType.SEND:
        return this.#send(view, body, end);
      case FrameType.DELIVERED:
        return this.#delivered(readSerial(view, body));
      case FrameType.JOIN:
      case FrameType.LEAVE:
        return this.#changeGroup(type, view, body);
      case FrameType.PING:
        this.#output.pong(this.#slot);
        return FrameFlow.NEXT;
      case FrameType.LOGOUT:
        count(this.#counters, SwitchCounter.logouts);
        this.#sessions.close(this.#slot, CloseReason.PHONE_LEFT);
        return FrameFlow.STOP;
      case FrameType.WATCH:
      case FrameType.UNWATCH:
      case FrameType.SET_PRESENCE:
      case FrameType.TYPING:
        return this.#presenceFrame(type, view, body);
      case FrameType.LOGIN:
        return this.#violation(ErrorFrameCode.LOGIN_REPEATED, SwitchCounter.violationsLoginRepeated);
      default:
        return this.#violation(ErrorFrameCode.UNKNOWN_FRAME, SwitchCounter.violationsUnknownFrame);
    }
  }

  #beforeLogin(type: number, state: number, view: DataView, body: number, end: number): FrameFlow {
    if (type !== FrameType.LOGIN || state !== SessionState.OPEN) {
      return this.#violation(ErrorFrameCode.LOGIN_EXPECTED, SwitchCounter.violationsLoginExpected);
    }
    const flow = this.#login(view, body, end);
    count(this.#counters, flow === FrameFlow.STALL ? SwitchCounter.stalls : SwitchCounter.framesIn);
    return flow;
  }

  #login(view: DataView, body: number, end: number): FrameFlow {
    const slot = this.#slot;
    if (readLoginMagic(view, body) !== LOGIN_MAGIC) {
      return this.#violation(ErrorFrameCode.MALFORMED_FRAME, SwitchCounter.violationsMalformed);
    }
    if (readLoginMajor(view, body) !== PROTOCOL_MAJOR) {
      return this.#refuse(LoginCode.VERSION_UNSUPPORTED, SwitchCounter.loginsRefusedVersion);
    }
    const high = readLoginAccountHigh(view, body);
    const low = readLoginAccountLow(view, body);
    const account = this.#settings.plan.indexOfHalves(high, low);
    if (account === NO_ACCOUNT || this.#groups?.isGroup(account) === true) {
      return this.#refuse(LoginCode.ACCOUNT_UNKNOWN, SwitchCounter.loginsRefusedAccount);
    }
    const admission = this.#admission;
    const isDeferred = admission !== undefined && !admission.admits();
    const isShed = this.#shedding.isShed(Shed.LOGINS);
    if (isDeferred || isShed) {
      // Before its token is checked, which costs more than all the rest of a login.
      const counter = isShed ? SwitchCounter.loginsRefusedOverloaded : SwitchCounter.loginsDeferred;
      const pauseMillis = admission?.pauseMillis() ?? this.#shedding.pauseMillis;
      this.#sessions.refuseLogin(slot, LoginCode.BUSY, counter, pauseMillis);
      return FrameFlow.STOP;
    }
    const token = tokenStart(body);
    if (!this.#authenticate(high, low, view, token, end - token)) {
      return this.#refuse(LoginCode.TOKEN_WRONG, SwitchCounter.loginsRefusedToken);
    }
    const sessions = this.#sessions;
    const to = this.#settings.homes.shardOf(account);
    const address = this.#homes.addressOf(slot);
    const generation = sessions.table.generation(slot);
    const remote = to !== this.#settings.shard;
    if (remote && !this.#ask(to, account, address, generation)) return FrameFlow.STALL;
    admission?.take();
    const flags = sessionFlags(readLoginMinor(view, body), readLoginCapabilities(view, body));
    sessions.table.beginLogin(slot, account, flags);
    if (!remote) this.#homes.own.login(account, address, generation, this.#tick);
    return FrameFlow.NEXT;
  }

  #ask(to: number, account: number, address: number, generation: number): boolean {
    if (this.#questions.isFull) return false;
    if (!this.#hops.write.login(to, account, address, generation, this.#tick)) return false;
    this.#questions.ask(to, this.#slot, LOGIN_QUESTION, this.#tick);
    return true;
  }

  #refuse(code: number, counter: number): FrameFlow {
    this.#sessions.refuseLogin(this.#slot, code, counter, 0);
    return FrameFlow.STOP;
  }

  #send(view: DataView, body: number, end: number): FrameFlow {
    const slot = this.#slot;
    const id = readSerial(view, body);
    if (this.#shedding.isShed(Shed.MESSAGES)) return this.#shedMessage(id);
    const recipient = this.#settings.plan.indexOfHalves(readAccountHigh(view, body), readAccountLow(view, body));
    if (recipient === NO_ACCOUNT) {
      this.#sessions.rejectMessage(slot, ErrorFrameCode.RECIPIENT_UNKNOWN, id);
      return FrameFlow.NEXT;
    }
    const table = this.#sessions.table;
    if (recipient === table.account(slot)) {
      this.#sessions.rejectMessage(slot, ErrorFrameCode.RECIPIENT_IS_SENDER, id);
      return FrameFlow.NEXT;
    }
    if (this.#groups?.isGroup(recipient) === true) {
      const at = payloadStart(body);
      const flow = this.#groups.send(slot, id, recipient, this.#tick, view, at, end - at);
      if (flow === FrameFlow.NEXT) this.#work?.spend();
      return flow;
    }
    const to = this.#settings.homes.shardOf(recipient);
    const remote = to !== this.#settings.shard;
    if (remote && this.#questions.isFull) return FrameFlow.STALL;
    const status = table.admit(slot, id);
    if (status !== IdStatus.NEW) return this.#notNew(status, id);
    const payloadAt = payloadStart(body);
    if (!remote) {
      const address = this.#homes.addressOf(slot);
      const account = table.account(slot);
      const generation = table.generation(slot);
      this.#homes.own.route(account, address, generation, id, recipient, view, payloadAt, end - payloadAt);
      this.#work?.spend();
      return FrameFlow.NEXT;
    }
    if (this.#route(to, id, recipient, view, payloadAt, end - payloadAt)) {
      this.#work?.spend();
      return FrameFlow.NEXT;
    }
    table.answer(slot, id, false);
    return FrameFlow.STALL;
  }

  /** Handles a JOIN or a LEAVE. */
  #changeGroup(type: number, view: DataView, body: number): FrameFlow {
    const slot = this.#slot;
    if (!this.#sessions.table.speaksMinor1(slot))
      return this.#violation(ErrorFrameCode.UNKNOWN_FRAME, SwitchCounter.violationsUnknownFrame);
    const id = readSerial(view, body);
    const group = this.#settings.plan.indexOfHalves(readAccountHigh(view, body), readAccountLow(view, body));
    if (this.#groups?.isGroup(group) === true)
      return this.#groups.change(slot, id, group, this.#tick, type === FrameType.JOIN);
    this.#sessions.rejectMessage(slot, ErrorFrameCode.RECIPIENT_UNKNOWN, id);
    return FrameFlow.NEXT;
  }

  #route(to: number, id: number, recipient: number, view: DataView, at: number, bytes: number): boolean {
    const { table } = this.#sessions;
    const slot = this.#slot;
    const address = this.#homes.addressOf(slot);
    const payloadAt = this.#hops.write.route(
      to,
      bytes,
      table.account(slot),
      address,
      table.generation(slot),
      id,
      recipient,
      this.#tick,
    );
    if (payloadAt < 0) return false;
    copyBytes(view, at, this.#hops.view, payloadAt, bytes);
    this.#hops.end(to);
    this.#questions.ask(to, this.#slot, id, this.#tick);
    return true;
  }

  /** Refuses a message before any work is done for it. One that was accepted before is acknowledged again, as ever. */
  #shedMessage(id: number): FrameFlow {
    const { table } = this.#sessions;
    const status = table.admit(this.#slot, id);
    if (status !== IdStatus.NEW) return this.#notNew(status, id);
    table.answer(this.#slot, id, false);
    this.#sessions.rejectMessage(this.#slot, ErrorFrameCode.OVERLOADED, id);
    return FrameFlow.NEXT;
  }

  /** Handles a message whose id is already in the window, or does not fit into it. */
  #notNew(status: number, id: number): FrameFlow {
    switch (status) {
      case IdStatus.DUPLICATE:
        count(this.#counters, SwitchCounter.messagesDuplicate);
        this.#output.acknowledge(this.#slot, id);
        break;
      case IdStatus.DUPLICATE_UNANSWERED:
        count(this.#counters, SwitchCounter.messagesDuplicate);
        break;
      case IdStatus.TOO_OLD:
        this.#sessions.rejectMessage(this.#slot, ErrorFrameCode.ID_TOO_OLD, id);
        break;
      default:
        this.#sessions.rejectMessage(this.#slot, ErrorFrameCode.TOO_MANY_UNANSWERED, id);
    }
    return FrameFlow.NEXT;
  }

  #delivered(sequence: number): FrameFlow {
    const account = this.#sessions.table.account(this.#slot);
    const to = this.#settings.homes.shardOf(account);
    if (to === this.#settings.shard) {
      this.#homes.own.delivered(account, sequence);
      return FrameFlow.NEXT;
    }
    return this.#hops.write.delivered(to, account, sequence) ? FrameFlow.NEXT : FrameFlow.STALL;
  }

  #presenceFrame(type: number, view: DataView, body: number): FrameFlow {
    if (!this.#sessions.table.speaksMinor1(this.#slot))
      return this.#violation(ErrorFrameCode.UNKNOWN_FRAME, SwitchCounter.violationsUnknownFrame);
    const code = this.#presence.frame(type, this.#slot, view, body);
    if (code === FRAME_WAITS) return FrameFlow.STALL;
    if (code === ErrorFrameCode.MALFORMED_FRAME) return this.#violation(code, SwitchCounter.violationsMalformed);
    if (code !== FRAME_TAKEN) this.#output.error(this.#slot, code, 0);
    return FrameFlow.NEXT;
  }

  /** A partial frame was evicted by that of another connection; it can never be completed, so the connection is closed. */
  #evicted(slot: number): void {
    if (this.#sessions.heeds(slot))
      this.#end(slot, ErrorFrameCode.MALFORMED_FRAME, SwitchCounter.violationsPartialFrames);
  }

  #violation(code: number, counter: number): FrameFlow {
    this.#end(this.#slot, code, counter);
    return FrameFlow.STOP;
  }

  #end(slot: number, code: number, counter: number): void {
    count(this.#counters, counter);
    this.#output.error(slot, code, 0);
    this.#sessions.close(slot, CloseReason.VIOLATION);
  }
}

/** What the row of a session keeps of a LOGIN, as {@link SessionFlag}s. */
function sessionFlags(minor: number, capabilities: number): number {
  return (
    (minor > PROTOCOL_MINOR ? SessionFlag.LATER_MINOR : 0) |
    (minor >= 1 ? SessionFlag.MINOR_1 : 0) |
    ((capabilities & Capability.RECEIPTS) !== 0 ? SessionFlag.WANTS_RECEIPTS : 0)
  );
}
