/**
 * The changes of figures over stored results: plain data, stored as JSON. The schema is published with the package
 * (`trunkline/history.schema.json`).
 */
import { z } from 'zod';
import { publishedFigures } from '../../result/published-figures.ts';
import { publishedSchema } from '../../result/published-schema.ts';
import { commandLine, countOf, figure, figureOrNull } from '../../result/sections/schema-terms.ts';
import { METRIC_UNITS } from '../../scenario/terms/metrics.ts';
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
  after: historyPoint.describe('Last result of the old level: the cause is between the two'),
  before: figure.describe('Median of the old level, since the previous change'),
  now: figure.describe('Median of the new level, until the next change'),
  changeShare: figure.describe('Ratio of the levels by Hodges–Lehmann, less 1'),
  lowShare: figureOrNull.describe('Null with too few results'),
  highShare: figureOrNull.describe('Null with too few results'),
  pValue: figure.describe('P-value of the permutation test'),
  verdict: z.enum(VERDICTS),
  lean: z.enum(LEANS).nullable(),
});

const metricHistory = z.strictObject({
  scenario: z.string(),
  scenarioHash: z.string(),
  machineClass: z.string(),
  isSimulated: z
    .boolean()
    .nullable()
    .prefault(null)
    .describe('Whether connections are rows in memory and not kernel sockets; null in older files'),
  metric: z.string(),
  unit: z.enum(METRIC_UNITS),
  points: z.array(historyPoint).readonly().describe('In order of time'),
  changes: z.array(historyChange).readonly(),
});

export const historySchema = z.strictObject({
  schema: z.literal(HISTORY_SCHEMA),
  histories: z.array(metricHistory).readonly(),
  invalidResults: countOf.describe('Results left out because a guard tripped'),
  olderResults: countOf.describe('Oldest results, left out because the length of a series is limited'),
  published: publishedFigures,
  command: commandLine,
});

export type HistoryPoint = z.output<typeof historyPoint>;
export type HistoryChange = z.output<typeof historyChange>;
export type MetricHistory = z.output<typeof metricHistory>;
export type ChangeHistory = z.output<typeof historySchema>;

/** The published JSON Schema. */
export function historyJsonSchema(): object {
  return publishedSchema(HISTORY_SCHEMA, 'trunkline history', historySchema);
}
