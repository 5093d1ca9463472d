/**
 * How long input from phones waits before a shard takes it, measured without a time stamp per message.
 *
 * It is the time since an instant before which everything has been taken, so the oldest input has waited at most as
 * long. A turn that leaves no input is such an instant. Under load there is none, so turns also mark the newest input
 * that has arrived: when everything up to a mark has been taken, the instant is that of the mark. Marks are an eighth
 * of the bound apart, so the wait is at most that much longer than the true one. A transport without marks has only the
 * turns that leave no input.
 *
 * The wait of input, its sojourn time, is the signal that CoDel uses in place of the length of a queue, because it
 * means the same at every rate (RFC 8289, section 3).
 */
import { INPUT_MARKS, type Transport } from '../../wire/transport.ts';

/** What is asked of a transport. */
export type MarkedInput = Pick<Transport, 'hasInput' | 'inputMarks'>;

export class InputWait {
  readonly #input: MarkedInput;
  readonly #intervalMicros: number;
  /** When each mark was set. */
  readonly #markMicros = new Float64Array(INPUT_MARKS);
  #oldest = 0;
  #count = 0;
  /**
   * In arrays, so that no double is allocated per turn: everything that arrived before this was taken; the last mark.
   */
  readonly #takenUntilMicros = new Float64Array(1);
  readonly #lastMarkMicros = new Float64Array(1).fill(Number.NEGATIVE_INFINITY);
  readonly #waitMicros = new Float64Array(1);
  #isEmpty = true;

  /** @param boundMicros the longest wait that is told apart from longer ones. */
  constructor(input: MarkedInput, boundMicros: number) {
    this.#input = input;
    this.#intervalMicros = boundMicros / INPUT_MARKS;
  }

  /** Before a turn takes input. @param nowMicros its first element is the time. */
  begin(nowMicros: Float64Array): void {
    const micros = nowMicros[0] as number; // its only element, here and below
    if (this.#isEmpty) this.#takenUntilMicros[0] = micros; // a shard without input may have slept
    this.#waitMicros[0] = micros - (this.#takenUntilMicros[0] as number);
    const marks = this.#input.inputMarks;
    if (marks === undefined || this.#count === INPUT_MARKS) return;
    if (micros - (this.#lastMarkMicros[0] as number) < this.#intervalMicros) return;
    const mark = (this.#oldest + this.#count) % INPUT_MARKS;
    marks.set(mark);
    this.#markMicros[mark] = micros;
    this.#lastMarkMicros[0] = micros;
    this.#count++;
  }

  /** After a turn has taken input. */
  end(): void {
    this.#isEmpty = !this.#input.hasInput();
    if (this.#isEmpty) this.#count = 0;
    while (this.#count > 0 && this.#input.inputMarks?.isTaken(this.#oldest) === true) {
      this.#takenUntilMicros[0] = this.#markMicros[this.#oldest] as number; // one for each mark
      this.#oldest = (this.#oldest + 1) % INPUT_MARKS;
      this.#count--;
    }
  }

  /** How long the oldest input has waited at the beginning of this turn, at most, in microseconds. */
  get micros(): number {
    return this.#waitMicros[0] as number; // its only element
  }
}
