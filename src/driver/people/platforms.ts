/** What kinds of phones there are: their shares, heartbeats and sessions. The kind of a phone follows from the seed. */
import { mix32, mixMixed } from '../../base/pseudo-random.ts';
import { normalQuantile } from '../../stats/normal-distribution.ts';

/** How long sessions last: to the end, or drawn for each session. */
export type SessionLength =
  | { readonly distribution: 'none' }
  | { readonly distribution: 'exponential'; readonly meanMicros: number }
  | { readonly distribution: 'lognormal'; readonly medianMicros: number; readonly sigma: number };

export interface Platform {
  readonly name: string;
  /** Share of all phones; together 1. */
  readonly share: number;
  /** Interval between heartbeats; Infinity for none. */
  readonly heartbeatMicros: number;
  readonly session: SessionLength;
  readonly awayMicros: number;
  /** Minor version of the protocol that its phones speak; the newest if it is not given. */
  readonly minor?: MinorVersion;
  /** For each kind of messages, how much more often than others its phones send it; all 1 if it is not given. */
  readonly habits?: readonly number[];
  /** How a message wakes a phone that is away; undefined if none does. */
  readonly push?: Push | undefined;
}

export type MinorVersion = 0 | 1;

export interface Push {
  /** Median of the log-normal time from the acceptance of a message until the phone wakes. */
  readonly delayMicros: number;
  /** Standard deviation of its logarithm. */
  readonly sigma: number;
  /** How long a phone stays that was woken. */
  readonly sessionMicros: number;
}

const SALT = 0x504c4154;

/** Tells the platform of each phone. */
export class PlatformShares {
  /** For each platform, the share of all before it, in 2^32nds; behind them more than any hash. */
  readonly #bounds: Float64Array;
  readonly #mixedSeed: number;

  constructor(seed: number, platforms: readonly Pick<Platform, 'share'>[]) {
    this.#mixedSeed = mix32(seed ^ SALT);
    this.#bounds = new Float64Array(platforms.length + 1);
    let sum = 0;
    platforms.forEach(({ share }, place) => {
      sum += share;
      this.#bounds[place + 1] = sum * 2 ** 32;
    });
    this.#bounds[platforms.length] = Number.POSITIVE_INFINITY; // shares may sum to slightly less than 1
  }

  /** The place of a phone's platform in the list. */
  of(phone: number): number {
    const random = mixMixed(this.#mixedSeed, phone) >>> 0;
    let place = 0;
    while (random >= (this.#bounds[place + 1] as number)) place++; // the last bound is above all
    return place;
  }

  /** Whether a phone's platform has this place in the list: faster than {@link of}, for scans over all phones. */
  isOf(phone: number, place: number): boolean {
    const random = mixMixed(this.#mixedSeed, phone) >>> 0;
    return random >= (this.#bounds[place] as number) && random < (this.#bounds[place + 1] as number); // a platform
  }
}

/** The minor version of the protocol that each phone speaks. */
export class MinorVersions {
  readonly #shares: PlatformShares;
  readonly #versions: readonly MinorVersion[];

  constructor(seed: number, platforms: readonly Pick<Platform, 'share' | 'minor'>[]) {
    this.#shares = new PlatformShares(seed, platforms);
    this.#versions = platforms.map(({ minor }) => minor ?? NEWEST);
  }

  of(phone: number): MinorVersion {
    return this.#versions[this.#shares.of(phone)] as MinorVersion; // a platform
  }
}

const NEWEST: MinorVersion = 1;

/** The versions of the phones of these platforms; undefined if all speak the newest. */
export function minorVersions(seed: number, platforms: readonly Platform[] = []): MinorVersions | undefined {
  return platforms.some(({ minor }) => minor === 0) ? new MinorVersions(seed, platforms) : undefined;
}

/** Quantiles that stand for a distribution: the longest is exceeded by one session in 8,192. */
export const LENGTHS = 4096;

/** Equally likely lengths of sessions in microseconds, from short to long; none if sessions do not end. */
export function sessionLengths(session: SessionLength): number[] {
  return quantiles((p) => {
    if (session.distribution === 'lognormal') return session.medianMicros * Math.exp(session.sigma * normalQuantile(p));
    return session.distribution === 'none' ? Number.POSITIVE_INFINITY : -session.meanMicros * Math.log(1 - p);
  });
}

/**
 * Equally likely lengths of the sessions that are found at a random moment, from short to long. A long session is found
 * more often, in proportion to its length: so each of {@link sessionLengths} has its share of their sum.
 */
export function foundLengths(session: SessionLength): number[] {
  const lengths = sessionLengths(session);
  const part = lengths.reduce((sum, length) => sum + length, 0) / LENGTHS;
  let next = 0;
  let sum = 0;
  return lengths.map((_, n) => {
    while (sum <= (n + 0.5) * part && next < lengths.length) sum += lengths[next++] as number; // one of them, here and below
    return lengths[next - 1] as number;
  });
}

function quantiles(of: (probability: number) => number): number[] {
  return Array.from({ length: LENGTHS }, (_, n) => of((n + 0.5) / LENGTHS)).filter(Number.isFinite);
}
