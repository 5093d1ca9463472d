/**
 * What a gate found: plain data, stored as JSON; every other output of a gate is written from it. The schema
 * is published with the package (`trunkline/gate.schema.json`).
 */
import { z } from 'zod';
import { publishedSchema } from '../../result/published-schema.ts';
import { countOf, figureOrNull } from '../../result/schema-terms.ts';
import { METRIC_UNITS } from '../../scenario/metrics.ts';
import { comparisonSchema } from '../comparison/comparison-outcome.ts';

export const GATE_SCHEMA = 'trunkline.gate/1';

const verdict = z
  .enum(['passed', 'failed', 'invalid', 'inconclusive'])
  .describe('Failed: a rule was broken. Invalid: the measurement does not say. Inconclusive: it is not sure enough');

const ruleOutcome = z.strictObject({
  rule: z.string().describe('As it was written'),
  kind: z.enum(['absolute', 'relative']),
  metric: z.string(),
  unit: z.enum(METRIC_UNITS),
  outcome: verdict,
  isEvaluated: z.boolean().describe('Whether the rule was held against a measured interval or count at all'),
  figure: figureOrNull.describe("The candidate's figure, in the metric's unit; for relative rules a share of the base"),
  low: figureOrNull,
  high: figureOrNull,
  sentence: z.string(),
});

export const gateSchema = z.strictObject({
  schema: z.literal(GATE_SCHEMA),
  outcome: verdict,
  sentence: z.string(),
  rules: z.array(ruleOutcome).readonly(),
  runs: countOf.describe('Pairs, or runs of the candidate alone, that were judged'),
  looks: z.array(countOf).readonly().describe('Numbers of pairs that were declared beforehand'),
  nextLookPairs: countOf.nullable().describe('Pairs to run until the second look; null if this look is the last word'),
  confidence: z.number(),
  scenario: z.string().describe('Of the candidate'),
  machineClass: z.string().describe('Of the candidate'),
  startedAt: z.iso.datetime().describe('When the first run started'),
  comparison: comparisonSchema.nullable().describe('Behind the relative rules; null without them'),
});

export type GateVerdict = z.output<typeof verdict>;
export type RuleOutcome = z.output<typeof ruleOutcome>;
export type GateOutcome = z.output<typeof gateSchema>;

/** The outcome of the whole: a proven breach first, then what could not be judged. */
const PRECEDENCE: readonly GateVerdict[] = ['failed', 'invalid', 'inconclusive', 'passed'];

/** A gate in which nothing was evaluated has not passed, whatever its rules say. */
export function overallOutcome(rules: readonly RuleOutcome[]): GateVerdict {
  if (!rules.some((rule) => rule.isEvaluated)) return 'invalid';
  return PRECEDENCE.find((outcome) => rules.some((rule) => rule.outcome === outcome)) ?? 'invalid';
}

/** The JSON Schema that is published. */
export function gateJsonSchema(): object {
  return publishedSchema(GATE_SCHEMA, 'trunkline gate', gateSchema);
}
