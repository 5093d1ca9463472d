/** Compares a result with the thresholds of its scenario. */
import { readFigure, whyNoFigure } from '../result/metric-figures.ts';
import type { Result } from '../result/result-schema.ts';
import { meetsThreshold, type Threshold } from '../scenario/threshold.ts';

/** What could not be measured is null, and a threshold on it has not passed. */
export function judgeThresholds(thresholds: readonly Threshold[], result: Result): Result['thresholds'] {
  return thresholds.map((threshold) => {
    const figure = readFigure(result, threshold);
    const { metric, expression } = threshold;
    const passed = figure !== null && meetsThreshold(threshold, figure);
    return { metric, expression, figure, passed, reason: figure === null ? whyNoFigure(result, threshold) : null };
  });
}
