/**
 * When figures changed over the results that were kept: plain data, stored as JSON. The schema is published
 * with the package (`trunkline/history.schema.json`).
 */
import { z } from 'zod';
import { publishedSchema } from '../../result/published-schema.ts';
import { countOf, figure, figureOrNull } from '../../result/schema-terms.ts';
import { METRIC_UNITS } from '../../scenario/metrics.ts';
import { LEANS, VERDICTS } from '../comparison/difference-verdict.ts';

export const HISTORY_SCHEMA = 'trunkline.history/1';

const historyPoint = z.strictObject({
  resultId: z.string(),
  startedAt: z.iso.datetime(),
  commit: z.string().nullable(),
  value: figure,
});

const historyChange = z.strictObject({
  at: historyPoint.describe('First result of the new level'),
  after: historyPoint.describe('Last result of the old one: the cause lies between the two'),
  before: figure.describe('Median of the level before, back to the change before'),
  now: figure.describe('Median of the level from here on, up to the next change'),
  changeShare: figure.describe('Ratio of the levels by Hodges–Lehmann, less 1'),
  lowShare: figureOrNull.describe('Null with too few results'),
  highShare: figureOrNull.describe('Null with too few results'),
  pValue: figure.describe('Of the permutation test'),
  verdict: z.enum(VERDICTS),
  lean: z.enum(LEANS).nullable(),
});

const metricHistory = z.strictObject({
  scenario: z.string(),
  scenarioHash: z.string(),
  machineClass: z.string(),
  metric: z.string(),
  unit: z.enum(METRIC_UNITS),
  points: z.array(historyPoint).readonly().describe('In order of time'),
  changes: z.array(historyChange).readonly(),
});

export const historySchema = z.strictObject({
  schema: z.literal(HISTORY_SCHEMA),
  histories: z.array(metricHistory).readonly(),
  invalidResults: countOf.describe('Results left out because a guard had tripped'),
  olderResults: countOf.describe('Results left out because a series has a greatest length, the newest being kept'),
});

export type HistoryPoint = z.output<typeof historyPoint>;
export type HistoryChange = z.output<typeof historyChange>;
export type MetricHistory = z.output<typeof metricHistory>;
export type ChangeHistory = z.output<typeof historySchema>;

/** The JSON Schema that is published. */
export function historyJsonSchema(): object {
  return publishedSchema(HISTORY_SCHEMA, 'trunkline history', historySchema);
}
