/**
 * How long a phone waits before it tries to log in again.
 *
 *     none            base                                              every time
 *     full-jitter     random between 0 and min(cap, base · 2^n)         n = 0, 1, 2 … for each try in a row
 *     decorrelated    random between base and min(cap, 3 · the last)    the last is base at first
 *
 * The formulas are those of Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015, but for one
 * point: there a decorrelated delay is min(cap, random between base and 3 · the last), so that most phones that have
 * reached the cap wait exactly as long, and come in waves. Here the cap bounds the range, and delays are random after
 * it as well.
 *
 * A series of tries is described by one number, 0 before the first: the last ceiling with full jitter, the last delay
 * if decorrelated. The caller keeps it, because a phone has no memory for it except while it waits or logs in.
 */
import { nextBelow, RANDOM_STATE_WORDS, seedRandom } from '../../base/pseudo-random.ts';

export type BackoffKind = 'none' | 'full-jitter' | 'decorrelated';

export interface BackoffSettings {
  readonly kind: BackoffKind;
  readonly baseMicros: number;
  /** At least the base, and below 2^30. */
  readonly capMicros: number;
}

export class LoginBackoff {
  /** The delay that {@link draw} has drawn, and what describes the series after it, both in microseconds. */
  delayMicros = 0;
  seriesMicros = 0;
  readonly #settings: BackoffSettings;
  readonly #random = new Int32Array(RANDOM_STATE_WORDS);

  constructor(settings: BackoffSettings, seed: number, stream: number) {
    this.#settings = settings;
    seedRandom(this.#random, 0, seed, stream);
  }

  /**
   * Draws the next delay of a series.
   * @param seriesMicros what {@link LoginBackoff.seriesMicros} was after the last, 0 for the first.
   */
  draw(seriesMicros: number): void {
    const { kind, baseMicros, capMicros } = this.#settings;
    if (kind === 'none') {
      this.delayMicros = baseMicros;
    } else if (kind === 'full-jitter') {
      const ceiling = seriesMicros === 0 ? baseMicros : Math.min(capMicros, 2 * seriesMicros);
      this.seriesMicros = ceiling;
      this.delayMicros = nextBelow(this.#random, 0, ceiling + 1);
    } else {
      const ceiling = Math.min(capMicros, 3 * Math.max(seriesMicros, baseMicros));
      this.delayMicros = baseMicros + nextBelow(this.#random, 0, ceiling - baseMicros + 1);
      this.seriesMicros = this.delayMicros;
    }
  }
}
