/** What a gate found: plain data, stored as JSON; every other output of a gate is written from it. */
import type { Comparison } from './comparison-outcome.ts';
import type { MetricUnit } from './metrics.ts';

export const GATE_SCHEMA = 'trunkline.gate/1';

/** Failed: a rule was broken. Invalid: the measurement does not say. Inconclusive: it is not sure enough. */
export type GateVerdict = 'passed' | 'failed' | 'invalid' | 'inconclusive';

export interface RuleOutcome {
  /** As it was written. */
  readonly rule: string;
  readonly kind: 'absolute' | 'relative';
  readonly metric: string;
  readonly unit: MetricUnit;
  readonly outcome: GateVerdict;
  /** Whether the rule was held against a measured interval or count at all. */
  readonly isEvaluated: boolean;
  /** The candidate's figure and its interval, in the metric's unit; for relative rules shares of the base. */
  readonly figure: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly sentence: string;
}

export interface GateOutcome {
  readonly schema: typeof GATE_SCHEMA;
  readonly outcome: GateVerdict;
  readonly sentence: string;
  readonly rules: readonly RuleOutcome[];
  /** Pairs, or runs of the candidate alone, that were judged. */
  readonly runs: number;
  readonly looks: readonly number[];
  /** Pairs to run until the second look; null if this look is the last word. */
  readonly nextLookPairs: number | null;
  readonly confidence: number;
  /** Scenario and machine class of the candidate. */
  readonly scenario: string;
  readonly machineClass: string;
  /** When the first run started, ISO 8601. */
  readonly startedAt: string;
  /** Behind the relative rules; null without them. */
  readonly comparison: Comparison | null;
}

/** The outcome of the whole: a proven breach first, then what could not be judged. */
const PRECEDENCE: readonly GateVerdict[] = ['failed', 'invalid', 'inconclusive', 'passed'];

/** A gate in which nothing was evaluated has not passed, whatever its rules say. */
export function overallOutcome(rules: readonly RuleOutcome[]): GateVerdict {
  if (!rules.some((rule) => rule.isEvaluated)) return 'invalid';
  return PRECEDENCE.find((outcome) => rules.some((rule) => rule.outcome === outcome)) ?? 'invalid';
}
