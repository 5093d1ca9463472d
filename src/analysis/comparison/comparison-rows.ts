/** One metric of a comparison, from the figures of both sides. */
import { detectableDifference, standardDeviation } from '../../stats/detectable-difference.ts';
import { cliffsDelta, rankBiserial } from '../../stats/effect-sizes.ts';
import { mannWhitneyInterval, mannWhitneyTest } from '../../stats/mann-whitney-test.ts';
import { median } from '../../stats/quantiles.ts';
import type { Refusal } from '../../stats/refusal.ts';
import { type RankInterval, signedRankInterval, signedRankTest } from '../../stats/signed-rank-test.ts';
import type { PlannedMetric } from './comparison-order.ts';
import type { ComparisonRow } from './comparison-schema.ts';
import { percentWords, rowSentence } from './comparison-sentences.ts';
import { type DifferenceVerdict, judgeExact, judgeGain } from './difference-verdict.ts';
import { gainSign, type PairedValues } from './usable-pairs.ts';

/** If a larger share was dropped, a comparison, or one metric of it, is invalid: what was dropped may be the cause. */
export const DROPPED_SHARE_MAX = 0.25;

type Unsaid = Omit<ComparisonRow, 'sentence'>;

/** Figures of runs that were not measured in pairs. */
export interface UnpairedValues {
  readonly bases: readonly number[];
  readonly candidates: readonly number[];
  readonly missing: number;
  readonly missingReason: string | null;
}

/** The row of a metric from valid pairs. */
export function pairedRow(planned: PlannedMetric, values: PairedValues): ComparisonRow {
  const { bases, candidates, gains, missing } = values;
  const n = bases.length;
  const start = { ...blank(planned, values), n, ratios: bases.map((base, i) => ratio(candidates[i], base)) };
  if (isTooSparse(n, missing)) return unmeasured(start, n + missing, 'pairs', values.missingReason);
  if (planned.metric.kind === 'exact') return said({ ...start, verdict: judgeExact(bases, candidates) });
  const { pValue } = signedRankTest(gains);
  const detectable = n < 2 ? null : detectableShare(standardDeviation(gains), 1 / n, planned);
  const evidence = { pValue, effect: rankBiserial(gains), smallestDetectableShare: detectable };
  return ratioRow({ ...start, ...evidence }, signedRankInterval(gains, planned.confidence));
}

/** The row of a metric from runs that were not measured in pairs. */
export function unpairedRow(planned: PlannedMetric, values: UnpairedValues): ComparisonRow {
  const { bases, candidates, missing } = values;
  const n = Math.min(bases.length, candidates.length);
  const start = { ...blank(planned, values), n };
  if (n === 0 || isTooSparse(bases.length + candidates.length, missing)) {
    return unmeasured(start, bases.length + candidates.length + missing, 'runs', values.missingReason);
  }
  if (planned.metric.kind === 'exact') return said({ ...start, verdict: judgeExactUnpaired(bases, candidates) });
  const gain = (value: number): number => gainSign(planned.metric) * Math.log(value);
  const [from, to] = [bases.map(gain), candidates.map(gain)];
  const deviation = Math.max(standardDeviation(from), standardDeviation(to));
  const inverseRuns = 1 / from.length + 1 / to.length;
  const detectable = n < 2 ? null : detectableShare(deviation, inverseRuns, planned);
  const evidence = {
    pValue: mannWhitneyTest(from, to).pValue,
    effect: cliffsDelta(from, to),
    smallestDetectableShare: detectable,
  };
  return ratioRow({ ...start, ...evidence }, mannWhitneyInterval(from, to, planned.confidence));
}

/** As a share, from the standard deviation of logarithms. */
function detectableShare(deviation: number, inverseRuns: number, { confidence }: PlannedMetric): number {
  return Math.expm1(detectableDifference(deviation, inverseRuns, confidence));
}

function blank(planned: PlannedMetric, values: UnpairedValues): Unsaid {
  const { metric, role, smallestDifferenceShare, noiseFloorShare } = planned;
  const middle = (list: readonly number[]): number | null => (list.length === 0 ? null : median(list));
  return {
    metric: metric.name,
    about: metric.about,
    unit: metric.unit,
    better: metric.better,
    kind: metric.kind,
    role,
    base: middle(values.bases),
    candidate: middle(values.candidates),
    changeShare: null,
    lowShare: null,
    highShare: null,
    confidence: null,
    smallestDifferenceShare,
    noiseFloorShare,
    smallestDetectableShare: null,
    n: 0,
    missing: values.missing,
    ties: 0,
    zeros: 0,
    method: null,
    pValue: null,
    effect: null,
    ratios: [],
    verdict: 'inconclusive',
    lean: null,
    gateRefusal: null,
  };
}

function isTooSparse(measured: number, missing: number): boolean {
  return measured === 0 || missing > DROPPED_SHARE_MAX * (measured + missing);
}

function unmeasured(row: Unsaid, all: number, unit: string, reason: string | null): ComparisonRow {
  const why = reason === null ? '' : `: ${reason}`;
  if (all === 0) return said({ ...row, verdict: 'invalid', gateRefusal: `no ${unit} to compare` });
  const gateRefusal = `not measured, or not above 0, in ${row.missing} of ${all} ${unit}${why}`;
  return said({ ...row, verdict: 'invalid', gateRefusal });
}

function ratioRow(row: Unsaid, interval: RankInterval | Refusal): ComparisonRow {
  if (interval.isRefused) return said({ ...row, gateRefusal: interval.sentence });
  const { estimate, low, high, confidence, ties, zeros, method } = interval;
  const sign = gainSign(row);
  const [lowest, highest] = sign === 1 ? [low, high] : [-high, -low];
  return said({
    ...row,
    changeShare: Math.expm1(sign * estimate),
    lowShare: Math.expm1(lowest),
    highShare: Math.expm1(highest),
    confidence,
    ties,
    zeros,
    method,
    ...judgeGain(interval, row.smallestDifferenceShare),
    gateRefusal: noiseRefusal(row),
  });
}

/** A gate below the noise between identical runs would fail candidates without a regression. */
function noiseRefusal({ noiseFloorShare, smallestDifferenceShare }: Unsaid): string | null {
  if (noiseFloorShare === null || noiseFloorShare <= smallestDifferenceShare) return null;
  return `its noise floor, ${percentWords(noiseFloorShare)}, is above the smallest difference, ${percentWords(smallestDifferenceShare)}`;
}

/** Equivalent if all runs agree; improved or regressed if all runs of one side are beyond all runs of the other. */
function judgeExactUnpaired(bases: readonly number[], candidates: readonly number[]): DifferenceVerdict {
  if (new Set([...bases, ...candidates]).size === 1) return 'equivalent';
  if (Math.min(...candidates) > Math.max(...bases)) return 'regressed';
  return Math.max(...candidates) < Math.min(...bases) ? 'improved' : 'inconclusive';
}

/** 0 against 0 counts as equal. Any other value against 0 has no ratio and counts as 0. */
function ratio(candidate: number | undefined, base: number): number {
  if (base === 0) return candidate === 0 ? 1 : 0;
  return (candidate ?? 0) / base;
}

function said(row: Unsaid): ComparisonRow {
  return { ...row, sentence: rowSentence(row) };
}
