/**
 * The five verdicts of a comparison, and the rule for each. The whole interval decides, not the estimate: a wide
 * interval is inconclusive, never "no difference".
 */

export const VERDICTS = ['improved', 'regressed', 'equivalent', 'inconclusive', 'invalid'] as const;
export const LEANS = ['better', 'worse'] as const;

export type DifferenceVerdict = (typeof VERDICTS)[number];
export type Lean = (typeof LEANS)[number] | null;

/** Logarithms of ratios, with the sign such that more is better. */
export interface GainInterval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The band of differences that do not matter, as a logarithm. Double and half are equally far from equal, so the band
 * is symmetric in logarithms: `share` is applied upwards, ln(1 + share), and the same distance downwards.
 */
export function bandOf(smallestDifferenceShare: number): number {
  return Math.log1p(smallestDifferenceShare);
}

/**
 * Improved or regressed if the whole interval is beyond the smallest difference; equivalent if it is within it, ends
 * included; otherwise inconclusive.
 */
export function judgeGain(
  gain: GainInterval,
  smallestDifferenceShare: number,
): { verdict: DifferenceVerdict; lean: Lean } {
  const band = bandOf(smallestDifferenceShare);
  if (gain.low > band) return { verdict: 'improved', lean: null };
  if (gain.high < -band) return { verdict: 'regressed', lean: null };
  if (-band <= gain.low && gain.high <= band) return { verdict: 'equivalent', lean: null };
  const lean = gain.estimate === 0 ? null : gain.estimate > 0 ? 'better' : 'worse';
  return { verdict: 'inconclusive', lean };
}

/** For counts of errors, where less is better: every pair must agree. */
export function judgeExact(bases: readonly number[], candidates: readonly number[]): DifferenceVerdict {
  const changes = bases.map((base, i) => Math.sign((candidates[i] ?? Number.NaN) - base));
  const isBetter = changes.includes(-1);
  const isWorse = changes.includes(1);
  if (!isBetter && !isWorse) return 'equivalent';
  if (isBetter && isWorse) return 'inconclusive';
  return isBetter ? 'improved' : 'regressed';
}

/** One verdict for several metrics: the first verdict of this list that any of them has. */
const PRECEDENCE: readonly DifferenceVerdict[] = ['invalid', 'regressed', 'inconclusive', 'improved', 'equivalent'];

/** The overall verdict; inconclusive if there is nothing to judge. */
export function overallVerdict(verdicts: readonly DifferenceVerdict[]): DifferenceVerdict {
  return PRECEDENCE.find((verdict) => verdicts.includes(verdict)) ?? 'inconclusive';
}

/** `inconclusive (leans worse)`. */
export function verdictWords(verdict: DifferenceVerdict, lean: Lean): string {
  return lean === null ? verdict : `${verdict} (leans ${lean})`;
}
