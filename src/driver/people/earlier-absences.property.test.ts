/**
 * Phones with platforms when traffic begins, against a naive model of the long run: as many of each platform are away,
 * and as many return from the first moment on.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { columnApart, PLAIN_MEMORY } from '../../base/table-memory.ts';
import { type Platform, PlatformShares, type SessionLength, sessionLengths } from './platforms.ts';
import { NO_ROW, SessionEnds, TAKEN_MAX } from './session-ends.ts';

const PHONES = 4000;
const SECOND = 1e6;
const BINS = 10;
const BIN_MICROS = 10 * SECOND;
const STEPS_PER_BIN = 20;
/** By how many standard deviations a count may differ from another: less than one in a hundred million does. */
const DEVIATIONS_MAX = 6;

/** For each platform, phones that are away when traffic begins and after each bin, and those that return in each. */
interface Seen {
  readonly away: number[][];
  readonly returns: number[][];
}

const nothingOf = (platforms: readonly Platform[]): Seen => ({
  away: platforms.map(() => Array.from({ length: BINS + 1 }, () => 0)),
  returns: platforms.map(() => Array.from({ length: BINS }, () => 0)),
});

function add(counts: number[] | undefined, place: number, by = 1): void {
  if (counts !== undefined) counts[place] = (counts[place] ?? 0) + by;
}

/** What phones do whose sessions and absences the wheel ends. */
function seenOnWheel(seed: number, platforms: readonly Platform[]): Seen {
  const ends = new SessionEnds(seed, platforms, columnApart(PHONES, PLAIN_MEMORY));
  const away = new Set<number>();
  const seen = nothingOf(platforms);
  const countAway = (bin: number): void => {
    for (const row of away) add(seen.away[ends.shares.of(row)], bin);
  };
  for (let row = 0; row < PHONES; row++) ends.begun(row, row);
  ends.advance(1);
  while (ends.isBeginning) {
    const row = ends.lookEarlier();
    if (row !== NO_ROW) away.add(row);
  }
  countAway(0);
  for (let step = 1; step <= BINS * STEPS_PER_BIN; step++) {
    ends.advance((step / STEPS_PER_BIN) * BIN_MICROS);
    const rows = new Int32Array(TAKEN_MAX);
    for (let count = ends.take(rows); count > 0; count = ends.take(rows)) {
      for (const row of rows.subarray(0, count)) {
        if (away.delete(row)) {
          add(seen.returns[ends.shares.of(row)], Math.ceil(step / STEPS_PER_BIN) - 1);
          ends.begun(row, row);
        } else {
          away.add(row);
          ends.left(row, row);
        }
      }
    }
    if (step % STEPS_PER_BIN === 0) countAway(step / STEPS_PER_BIN);
  }
  return seen;
}

/**
 * What phones do that have come and gone for ever: each is found at a moment of a session and the absence after it,
 * which is drawn by their length, and goes on from there.
 */
function seenNaively(random: () => number, seed: number, platforms: readonly Platform[]): Seen {
  const shares = new PlatformShares(seed, platforms);
  const seen = nothingOf(platforms);
  const drawn = platforms.map(({ session }) => sessionLengths(session));
  const byLength = drawn.map((lengths, n) => {
    let sum = 0;
    return lengths.map((length) => (sum += length + (platforms[n]?.awayMicros ?? 0)));
  });
  for (let phone = 0; phone < PHONES; phone++) {
    const platform = shares.of(phone);
    const [lengths = [], sums = []] = [drawn[platform], byLength[platform]];
    if (lengths.length === 0) continue; // it stays
    const { awayMicros } = platforms[platform] ?? assert.fail();
    const drawnSum = random() * (sums.at(-1) ?? 0);
    let session = lengths[sums.findIndex((sum) => sum > drawnSum)] ?? 0;
    // Where its session and the absence after it begin, before traffic or later.
    let from = -random() * (session + awayMicros);
    while (from <= BINS * BIN_MICROS) {
      const back = from + session + awayMicros;
      for (let bin = 0; bin <= BINS; bin++) {
        const at = bin * BIN_MICROS;
        if (at > from + session && at <= back) add(seen.away[platform], bin);
      }
      if (back > 0 && back <= BINS * BIN_MICROS) add(seen.returns[platform], Math.ceil(back / BIN_MICROS) - 1);
      from = back;
      session = lengths[Math.floor(random() * lengths.length)] ?? 0;
    }
  }
  return seen;
}

function assertAlike(found: Seen, naive: Seen, platforms: readonly Platform[]): void {
  for (const what of ['away', 'returns'] as const)
    platforms.forEach(({ name }, platform) => {
      naive[what][platform]?.forEach((wanted, bin) => {
        const count = found[what][platform]?.[bin] ?? Number.NaN;
        const deviation = Math.sqrt(Math.max(1, count + wanted));
        assert.ok(
          Math.abs(count - wanted) < DEVIATIONS_MAX * deviation,
          `${name}, bin ${bin}: ${count} ${what}, ${wanted} in the model`,
        );
      });
    });
}

/** Random numbers from 0 to 1, of their own: Mulberry32. */
function numbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const seconds = (min: number, max: number): fc.Arbitrary<number> =>
  fc.integer({ min, max }).map((count) => count * SECOND);
const session: fc.Arbitrary<SessionLength> = fc.oneof(
  fc.constant({ distribution: 'none' } as const),
  seconds(20, 600).map((meanMicros) => ({ distribution: 'exponential', meanMicros }) as const),
  fc
    .record({ medianMicros: seconds(20, 600), sigma: fc.double({ min: 0.1, max: 1.2, noNaN: true }) })
    .map((lognormal) => ({ distribution: 'lognormal', ...lognormal }) as const),
);
const platformsOf = (name: string): fc.Arbitrary<Platform> =>
  fc.record({
    name: fc.constant(name),
    share: fc.constant(1 / 3),
    heartbeatMicros: fc.constant(SECOND),
    session,
    awayMicros: seconds(1, 300),
  });

describe('phones with platforms', () => {
  it('are away, and return, from the start of traffic on as they are in the long run', () => {
    fc.assert(
      fc.property(fc.integer(), fc.tuple(...['a', 'b', 'c'].map(platformsOf)), (seed, platforms) => {
        assertAlike(seenOnWheel(seed, platforms), seenNaively(numbers(seed), seed, platforms), platforms);
      }),
      { numRuns: 12 },
    );
  });
});
