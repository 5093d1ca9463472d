/**
 * The outcome of a ladder: plain data, stored as JSON, from which its report is written. The schema is published with
 * the package (`trunkline/ladder.schema.json`).
 */
import { z } from 'zod';
import { publishedFigures } from '../../result/published-figures.ts';
import { publishedSchema } from '../../result/published-schema.ts';
import { commandLine, countOf, figure, figureOrNull, texts } from '../../result/sections/schema-terms.ts';
import { comparisonSchema } from '../comparison/comparison-schema.ts';

export const LADDER_SCHEMA = 'trunkline.ladder/1';
const KNOB_VERDICTS = ['interaction', 'additive', 'undecided'] as const;

const rungOutcome = z.strictObject({
  name: z.string(),
  settings: texts,
  failed: countOf.describe('Runs that left no result or an invalid one'),
  runs: countOf,
  failure: z.string().nullable().describe('Why the first of them failed; null if none did'),
  withBefore: comparisonSchema.nullable().describe('Null for the first rung, and if there is no pair of results'),
  withFirst: comparisonSchema.nullable().describe('Null for the first rung, and if there is no pair of results'),
});

const knobDifference = z.strictObject({
  share: figure.describe('Hodges–Lehmann estimate over the rounds'),
  lowShare: figure,
  highShare: figure,
  confidence: figure.describe('Actual confidence of the interval'),
  n: countOf.describe('Rounds in which all four runs were valid'),
});

const knobEffect = z.strictObject({
  rung: z.string(),
  metric: z.string(),
  addedShare: figureOrNull.describe('Change of the figure from the previous rung to this one'),
  removedShare: figureOrNull.describe('Change of the figure from the last rung to the last rung without this change'),
  difference: knobDifference
    .nullable()
    .describe(
      'Gain from adding the change, divided by its gain at the last rung, less 1. Null without an interval, and for the last rung, where both are the same comparison',
    ),
  verdict: z
    .enum(KNOB_VERDICTS)
    .nullable()
    .describe(
      'Whether the interval of the difference is entirely beyond the smallest difference that matters, entirely within it, or neither. Null for the last rung',
    ),
  sentence: z.string(),
});

export const ladderSchema = z.strictObject({
  schema: z.literal(LADDER_SCHEMA),
  name: z.string(),
  description: z.string(),
  scenario: z.string(),
  settings: texts.describe('Settings of all rungs'),
  machineClasses: texts,
  commits: texts,
  nodes: texts,
  startedAt: z.iso.datetime().nullable().describe('Start of the first run; null while there is none'),
  metrics: texts,
  pairs: z.strictObject({ planned: countOf, run: countOf }),
  runs: z.strictObject({ planned: countOf, run: countOf, valid: countOf }),
  isComplete: z.boolean(),
  sentence: z.string(),
  rungs: z.array(rungOutcome).readonly(),
  knobs: z.array(knobEffect).readonly(),
  published: publishedFigures,
  command: commandLine,
});

export type RungOutcome = z.output<typeof rungOutcome>;
export type KnobDifference = z.output<typeof knobDifference>;
export type KnobEffect = z.output<typeof knobEffect>;
export type LadderOutcome = z.output<typeof ladderSchema>;

/** The published JSON Schema. */
export function ladderJsonSchema(): object {
  return publishedSchema(LADDER_SCHEMA, 'trunkline ladder', ladderSchema);
}
