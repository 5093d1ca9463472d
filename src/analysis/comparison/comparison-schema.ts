/**
 * The outcome of a comparison: plain data, stored as JSON, from which every report is written. The schema is published
 * with the package (`trunkline/comparison.schema.json`).
 */
import { z } from 'zod';
import { publishedFigures } from '../../result/published-figures.ts';
import { publishedSchema } from '../../result/published-schema.ts';
import { commandLine, countOf, figure, figureOrNull, texts } from '../../result/sections/schema-terms.ts';
import { METRIC_UNITS } from '../../scenario/terms/metrics.ts';
import { RANK_METHODS } from '../../stats/signed-rank-test.ts';
import { LEANS, VERDICTS } from './difference-verdict.ts';

export const COMPARISON_SCHEMA = 'trunkline.comparison/1';

const comparisonRow = z
  .strictObject({
    metric: z.string(),
    about: z.string(),
    unit: z.enum(METRIC_UNITS),
    better: z.enum(['more', 'less']),
    kind: z.enum(['ratio', 'exact']),
    role: z
      .enum(['gating', 'descriptive'])
      .describe('Gating rows are declared in advance and decide the overall verdict'),
    base: figureOrNull.describe('Median; null if it was not measured'),
    candidate: figureOrNull.describe('Median; null if it was not measured'),
    changeShare: figureOrNull.describe('Hodges–Lehmann estimate of the ratio, less 1'),
    lowShare: figureOrNull,
    highShare: figureOrNull,
    confidence: figureOrNull.describe('Actual confidence of the interval; null without an interval'),
    smallestDifferenceShare: figure,
    noiseFloorShare: figureOrNull.describe('From runs of a scenario against itself; null if none was given'),
    smallestDetectableShare: figureOrNull.describe(
      'Smallest change that this number of runs detects with a probability of 0.8, given their noise',
    ),
    n: countOf.describe('Pairs (or, unpaired, runs of the smaller side) on which the figures are based'),
    missing: countOf.describe('Valid pairs in which at least one side did not measure the metric'),
    ties: countOf,
    zeros: countOf,
    method: z.enum(RANK_METHODS).nullable(),
    pValue: figureOrNull.describe('Two-sided; the null hypothesis is no difference'),
    effect: figureOrNull.describe("Rank-biserial correlation, or Cliff's delta for unpaired runs; above 0 is better"),
    ratios: z
      .array(figure)
      .readonly()
      .describe('Candidate divided by base, per pair, in the order of the runs; empty for unpaired runs'),
    verdict: z.enum(VERDICTS),
    lean: z.enum(LEANS).nullable(),
    gateRefusal: z.string().nullable().describe('Why a gating row does not gate; null if it does'),
    sentence: z.string(),
  })
  .describe(
    'One metric of both sides. Shares are candidate/base − 1: 0.02 means 2 % more, whether or not more is better',
  );

const comparisonSide = z.strictObject({
  name: z.string(),
  scenario: z.string(),
  transport: z.string(),
  isSimulated: z.boolean(),
  machineClass: z.string(),
  commits: texts,
  nodes: texts,
  resultIds: texts,
});

const droppedRun = z.strictObject({
  pair: countOf.describe('Number of the pair, from 1, in the order of the runs'),
  side: z.enum(['base', 'candidate']),
  resultId: z.string(),
  reason: z.string().describe('The guard that tripped, in words'),
});

const latencyCurve = z
  .strictObject({
    latency: z.enum(['delivery', 'acknowledgement']),
    percents: z.array(figure).readonly().describe('Ascending, below 100'),
    baseMicros: z.array(figureOrNull).readonly().describe('Null with fewer than ten samples above the percentile'),
    candidateMicros: z.array(figureOrNull).readonly(),
    baseCount: countOf.describe('Samples of all valid runs of the side'),
    candidateCount: countOf,
  })
  .describe('Latency by percentile, from the histograms of all valid runs of each side');

const differences = z.array(z.strictObject({ name: z.string(), values: texts })).readonly();

export const comparisonSchema = z.strictObject({
  schema: z.literal(COMPARISON_SCHEMA),
  method: z.enum(['paired', 'unpaired, weaker']),
  verdict: z.enum(VERDICTS),
  sentence: z.string(),
  invalidReason: z
    .string()
    .nullable()
    .describe('Why the whole comparison is invalid, apart from rows that were not measured; null if it is valid'),
  base: comparisonSide,
  candidate: comparisonSide,
  scenarioDifferences: differences.describe('What the candidate changes in the scenario'),
  environmentDifferences: differences.describe(
    'Differences between the machines or their settings, whether allowed or not',
  ),
  runs: z
    .strictObject({ planned: countOf, valid: countOf, dropped: z.array(droppedRun).readonly() })
    .describe('Pairs; for unpaired comparisons, runs of both sides'),
  confidence: figure.describe('Of all gating rows together'),
  gatingConfidence: figure.describe('Required of each gating row, after the Bonferroni correction'),
  rows: z.array(comparisonRow).readonly(),
  latencyCurves: z
    .array(latencyCurve)
    .readonly()
    .prefault([])
    .describe('Empty if the runs were read without their histograms, and in older comparisons'),
  published: publishedFigures,
  command: commandLine,
});

export type Comparison = z.output<typeof comparisonSchema>;
export type ComparisonRow = z.output<typeof comparisonRow>;
export type ComparisonSide = z.output<typeof comparisonSide>;
export type DroppedRun = z.output<typeof droppedRun>;

/** The published JSON Schema. */
export function comparisonJsonSchema(): object {
  return publishedSchema(COMPARISON_SCHEMA, 'trunkline comparison', comparisonSchema);
}
