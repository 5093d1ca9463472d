/**
 * Compares base and candidate over runs that were not measured in pairs. Drift between them counts as a difference, so
 * such a comparison is labelled "unpaired, weaker", also if a gate uses it with a stored baseline.
 */
import { TrunklineError } from '../../base/errors.ts';
import type { Result } from '../../result/result-schema.ts';
import { concludeComparison, droppedRun } from './compare-pairs.ts';
import { type ComparisonOrder, planComparison } from './comparison-order.ts';
import { unpairedRow } from './comparison-rows.ts';
import type { Comparison } from './comparison-schema.ts';
import { firstReason, readable } from './usable-pairs.ts';

/** @throws METRIC_UNKNOWN, or COMPARISON_INVALID if nothing can be compared. */
export function compareUnpaired(
  bases: readonly Result[],
  candidates: readonly Result[],
  order: ComparisonOrder = {},
): Comparison {
  if (bases.length === 0 || candidates.length === 0) {
    throw new TrunklineError(
      'COMPARISON_INVALID',
      `expected results on both sides, found ${bases.length} and ${candidates.length}`,
    );
  }
  const plan = planComparison(order, [...bases, ...candidates]);
  const validBases = bases.filter(({ validity }) => validity.isValid);
  const validCandidates = candidates.filter(({ validity }) => validity.isValid);
  const rows = plan.metrics.map((planned) => {
    const read = (results: readonly Result[]): number[] =>
      results.map((result) => readable(planned.metric, result)).filter((value) => value !== null);
    const [from, to] = [read(validBases), read(validCandidates)];
    const missing = validBases.length + validCandidates.length - from.length - to.length;
    const missingReason = firstReason(planned.metric, [...validBases, ...validCandidates]);
    return unpairedRow(planned, { bases: from, candidates: to, missing, missingReason });
  });
  const dropped = [
    ...bases.flatMap((result, i) => droppedRun(result, 'base', i + 1)),
    ...candidates.flatMap((result, i) => droppedRun(result, 'candidate', i + 1)),
  ];
  const planned = bases.length + candidates.length;
  const runs = { planned, valid: planned - dropped.length, dropped };
  return concludeComparison({ method: 'unpaired, weaker', order, plan, bases, candidates, rows, runs });
}
