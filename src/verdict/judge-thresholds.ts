/** Compares a result with the thresholds of its scenario. */
import { readFigure, readLowerBound, whyNoFigure } from '../result/read-figure.ts';
import type { Result } from '../result/result-schema.ts';
import { meetsThreshold, type Operator, type Threshold } from '../scenario/threshold.ts';

/**
 * A figure that could not be measured is null, and its threshold does not pass. Of a latency above the range of its
 * histogram only a lower bound is known: it breaks upper limits below the range, meets lower limits, and decides
 * nothing about limits above the range.
 */
export function judgeThresholds(thresholds: readonly Threshold[], result: Result): Result['thresholds'] {
  return thresholds.map((threshold) => {
    const { metric, expression, operator, limit } = threshold;
    const figure = readFigure(result, threshold);
    const lowerBound = readLowerBound(result, threshold);
    if (figure !== null || lowerBound === null || lowerBound < limit) {
      const passed = figure !== null && meetsThreshold(threshold, figure);
      const reason = figure === null ? whyNoFigure(result, threshold) : null;
      return { metric, expression, figure, isMore: false, passed, reason };
    }
    return { metric, expression, figure: lowerBound, isMore: true, passed: MET_BY_MORE.has(operator), reason: null };
  });
}

/** Operators that hold for every value above their limit. */
const MET_BY_MORE: ReadonlySet<Operator> = new Set(['>', '>=', '!=']);
