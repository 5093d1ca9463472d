/**
 * One clock for all threads of a run: microseconds since an instant that the controller chose.
 *
 * `performance.now()` is fast but has a different origin in every thread. `process.hrtime.bigint()` has the same origin
 * in all but allocates a BigInt per call. So the offset between the two is measured once per thread.
 */
import { mixPair } from '../base/pseudo-random.ts';

const NANOS_PER_MICRO = 1000;
const MICROS_PER_MILLI = 1000;
/**
 * Number of readings; the closest pair determines the offset, since a thread may be interrupted between two readings.
 */
const READINGS = 16;

/** The common origin of all clocks of a run, as a decimal number of nanoseconds. */
export function currentEpochNanos(): string {
  return process.hrtime.bigint().toString();
}

/** Sixteen bits of that origin, which distinguish runs as far as sixteen bits can. */
export function epochTag(epochNanos: string): number {
  const nanos = BigInt(epochNanos);
  return mixPair(Number(BigInt.asIntN(32, nanos)), Number(BigInt.asIntN(32, nanos >> 32n))) >>> 16;
}

export class MonotonicClock {
  readonly #offsetMicros: number;

  /** @param epochNanos see {@link currentEpochNanos}. */
  constructor(epochNanos: string) {
    const epoch = BigInt(epochNanos);
    let offset = 0;
    let closest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < READINGS; i++) {
      const before = performance.now();
      const sinceEpochMicros = Number(process.hrtime.bigint() - epoch) / NANOS_PER_MICRO;
      const after = performance.now();
      if (after - before >= closest) continue;
      closest = after - before;
      offset = sinceEpochMicros - ((before + after) / 2) * MICROS_PER_MILLI;
    }
    this.#offsetMicros = offset;
  }

  nowMicros(): number {
    return performance.now() * MICROS_PER_MILLI + this.#offsetMicros;
  }

  tell(into: Float64Array): void {
    into[0] = performance.now() * MICROS_PER_MILLI + this.#offsetMicros;
  }
}
