/**
 * When events are due, as pure functions of elapsed time.
 *
 * If the rate is constant or changes linearly within each stage, the number of events due by a time is a quadratic
 * function in each stage,
 *
 *     count(t) = count₀ + r₀ (t - t₀) + (r₁ - r₀) (t - t₀)² / 2d       for a stage of length d,
 *
 * and the time of the n-th event is its inverse. A Poisson process with a changing rate is a Poisson process of rate 1
 * whose times are mapped by that inverse (Çinlar, "Introduction to stochastic processes", 1975, chapter 4). Due times
 * do not depend on what was sent: a sender that is late still knows when each event was due.
 */
import { assert } from '../../base/assert.ts';

export interface RateStage {
  readonly durationMicros: number;
  /** Events per second at the start and at the end of the stage. */
  readonly fromRate: number;
  readonly toRate: number;
}

/** What is known of each stage, in microseconds; the last has no end. Not to be changed. */
export interface StageTable {
  readonly starts: Float64Array;
  /** Events due by the start of the stage. */
  readonly counts: Float64Array;
  /** The rate at its start, and the slope of the rate. */
  readonly rates: Float64Array;
  readonly slopes: Float64Array;
}

const MICROS_PER_SECOND = 1e6;

export class Arrivals {
  #starts: Float64Array;
  #counts: Float64Array;
  #rates: Float64Array;
  #slopes: Float64Array;

  /** After the last stage, its final rate continues indefinitely. */
  constructor(stages: readonly RateStage[]) {
    assert(stages.length > 0, 'a schedule has at least one stage');
    const n = stages.length + 1;
    this.#starts = new Float64Array(n);
    this.#counts = new Float64Array(n);
    this.#rates = new Float64Array(n);
    this.#slopes = new Float64Array(n);
    let start = 0;
    let count = 0;
    stages.forEach((stage, i) => {
      const from = stage.fromRate / MICROS_PER_SECOND;
      const to = stage.toRate / MICROS_PER_SECOND;
      this.#starts[i] = start;
      this.#counts[i] = count;
      this.#rates[i] = from;
      this.#slopes[i] = stage.durationMicros > 0 ? (to - from) / stage.durationMicros : 0;
      start += stage.durationMicros;
      count += ((from + to) / 2) * stage.durationMicros;
    });
    this.#starts[n - 1] = start;
    this.#counts[n - 1] = count;
    this.#rates[n - 1] = (stages[stages.length - 1] as RateStage).toRate / MICROS_PER_SECOND;
  }

  static constant(rate: number): Arrivals {
    return new Arrivals([{ durationMicros: 0, fromRate: rate, toRate: rate }]);
  }

  get stages(): StageTable {
    return { starts: this.#starts, counts: this.#counts, rates: this.#rates, slopes: this.#slopes };
  }

  /** The same schedule with so many times the events. */
  scaled(factor: number): Arrivals {
    const scaled = Arrivals.constant(0);
    scaled.#starts = this.#starts;
    scaled.#counts = this.#counts.map((count) => count * factor);
    scaled.#rates = this.#rates.map((rate) => rate * factor);
    scaled.#slopes = this.#slopes.map((slope) => slope * factor);
    return scaled;
  }

  /** Number of events due by a time, not rounded. */
  countAt(elapsedMicros: number): number {
    const i = this.#stage(this.#starts, elapsedMicros);
    const t = Math.max(0, elapsedMicros - (this.#starts[i] as number)); // i is a stage, here and below
    return (this.#counts[i] as number) + t * ((this.#rates[i] as number) + (t * (this.#slopes[i] as number)) / 2);
  }

  /** Rate at a time, in events per second. */
  rateAt(elapsedMicros: number): number {
    const i = this.#stage(this.#starts, elapsedMicros);
    const t = Math.max(0, elapsedMicros - (this.#starts[i] as number));
    return ((this.#rates[i] as number) + t * (this.#slopes[i] as number)) * MICROS_PER_SECOND;
  }

  /** When the count reaches a value, in elapsed microseconds; Infinity if it never does. */
  timeOf(count: number): number {
    const cell = Float64Array.of(count);
    this.putTimeOf(cell, cell, 0);
    return cell[0] as number; // of length 1
  }

  /**
   * Stores the time of the count `counts[cell]` in `times[cell]`. For the hot path: a double that is passed through a
   * call is allocated on the heap unless V8 inlines the call.
   */
  putTimeOf(counts: Float64Array, times: Float64Array, cell: number): void {
    const count = counts[cell] as number; // the cell is inside both
    const stageCounts = this.#counts;
    let i = stageCounts.length - 1;
    // Mostly the last stage, of a constant rate.
    if ((stageCounts[i] as number) > count) {
      let beyond = i;
      i = 0;
      while (beyond - i > 1) {
        const middle = (i + beyond) >> 1;
        if ((stageCounts[middle] as number) > count)
          beyond = middle; // i < middle < beyond
        else i = middle;
      }
    }
    const missing = count - (stageCounts[i] as number); // i is a stage, here and below
    const start = this.#starts[i] as number;
    const rate = this.#rates[i] as number;
    const slope = this.#slopes[i] as number;
    if (missing <= 0) times[cell] = start;
    else if (slope === 0) times[cell] = rate > 0 ? start + missing / rate : Number.POSITIVE_INFINITY;
    // The stable form of the quadratic formula; the root that lies inside the stage.
    else times[cell] = start + (2 * missing) / (rate + Math.sqrt(Math.max(0, rate * rate + 2 * slope * missing)));
  }

  /** The last stage that starts at or below the value. */
  #stage(sorted: Float64Array, value: number): number {
    let i = sorted.length - 1;
    while (i > 0 && (sorted[i] as number) > value) i--;
    return i;
  }
}
