/** What a comparison found: plain data, stored as JSON, from which every report is written. */
import type { RankMethod } from '../stats/wilcoxon-signed-rank.ts';
import type { Difference } from './environment-differences.ts';
import type { Metric } from './metrics.ts';
import type { Lean, Verdict } from './verdict.ts';

export const COMPARISON_SCHEMA = 'trunkline.comparison/1';

/** One metric of both sides. Shares are candidate/base − 1: 0.02 is 2 % more, whatever is better. */
export interface ComparisonRow extends Pick<Metric, 'about' | 'unit' | 'better' | 'kind'> {
  readonly metric: string;
  /** Gating rows were declared beforehand and decide the verdict of the whole. */
  readonly role: 'gating' | 'descriptive';
  /** Medians; null where nothing was measured. */
  readonly base: number | null;
  readonly candidate: number | null;
  /** Hodges–Lehmann estimate of the ratio, less 1. */
  readonly changeShare: number | null;
  readonly lowShare: number | null;
  readonly highShare: number | null;
  /** What the interval really has; null without one. */
  readonly confidence: number | null;
  readonly smallestDifferenceShare: number;
  /** From runs of the same thing against itself; null if none was given. */
  readonly noiseFloorShare: number | null;
  /** The smallest change that so many runs of such noise find four times in five. */
  readonly smallestDetectableShare: number | null;
  /** Pairs (or, unpaired, runs of the smaller side) that the figures rest on. */
  readonly n: number;
  /** Valid pairs in which either side did not measure it. */
  readonly missing: number;
  readonly ties: number;
  readonly zeros: number;
  readonly method: RankMethod | null;
  /** Two-sided, of no difference. */
  readonly pValue: number | null;
  /** Rank-biserial correlation, or Cliff's delta for unpaired runs; above 0 is better. */
  readonly effect: number | null;
  /** Candidate divided by base, pair by pair in the order of the runs; empty for unpaired runs. */
  readonly ratios: readonly number[];
  readonly verdict: Verdict;
  readonly lean: Lean;
  /** Why a gating row does not gate; null if it does. */
  readonly gateRefusal: string | null;
  readonly sentence: string;
}

export interface ComparisonSide {
  readonly name: string;
  readonly scenario: string;
  readonly transport: string;
  readonly isSimulated: boolean;
  readonly machineClass: string;
  readonly commits: readonly string[];
  readonly nodes: readonly string[];
  readonly resultIds: readonly string[];
}

export interface DroppedRun {
  /** From 1 on, in the order of the runs. */
  readonly pair: number;
  readonly side: 'base' | 'candidate';
  readonly resultId: string;
  /** The guard that tripped, in words. */
  readonly reason: string;
}

export interface Comparison {
  readonly schema: typeof COMPARISON_SCHEMA;
  readonly method: 'paired' | 'unpaired, weaker';
  readonly verdict: Verdict;
  readonly sentence: string;
  /** What makes the whole invalid, apart from rows that were not measured; null if nothing does. */
  readonly invalidReason: string | null;
  readonly base: ComparisonSide;
  readonly candidate: ComparisonSide;
  /** What the candidate changes in the scenario. */
  readonly scenarioDifferences: readonly Difference[];
  /** What differs between the machines or their settings, whether allowed or not. */
  readonly environmentDifferences: readonly Difference[];
  /** Pairs, or for unpaired runs the runs of both sides. */
  readonly runs: { readonly planned: number; readonly valid: number; readonly dropped: readonly DroppedRun[] };
  /** Of all gating rows together. */
  readonly confidence: number;
  /** Asked of each gating row, after Bonferroni. */
  readonly gatingConfidence: number;
  readonly rows: readonly ComparisonRow[];
}
