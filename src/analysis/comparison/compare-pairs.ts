/**
 * Compares base and candidate over pairs of runs that were adjacent in time. Ratios within a pair cancel slow drift of
 * the machine. The verdict follows from the exact interval of the median ratio and the smallest difference that
 * matters.
 */
import { TrunklineError } from '../../base/errors.ts';
import { publishedFiguresOf } from '../../result/published-figures.ts';
import type { Result } from '../../result/result-schema.ts';
import { type ComparisonOrder, type ComparisonPlan, planComparison } from './comparison-order.ts';
import { DROPPED_SHARE_MAX, pairedRow } from './comparison-rows.ts';
import {
  COMPARISON_SCHEMA,
  type Comparison,
  type ComparisonRow,
  type ComparisonSide,
  type DroppedRun,
} from './comparison-schema.ts';
import { comparisonSentence } from './comparison-sentences.ts';
import { overallVerdict } from './difference-verdict.ts';
import { environmentDifferences, scenarioDifferences } from './environment-differences.ts';
import { guardReason, isUsable, type Pair, usablePairs } from './usable-pairs.ts';

/**
 * Compares pairs, given in the order in which they ran.
 *
 * @throws METRIC_UNKNOWN, or COMPARISON_INVALID if nothing can be compared.
 */
export function comparePairs(pairs: readonly Pair[], order: ComparisonOrder = {}): Comparison {
  if (pairs.length === 0) throw new TrunklineError('COMPARISON_INVALID', 'expected pairs of results, found none');
  const bases = pairs.map(({ base }) => base);
  const candidates = pairs.map(({ candidate }) => candidate);
  const plan = planComparison(order, [...bases, ...candidates]);
  const valid = pairs.filter(isUsable);
  const rows = plan.metrics.map((planned) => pairedRow(planned, usablePairs(planned.metric, valid)));
  const dropped = pairs.flatMap(({ base, candidate }, i) => [
    ...droppedRun(base, 'base', i + 1),
    ...droppedRun(candidate, 'candidate', i + 1),
  ]);
  const runs = { planned: pairs.length, valid: valid.length, dropped };
  return concludeComparison({ method: 'paired', order, plan, bases, candidates, rows, runs });
}

export function droppedRun(result: Result, side: DroppedRun['side'], pair: number): DroppedRun[] {
  return result.validity.isValid ? [] : [{ pair, side, resultId: result.id, reason: guardReason(result) }];
}

interface Evidence extends Pick<Comparison, 'method' | 'rows' | 'runs'> {
  readonly order: ComparisonOrder;
  readonly plan: ComparisonPlan;
  readonly bases: readonly Result[];
  readonly candidates: readonly Result[];
}

/** Concludes a comparison from its rows, and from reasons outside the rows for which they may not count. */
export function concludeComparison(evidence: Evidence): Comparison {
  const { method, order, plan, bases, candidates, rows, runs } = evidence;
  const all = [...bases, ...candidates];
  const machines = environmentDifferences(all);
  const invalidReason = invalidity(evidence);
  const verdict = invalidReason !== null ? 'invalid' : overallVerdict(rows.filter(decides).map((row) => row.verdict));
  return {
    schema: COMPARISON_SCHEMA,
    method,
    verdict,
    sentence: comparisonSentence(verdict, rows, invalidReason),
    invalidReason,
    base: describeSide(order.baseName ?? 'base', bases),
    candidate: describeSide(order.candidateName ?? 'candidate', candidates),
    scenarioDifferences: scenarioDifferences(all),
    environmentDifferences: machines,
    runs,
    confidence: plan.confidence,
    gatingConfidence: plan.gatingConfidence,
    rows,
    latencyCurves: [],
    published: publishedFiguresOf(all),
    command: order.command ?? null,
  };
}

/** Whether a row decides. A gating row that could not be measured does, and makes the whole invalid. */
function decides(row: ComparisonRow): boolean {
  return row.role === 'gating' && (row.gateRefusal === null || row.verdict === 'invalid');
}

/** Why the whole comparison is invalid; null if it is valid. */
function invalidity({ method, order, bases, candidates, runs }: Evidence): string | null {
  const allowed: readonly string[] = order.allowedDifferences ?? [];
  const differing = environmentDifferences([...bases, ...candidates]).filter(({ name }) => !allowed.includes(name));
  if (differing.length > 0) {
    return `the environments differ in ${differing.map(({ name, values }) => `${name} (${values.join(' against ')})`).join(', ')}`;
  }
  for (const [side, results] of [['base', bases] as const, ['candidate', candidates] as const]) {
    const mixed = scenarioDifferences(results);
    if (mixed.length > 0) {
      return `the runs of the ${side} are not of one scenario: they differ in ${mixed.map(({ name }) => name).join(', ')}`;
    }
  }
  const left = runs.planned - runs.valid;
  if (left <= DROPPED_SHARE_MAX * runs.planned) return null;
  const first = runs.dropped[0];
  const why = first === undefined ? '' : `; the first because of ${first.reason}`;
  return `${left} of ${runs.planned} ${method === 'paired' ? 'pairs' : 'runs'} were dropped, more than a quarter${why}`;
}

function describeSide(name: string, results: readonly Result[]): ComparisonSide {
  const unique = (values: readonly (string | null)[]): string[] => [
    ...new Set(values.filter((value) => value !== null)),
  ];
  const [first] = results;
  return {
    name,
    scenario: first?.scenario.name ?? '',
    transport: first?.scenario.transport ?? '',
    isSimulated: results.some((result) => result.scenario.isSimulated),
    machineClass: first?.environment.machineClass ?? '',
    commits: unique(results.map(({ environment }) => environment.commit)),
    nodes: unique(results.map(({ environment }) => environment.node)),
    resultIds: results.map(({ id }) => id),
  };
}
