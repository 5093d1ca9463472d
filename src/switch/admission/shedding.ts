/**
 * What a shard sheds when its input waits too long: the admission control of a shard by delay.
 *
 * The bound is for new messages: once the oldest input has waited as long, they are refused before any work is done for
 * them, so that the queue empties and those that are taken are taken in time. What matters less to users is shed
 * earlier, at a fraction of the bound: presence, then typing, then read receipts, then new logins. So each kind is shed
 * only while all those before it are. Acknowledgements, deliveries and receipts (✓✓) are never shed: they complete work
 * that has begun.
 *
 * Refusing early instead of serving late is what keeps the goodput of an overloaded server flat (B. Maurer, "Fail at
 * Scale", ACM Queue 13(8), 2015).
 */
import { countBy } from '../../base/counters.ts';
import { SwitchCounter } from '../terms/switch-counters.ts';
import { InputWait, type MarkedInput } from './input-wait.ts';

/** What can be shed, in the order in which it is. */
export const Shed = { PRESENCE: 0, TYPING: 1, READ_RECEIPTS: 2, LOGINS: 3, MESSAGES: 4 } as const;

/** For each kind, the part of the bound at which it is shed. */
const SHARES = [0.25, 0.5, 0.625, 0.75, 1] as const;
/** For each kind, the counter of the time in which it was shed. */
const MICROS_COUNTERS = Int32Array.of(
  SwitchCounter.shedPresenceMicros,
  SwitchCounter.shedTypingMicros,
  SwitchCounter.shedReadReceiptsMicros,
  SwitchCounter.shedLoginsMicros,
  SwitchCounter.shedMessagesMicros,
);

export class Shedding {
  readonly #boundsMicros: Float64Array;
  readonly #counters: Float64Array;
  readonly #wait: InputWait | null;
  /** After which a login that was shed is to come again: by then all that waits now was taken or refused. */
  readonly pauseMillis: number;
  /** Kinds below this number are shed. */
  #stage = 0;
  readonly #lastMicros = new Float64Array(1);

  /** @param delayMicros the bound; Infinity sheds nothing, at no cost. */
  constructor(delayMicros: number, transport: MarkedInput, counters: Float64Array) {
    this.#boundsMicros = Float64Array.from(SHARES, (share) => share * delayMicros);
    this.#counters = counters;
    this.pauseMillis = Number.isFinite(delayMicros) ? Math.ceil(delayMicros / 1000) : 0;
    this.#wait = Number.isFinite(delayMicros) ? new InputWait(transport, delayMicros) : null;
  }

  /** Whether anything is ever shed. */
  get isOn(): boolean {
    return this.#wait !== null;
  }

  /** Before a turn takes input from phones. @param nowMicros its first element is the time. */
  begin(nowMicros: Float64Array): void {
    const wait = this.#wait;
    if (wait === null) return;
    const sinceMicros = (nowMicros[0] as number) - (this.#lastMicros[0] as number); // their only elements
    for (let kind = 0; kind < this.#stage; kind++)
      countBy(this.#counters, MICROS_COUNTERS[kind] as number, sinceMicros);
    this.#lastMicros[0] = nowMicros[0] as number;
    wait.begin(nowMicros);
    let stage = 0;
    while (stage < SHARES.length && wait.micros >= (this.#boundsMicros[stage] as number)) stage++; // one bound per kind
    this.#stage = stage;
  }

  /** After a turn has taken input. */
  end(): void {
    this.#wait?.end();
  }

  /** Whether this kind is shed in this turn. @param kind a {@link Shed}. */
  isShed(kind: number): boolean {
    return kind < this.#stage;
  }
}
