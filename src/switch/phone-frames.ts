/**
 * Handles each frame that a phone sends: what its session's state allows goes to the part that it is for (LoginInput,
 * MessageInput, GroupInput, ShardPresence), and the rest is a violation, which ends the connection. It holds no state
 * of its own: PhoneSessions owns the sessions, and the home of an account owns the account.
 */

import { count } from '../base/counters.ts';
import { EVICTED_NONE, FrameAssembler } from '../wire/frame-assembler.ts';
import { ErrorFrameCode, FrameType, LOGIN_MAGIC, readAccountHigh, readAccountLow, readSerial } from '../wire/frames.ts';
import { readLoginMagic } from '../wire/login.ts';
import { FrameFlow, type FrameSink } from '../wire/parse-frames.ts';
import { CloseReason, type ConnectionEvents } from '../wire/transport.ts';
import type { GroupInput } from './group-input.ts';
import type { HomeRoutes } from './homes/home-routes.ts';
import type { Hops } from './homes/hops.ts';
import { LoginInput, type LoginInputParts } from './login-input.ts';
import { MessageInput, type MessageInputParts } from './message-input.ts';
import type { PhoneOutput } from './phone-output.ts';
import type { PhoneSessions } from './phone-sessions.ts';
import { FRAME_TAKEN, FRAME_WAITS, type ShardPresence } from './presence/shard-presence.ts';
import { ReadInput } from './read-input.ts';
import type { RowPrefetch } from './tables/row-prefetch.ts';
import { SessionState } from './tables/session-state.ts';
import type { ShardSettings } from './terms/shard-settings.ts';
import { SwitchCounter } from './terms/switch-counters.ts';

/** What frames of phones need of the shard. */
export interface PhoneFramesParts extends LoginInputParts, MessageInputParts {
  readonly presence: ShardPresence;
  readonly rows: RowPrefetch;
}

export class PhoneFrames implements FrameSink, ConnectionEvents {
  readonly #settings: ShardSettings;
  readonly #sessions: PhoneSessions;
  readonly #output: PhoneOutput;
  readonly #homes: HomeRoutes;
  readonly #hops: Hops;
  readonly #counters: Float64Array;
  readonly #presence: ShardPresence;
  readonly #groups: GroupInput | undefined;
  readonly #reads: ReadInput;
  readonly #logins: LoginInput;
  readonly #messages: MessageInput;
  readonly #assembler: FrameAssembler;
  readonly #rows: RowPrefetch;
  readonly readsAhead: boolean;
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
    this.#counters = parts.counters;
    this.#presence = parts.presence;
    this.#groups = parts.groups;
    this.#reads = new ReadInput(settings, parts);
    this.#rows = parts.rows;
    this.readsAhead = parts.rows.readsAhead;
    this.#logins = new LoginInput(settings, parts);
    this.#messages = new MessageInput(settings, parts);
    this.#assembler = new FrameAssembler(settings.partialFramesMax);
  }

  get bytesHeld(): number {
    return this.#assembler.bytes;
  }

  setTick(tick: number): void {
    this.#tick = tick;
    this.#logins.beginTurn();
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

  prefetch(slot: number, view: DataView, start: number, end: number): void {
    this.#rows.input(slot, view, start, end);
  }

  prefetched(): void {
    this.#rows.inputsKnown();
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
        return this.#messages.send(this.#slot, this.#tick, view, body, end);
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
      case FrameType.READ:
        return this.#read(view, body);
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
    const flow =
      readLoginMagic(view, body) === LOGIN_MAGIC
        ? this.#logins.take(this.#slot, this.#tick, view, body, end)
        : this.#violation(ErrorFrameCode.MALFORMED_FRAME, SwitchCounter.violationsMalformed);
    count(this.#counters, flow === FrameFlow.STALL ? SwitchCounter.stalls : SwitchCounter.framesIn);
    return flow;
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

  #read(view: DataView, body: number): FrameFlow {
    return this.#sessions.table.speaksMinor1(this.#slot)
      ? this.#reads.read(this.#slot, view, body)
      : this.#violation(ErrorFrameCode.UNKNOWN_FRAME, SwitchCounter.violationsUnknownFrame);
  }

  /**
   * A partial frame was evicted by that of another connection; it can never be completed, so the connection is closed.
   */
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
