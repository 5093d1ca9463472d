/**
 * Writes presence and typing to phones. None of it may delay a message: like messages it leaves a reserve for answers,
 * and what finds no room is left out here.
 */
import { count } from '../../base/counters.ts';
import { ERROR_FRAME_BYTES, writeErrorFrame } from '../../wire/frames.ts';
import type { NumberingPlan } from '../../wire/numbering-plan.ts';
import { PRESENCE_FRAME_BYTES, TYPING_FRAME_BYTES, writePresence, writeTyping } from '../../wire/presence-frames.ts';
import { CLAIM_FULL, CLAIM_GONE, type Transport } from '../../wire/transport.ts';
import { SwitchCounter } from '../terms/switch-counters.ts';

export class PresenceOutput {
  readonly #transport: Transport;
  readonly #plan: NumberingPlan;
  readonly #counters: Float64Array;
  readonly #reserveBytes: number;

  /** @param reserveBytes what to leave free for answers. */
  constructor(transport: Transport, plan: NumberingPlan, counters: Float64Array, reserveBytes: number) {
    this.#transport = transport;
    this.#plan = plan;
    this.#counters = counters;
    this.#reserveBytes = reserveBytes;
  }

  /** Whether a notice has room now. */
  hasRoom(slot: number): boolean {
    return this.#transport.claim(slot, PRESENCE_FRAME_BYTES, this.#reserveBytes) !== CLAIM_FULL;
  }

  /** @returns false if there is no room now. */
  presence(slot: number, account: number, state: number, lastSeenSeconds: number): boolean {
    const at = this.#transport.claim(slot, PRESENCE_FRAME_BYTES, this.#reserveBytes);
    if (at < 0) return at === CLAIM_GONE;
    const { output } = this.#transport;
    writePresence(output, at, this.#plan.highOf(account), this.#plan.lowOf(account), state, lastSeenSeconds);
    this.#commit();
    return true;
  }

  /** @returns false if there is no room now. */
  typing(slot: number, account: number, state: number): boolean {
    const at = this.#transport.claim(slot, TYPING_FRAME_BYTES, this.#reserveBytes);
    if (at < 0) return at === CLAIM_GONE;
    const { output } = this.#transport;
    writeTyping(output, at, this.#plan.highOf(account), this.#plan.lowOf(account), state);
    this.#commit();
    return true;
  }

  /** An error that answers no input of this turn. @returns false if there is no room now. */
  error(slot: number, code: number): boolean {
    const at = this.#transport.claim(slot, ERROR_FRAME_BYTES, this.#reserveBytes);
    if (at < 0) return at === CLAIM_GONE;
    writeErrorFrame(this.#transport.output, at, code, 0);
    this.#commit();
    return true;
  }

  #commit(): void {
    this.#transport.commit();
    count(this.#counters, SwitchCounter.framesOut);
  }
}
