/**
 * Which phones with platforms are away when traffic begins, and for how much longer.
 *
 * Of phones with sessions of mean S and absences of length A, the share A / (S + A) is away at any moment in the long
 * run, and what is left of their absences is uniform over A (Cox, "Renewal theory", 1962, chapter 5). Who is away
 * follows from the seed, so nothing about a phone is kept.
 */
import { mix32, mixMixed } from '../../base/pseudo-random.ts';

const SALT = 0x45415354;

export class EarlierAbsences {
  /** The last tick of traffic in which one of them may be back; 0 if no platform leaves. */
  readonly ticksMax: number;
  /** For each platform, the share of its phones that is away, of 2^32. */
  readonly #shares: Float64Array;
  readonly #awayTicks: Int32Array;
  readonly #mixedSeed: number;

  /**
   * @param lengths for each platform, equally likely lengths of sessions in ticks; empty if they do not end.
   * @param awayTicks for each platform, the length of an absence.
   */
  constructor(seed: number, lengths: readonly Int32Array[], awayTicks: Int32Array) {
    this.#mixedSeed = mix32(seed ^ SALT);
    this.#awayTicks = awayTicks;
    this.#shares = Float64Array.from(lengths, (ticks, platform) => {
      if (ticks.length === 0) return 0;
      const away = awayTicks[platform] as number; // one per platform, here and below
      return (away / (ticks.reduce((sum, one) => sum + one, 0) / ticks.length + away)) * 2 ** 32;
    });
    this.ticksMax = Math.max(0, ...awayTicks.filter((_, platform) => (this.#shares[platform] as number) > 0));
  }

  /** The tick of traffic in which a phone is back, 1 or later; 0 for one that is online when traffic begins. */
  backInTick(phone: number, platform: number): number {
    const random = mixMixed(this.#mixedSeed, phone) >>> 0;
    const share = this.#shares[platform] as number;
    // Of the numbers below the share each is as likely, so the number itself says how much is left.
    return random < share ? 1 + (((random / share) * (this.#awayTicks[platform] as number)) | 0) : 0;
  }
}
