/**
 * The figures of others that scenarios quote (`steps[].published`), as conclusions from several runs keep them: so that
 * a report still has them, with their sources, when it is made from the conclusion alone.
 */
import { z } from 'zod';
import { type PublishedMetric, publishedFigure, publishedMetric, type Result } from './result-schema.ts';

export type PublishedFigure = z.output<typeof publishedFigure>;

/** The field of a conclusion. */
export const publishedFigures = z
  .array(publishedFigure)
  .readonly()
  .prefault([])
  .describe('Figures published by others that the scenarios of the runs quote; empty also in older files');

/** The field of a conclusion that compares them with figures of its own. */
export const publishedMetrics = z
  .array(publishedMetric)
  .readonly()
  .prefault([])
  .describe('Figures published by others that the scenario quotes; empty also in older files');

/** Without their metrics, which a conclusion does not keep. */
export function inWords(quoted: readonly (PublishedMetric | null)[]): PublishedFigure[] {
  return quoted.flatMap((one) => (one === null ? [] : [{ figure: one.figure, source: one.source }]));
}

/** Those that the results quote, each once, in the order of the results. */
export function publishedFiguresOf(results: readonly Result[]): PublishedFigure[] {
  const all = results.flatMap(({ scenario: { step, published } }) => inWords([step?.published ?? null, ...published]));
  return [...new Map(all.map((one) => [JSON.stringify([one.figure, one.source]), one])).values()];
}
