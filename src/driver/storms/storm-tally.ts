/**
 * What one lane counts of one storm. All times are exact and count from the time at which the storm is declared, so
 * lanes can be summed: how long phones took to return is a histogram, and logins have bins of their own, finer than the
 * series.
 */
import { Histogram } from '../../stats/histogram.ts';

export const STORM_BIN_MICROS = 100_000;
/** Bins of the first minute; logins after it are not in a bin. */
const STORM_BINS_MAX = 600;

/** The counts of a storm, as they are sent and summed. */
export interface StormCounts {
  dropped: number;
  /** Phones that gave up before they had returned. */
  givenUp: number;
  /** Phones that an outage cut off, and that would have noticed only after its end: they kept their connection. */
  riddenOut: number;
  /** Logins that were told to come back later, until every phone of the lane had returned. */
  deferred: number;
  /** In the same time: logins that were refused without a time to come back, and connections that were refused. */
  loginsRefused: number;
  /** In the same time: messages of all phones that the switch refused, whatever the reason. */
  messagesRejected: number;
  /** From the storm until a phone that it had dropped was logged in again: counts of a histogram of microseconds. */
  readonly restored: Uint32Array;
  /** Latencies of deliveries before the storm, and until all had returned between phones that it did not drop. */
  readonly before: Uint32Array;
  readonly stayed: Uint32Array;
  /** Logins of all phones, by bins of {@link STORM_BIN_MICROS}. */
  readonly logins: Uint32Array;
}

const SUMS = ['dropped', 'givenUp', 'riddenOut', 'deferred', 'loginsRefused', 'messagesRejected'] as const;

export class StormTally {
  dropped = 0;
  givenUp = 0;
  riddenOut = 0;
  deferred = 0;
  loginsRefused = 0;
  messagesRejected = 0;
  readonly restored = new Histogram();
  readonly before = new Histogram();
  readonly stayed = new Histogram();
  readonly #logins = new Uint32Array(STORM_BINS_MAX);

  /** A login of any phone, so long after the storm. */
  loggedIn(micros: number): void {
    const bin = Math.floor(micros / STORM_BIN_MICROS);
    if (bin >= 0 && bin < STORM_BINS_MAX) this.#logins[bin] = (this.#logins[bin] as number) + 1; // inside the array
  }

  get bytes(): number {
    const { restored, before, stayed } = this;
    return [restored, before, stayed].reduce((sum, one) => sum + one.counts.byteLength, this.#logins.byteLength);
  }

  counts(): StormCounts {
    const { dropped, givenUp, riddenOut, deferred, loginsRefused, messagesRejected } = this;
    const [restored, before, stayed] = [this.restored.counts, this.before.counts, this.stayed.counts];
    const sums = { dropped, givenUp, riddenOut, deferred, loginsRefused, messagesRejected };
    return { ...sums, restored, before, stayed, logins: this.#logins };
  }
}

/** The counts of each storm, summed over lanes. */
export function sumStorms(lanes: Iterable<readonly StormCounts[]>): StormCounts[] {
  const sums: StormCounts[] = [];
  for (const storms of lanes) {
    for (const [n, storm] of storms.entries()) {
      const sum = sums[n] ?? new StormTally().counts();
      sums[n] = sum;
      add(sum, storm);
    }
  }
  return sums;
}

function add(sum: StormCounts, storm: StormCounts): void {
  for (const key of SUMS) sum[key] += storm[key];
  for (const key of ['restored', 'before', 'stayed', 'logins'] as const)
    storm[key].forEach((count, n) => {
      sum[key][n] = (sum[key][n] ?? 0) + count;
    });
}
