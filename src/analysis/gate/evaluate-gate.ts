/**
 * Judges a candidate by the rules of a gate. An absolute rule passes only if the worse end of the interval passes: a
 * limit must hold despite the noise. A relative rule fails only on a proven regression: noise must not stop a
 * candidate.
 */
import { at } from '../../base/assert.ts';
import { TrunklineError } from '../../base/errors.ts';
import { publishedFiguresOf } from '../../result/published-figures.ts';
import type { Result } from '../../result/result-schema.ts';
import { bonferroniConfidence } from '../../stats/bonferroni-confidence.ts';
import { comparePairs } from '../comparison/compare-pairs.ts';
import { compareUnpaired } from '../comparison/compare-unpaired.ts';
import type { ComparisonOrder } from '../comparison/comparison-order.ts';
import type { Comparison, ComparisonRow } from '../comparison/comparison-schema.ts';
import type { NoiseFloors } from '../comparison/noise-floors-schema.ts';
import type { Pair } from '../comparison/usable-pairs.ts';
import { withLatencyCurves } from '../comparison/with-latency-curves.ts';
import type { GateRules, RelativeRule } from './gate-rules.ts';
import {
  type EarlierLook,
  GATE_SCHEMA,
  type GateOutcome,
  type GateVerdict,
  overallOutcome,
  type RuleOutcome,
} from './gate-schema.ts';
import { judgeAbsoluteRule } from './judge-absolute-rule.ts';

/**
 * Evidence for a gate: pairs, or runs of a stored baseline, which are weaker. For absolute rules the runs of the
 * candidate are enough.
 */
export type GateEvidence =
  | { readonly pairs: readonly Pair[] }
  | { readonly bases?: readonly Result[]; readonly candidates: readonly Result[] };

export interface GateOptions {
  readonly baseName?: string;
  readonly candidateName?: string;
  readonly noiseFloors?: NoiseFloors;
  /** Looks before this one; see {@link asEarlierLook}. */
  readonly earlierLooks?: readonly EarlierLook[];
  /** Command that repeats the gate. */
  readonly command?: string;
}

/** @throws COMPARISON_INVALID if the runs are not those that the rules declare. */
export function evaluateGate(rules: GateRules, evidence: GateEvidence, options: GateOptions = {}): GateOutcome {
  const candidates = 'pairs' in evidence ? evidence.pairs.map((pair) => pair.candidate) : evidence.candidates;
  checkRuns(rules, evidence, candidates);
  const confidence = bonferroniConfidence(rules.confidence, rules.looks.length); // the error probability is divided among the looks
  const comparison =
    rules.relative.length === 0 ? null : compare(evidence, comparisonOrder(rules, confidence, options));
  const outcomes = [
    ...rules.absolute.map((rule) => judgeAbsoluteRule(rule, candidates, confidence)),
    ...(comparison === null ? [] : rules.relative.map((rule, i) => judgeRelative(rule, comparison, i))),
  ];
  const outcome = overallOutcome(outcomes);
  const next = rules.looks.find((look) => look > candidates.length);
  const nextLookPairs = isUndecided(outcome, outcomes) && comparison !== null ? (next ?? null) : null;
  const first = at(candidates, 0);
  return {
    schema: GATE_SCHEMA,
    outcome,
    sentence: gateSentence(outcome, outcomes, nextLookPairs),
    rules: outcomes,
    runs: candidates.length,
    looks: rules.looks,
    earlierLooks: options.earlierLooks ?? [],
    nextLookPairs,
    confidence: rules.confidence,
    scenario: first.scenario.name,
    machineClass: first.environment.machineClass,
    isSimulated: candidates.some(({ scenario }) => scenario.isSimulated),
    startedAt: candidates.map(({ startedAt }) => startedAt).sort()[0] ?? first.startedAt,
    comparison,
    published: publishedFiguresOf(candidates),
    command: options.command ?? null,
  };
}

/** A look that did not decide, as the next look keeps it. */
export function asEarlierLook({ runs, outcome, sentence, rules }: GateOutcome): EarlierLook {
  return { runs, outcome, sentence, rules };
}

/** Also if guards dropped runs and the remaining ones do not decide: the next look has more runs. */
function isUndecided(outcome: GateVerdict, rules: readonly RuleOutcome[]): boolean {
  return outcome === 'inconclusive' || (outcome === 'invalid' && rules.some(({ isEvaluated }) => isEvaluated));
}

function checkRuns(rules: GateRules, evidence: GateEvidence, candidates: readonly Result[]): void {
  if (candidates.length === 0) throw invalid('expected results of the candidate, found none');
  if (rules.relative.length === 0) return;
  if (!('pairs' in evidence) && evidence.bases === undefined) {
    throw invalid('the relative rules need pairs of base and candidate, found the candidate alone');
  }
  if (rules.looks.includes(candidates.length)) return;
  throw invalid(`the rules declare looks at ${rules.looks.join(' and ')} pairs, found ${candidates.length}`);
}

function invalid(message: string): TrunklineError {
  return new TrunklineError('COMPARISON_INVALID', message);
}

function compare(evidence: GateEvidence, order: ComparisonOrder): Comparison {
  if ('pairs' in evidence) return withLatencyCurves(comparePairs(evidence.pairs, order), evidence.pairs);
  return compareUnpaired(evidence.bases ?? [], evidence.candidates, order);
}

function comparisonOrder(rules: GateRules, confidence: number, options: GateOptions): ComparisonOrder {
  return {
    ...options,
    confidence,
    gating: rules.relative.map(({ metric }) => metric.name),
    smallestDifferenceShares: Object.fromEntries(
      rules.relative.map((rule) => [rule.metric.name, rule.smallestDifferenceShare]),
    ),
    allowedDifferences: rules.allowedDifferences,
  };
}

const RELATIVE_OUTCOMES = {
  regressed: 'failed',
  improved: 'passed',
  equivalent: 'passed',
  inconclusive: 'inconclusive',
  invalid: 'invalid',
} as const satisfies Record<ComparisonRow['verdict'], GateVerdict>;

/** Gating rows are in the order of the rules. */
function judgeRelative(rule: RelativeRule, comparison: Comparison, index: number): RuleOutcome {
  const row = at(comparison.rows, index);
  const { changeShare: figure, lowShare: low, highShare: high } = row;
  const stated = { rule: rule.text, kind: rule.kind, metric: row.metric, unit: row.unit };
  const shared = { ...stated, operator: null, limit: row.smallestDifferenceShare, figure, low, high };
  if (comparison.invalidReason !== null) {
    return { ...shared, outcome: 'invalid', isEvaluated: false, sentence: comparison.sentence };
  }
  const refused = row.gateRefusal !== null;
  const outcome = refused && row.verdict !== 'invalid' ? 'inconclusive' : RELATIVE_OUTCOMES[row.verdict];
  const label = comparison.method === 'paired' ? '' : ` (${comparison.method})`;
  return { ...shared, outcome, isEvaluated: !refused, sentence: `${row.sentence}${label}` };
}

function gateSentence(outcome: GateVerdict, rules: readonly RuleOutcome[], nextLookPairs: number | null): string {
  const those = rules.filter((rule) => rule.outcome === outcome);
  const count = `${those.length} of ${rules.length} ${rules.length === 1 ? 'rule' : 'rules'}`;
  const first = those[0]?.sentence ?? '';
  switch (outcome) {
    case 'passed':
      return `Passed: ${count} hold.`;
    case 'failed':
      return `Failed: ${count} broken: ${first}.`;
    case 'invalid':
      if (nextLookPairs !== null) {
        return `Not decided at the first look: ${count} could not be judged: ${first}; run up to ${nextLookPairs} pairs and judge again.`;
      }
      return rules.some((rule) => rule.isEvaluated)
        ? `Invalid: ${count} could not be judged: ${first}.`
        : `Invalid: no rule could be evaluated: ${first || (rules[0]?.sentence ?? '')}.`;
    default:
      return nextLookPairs === null
        ? `Inconclusive: ${count} undecided: ${first}.`
        : `Inconclusive at the first look: ${count} undecided; run up to ${nextLookPairs} pairs and judge again.`;
  }
}
