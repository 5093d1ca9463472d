/**
 * What phones say about presence and typing in trunkline's own protocol. It is written only where room for messages and
 * confirmations is left, because these matter more.
 */
import { FrameType } from '../../wire/frames.ts';
import type { NumberingPlan } from '../../wire/numbering-plan.ts';
import type { PhoneListener, PresenceProtocol } from '../../wire/phone-protocol.ts';
import {
  PresenceState,
  SET_PRESENCE_FRAME_BYTES,
  TYPING_FRAME_BYTES,
  TypingState,
  WATCH_FRAME_BYTES,
  writeSetPresence,
  writeTyping,
  writeWatch,
} from '../../wire/presence-frames.ts';
import type { PhoneTransport } from '../../wire/transport.ts';
import { MESSAGE_ROOM_BYTES } from './message-room.ts';

export class TrunklinePresence implements PresenceProtocol {
  readonly #plan: NumberingPlan;
  readonly #transport: PhoneTransport;
  readonly #listener: PhoneListener;

  constructor(plan: NumberingPlan, transport: PhoneTransport, listener: PhoneListener) {
    this.#plan = plan;
    this.#transport = transport;
    this.#listener = listener;
  }

  watch(_row: number, connection: number, watched: number): boolean {
    const at = this.#transport.claim(connection, WATCH_FRAME_BYTES, MESSAGE_ROOM_BYTES);
    if (at < 0) return false;
    const high = this.#plan.highOf(watched);
    writeWatch(this.#transport.output, at, FrameType.WATCH, high, this.#plan.lowOf(watched));
    return this.#written();
  }

  setAvailable(_row: number, connection: number, isAvailable: boolean): boolean {
    const at = this.#transport.claim(connection, SET_PRESENCE_FRAME_BYTES, MESSAGE_ROOM_BYTES);
    if (at < 0) return false;
    const state = isAvailable ? PresenceState.AVAILABLE : PresenceState.UNAVAILABLE;
    writeSetPresence(this.#transport.output, at, state);
    return this.#written();
  }

  typing(_row: number, connection: number, recipient: number): boolean {
    const at = this.#transport.claim(connection, TYPING_FRAME_BYTES, MESSAGE_ROOM_BYTES);
    if (at < 0) return false;
    const high = this.#plan.highOf(recipient);
    writeTyping(this.#transport.output, at, high, this.#plan.lowOf(recipient), TypingState.TYPING);
    return this.#written();
  }

  #written(): boolean {
    this.#transport.commit();
    this.#listener.frameOut();
    return true;
  }
}
