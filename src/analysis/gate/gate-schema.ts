/**
 * The outcome of a gate: plain data, stored as JSON, from which every other output of the gate is written. The schema
 * is published with the package (`trunkline/gate.schema.json`).
 */
import { z } from 'zod';
import { publishedFigures } from '../../result/published-figures.ts';
import { publishedSchema } from '../../result/published-schema.ts';
import { commandLine, countOf, figureOrNull } from '../../result/sections/schema-terms.ts';
import { METRIC_UNITS } from '../../scenario/terms/metrics.ts';
import { OPERATORS } from '../../scenario/threshold.ts';
import { comparisonSchema } from '../comparison/comparison-schema.ts';

export const GATE_SCHEMA = 'trunkline.gate/1';

const verdict = z
  .enum(['passed', 'failed', 'invalid', 'inconclusive'])
  .describe('Failed: a rule was broken. Invalid: the measurement is not valid. Inconclusive: it does not decide');

const ruleOutcome = z.strictObject({
  rule: z.string().describe('As written'),
  kind: z.enum(['absolute', 'relative']),
  metric: z.string(),
  unit: z.enum(METRIC_UNITS),
  outcome: verdict,
  isEvaluated: z.boolean().describe('Whether the rule was compared with a measured interval or count'),
  figure: figureOrNull.describe("The candidate's figure, in the metric's unit; for relative rules a share of the base"),
  low: figureOrNull,
  high: figureOrNull,
  operator: z
    .enum(OPERATORS)
    .nullable()
    .prefault(null)
    .describe('Of an absolute rule; null for relative rules, and in older outcomes'),
  limit: figureOrNull
    .prefault(null)
    .describe(
      "Of an absolute rule in the metric's unit; of a relative rule the smallest difference that matters, as a share; null in older outcomes",
    ),
  sentence: z.string(),
});

const earlierLook = z
  .strictObject({ runs: countOf, outcome: verdict, sentence: z.string(), rules: z.array(ruleOutcome).readonly() })
  .describe('What an earlier look found that did not decide');

export const gateSchema = z.strictObject({
  schema: z.literal(GATE_SCHEMA),
  outcome: verdict,
  sentence: z.string(),
  rules: z.array(ruleOutcome).readonly(),
  runs: countOf.describe('Pairs, or runs of the candidate alone, that were evaluated'),
  looks: z.array(countOf).readonly().describe('Numbers of pairs at which the gate looks, declared in advance'),
  earlierLooks: z.array(earlierLook).readonly().prefault([]).describe('Empty if the first look decided'),
  nextLookPairs: countOf.nullable().describe('Pairs to run until the second look; null if this look is final'),
  confidence: z.number(),
  scenario: z.string().describe('Scenario of the candidate'),
  machineClass: z.string().describe('Class of machines of the candidate'),
  isSimulated: z
    .boolean()
    .nullable()
    .prefault(null)
    .describe('Whether connections are rows in memory and not kernel sockets; null in older files'),
  startedAt: z.iso.datetime().describe('Start of the first run'),
  comparison: comparisonSchema
    .nullable()
    .describe('The comparison on which the relative rules are based; null without relative rules'),
  published: publishedFigures,
  command: commandLine,
});

export type GateVerdict = z.output<typeof verdict>;
export type RuleOutcome = z.output<typeof ruleOutcome>;
export type EarlierLook = z.output<typeof earlierLook>;
export type GateOutcome = z.output<typeof gateSchema>;

/** The overall outcome: a proven violation first, then what could not be judged. */
const PRECEDENCE: readonly GateVerdict[] = ['failed', 'invalid', 'inconclusive', 'passed'];

/** A gate in which no rule was evaluated has not passed, whatever the outcomes of its rules. */
export function overallOutcome(rules: readonly RuleOutcome[]): GateVerdict {
  if (!rules.some((rule) => rule.isEvaluated)) return 'invalid';
  return PRECEDENCE.find((outcome) => rules.some((rule) => rule.outcome === outcome)) ?? 'invalid';
}

/** The published JSON Schema. */
export function gateJsonSchema(): object {
  return publishedSchema(GATE_SCHEMA, 'trunkline gate', gateSchema);
}
