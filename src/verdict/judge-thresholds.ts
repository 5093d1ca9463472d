/** Compares a result with the thresholds of its scenario. */
import { leastFigure, readFigure, whyNoFigure } from '../result/metric-figures.ts';
import type { Result } from '../result/result-schema.ts';
import { meetsThreshold, type Operator, type Threshold } from '../scenario/threshold.ts';

/**
 * What could not be measured is null, and a threshold on it has not passed. Of a latency above the range of its
 * histogram only what it is more than is known: that breaks a lower limit and meets a least one, and decides nothing
 * about a limit above the range.
 */
export function judgeThresholds(thresholds: readonly Threshold[], result: Result): Result['thresholds'] {
  return thresholds.map((threshold) => {
    const { metric, expression, operator, limit } = threshold;
    const figure = readFigure(result, threshold);
    const least = leastFigure(result, threshold);
    if (figure !== null || least === null || least < limit) {
      const passed = figure !== null && meetsThreshold(threshold, figure);
      const reason = figure === null ? whyNoFigure(result, threshold) : null;
      return { metric, expression, figure, isMore: false, passed, reason };
    }
    return { metric, expression, figure: least, isMore: true, passed: MET_BY_MORE.has(operator), reason: null };
  });
}

/** Comparisons that hold for whatever is more than their limit. */
const MET_BY_MORE: ReadonlySet<Operator> = new Set(['>', '>=', '!=']);
