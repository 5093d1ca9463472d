/**
 * Percentiles of the values recorded since the last call. The buffers are allocated once: a run asks once per
 * interval, for hours, and new histograms would add up to tens of megabytes between collections.
 */
import { Histogram } from '../../stats/histogram.ts';

export class IntervalPercentiles {
  readonly #sources: readonly Histogram[];
  readonly #before: Histogram;
  readonly #now: Histogram;

  /** @param sources histograms whose values are taken together; all have the range 2^rangeBits. */
  constructor(sources: readonly Histogram[], rangeBits: number) {
    this.#sources = sources;
    this.#before = Histogram.ofRange(rangeBits);
    this.#now = Histogram.ofRange(rangeBits);
  }

  /**
   * @param percents 99 for the p99.
   * @returns each in microseconds; null if too few values were recorded since the last call.
   */
  next<Percents extends readonly number[]>(percents: Percents): { [Place in keyof Percents]: number | null } {
    const { counts: before } = this.#before;
    const { counts: now } = this.#now;
    now.fill(0);
    for (const source of this.#sources) this.#now.merge(source);
    for (let i = 0; i < now.length; i++) before[i] = (now[i] as number) - (before[i] as number); // both have the same length
    const percentiles = percents.map((percent) => this.#before.percentileOrNull(percent));
    before.set(now);
    return percentiles as { [Place in keyof Percents]: number | null }; // one for each percent
  }
}
