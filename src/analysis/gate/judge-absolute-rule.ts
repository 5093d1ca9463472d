/** Judges an absolute rule by the runs of the candidate. It passes only if the worse end of the interval passes. */
import type { Result } from '../../result/result-schema.ts';
import { meetsThreshold, type Operator } from '../../scenario/threshold.ts';
import { signedRankInterval } from '../../stats/signed-rank-test.ts';
import { DROPPED_SHARE_MAX } from '../comparison/comparison-rows.ts';
import { confidenceWords } from '../comparison/comparison-sentences.ts';
import { formatFigure } from '../comparison/format-figure.ts';
import { firstReason, guardReason } from '../comparison/usable-pairs.ts';
import type { AbsoluteRule } from './gate-rules.ts';
import type { RuleOutcome } from './gate-schema.ts';

type Judged = Pick<RuleOutcome, 'outcome' | 'isEvaluated' | 'figure' | 'low' | 'high' | 'sentence'>;

/** @param confidence of the interval of a measured figure. */
export function judgeAbsoluteRule(rule: AbsoluteRule, candidates: readonly Result[], confidence: number): RuleOutcome {
  const { text, kind, metric, operator, limit } = rule;
  const stated = { rule: text, kind, metric: metric.name, unit: metric.unit, operator, limit };
  return { ...stated, ...judge(rule, candidates, confidence) };
}

function judge(rule: AbsoluteRule, candidates: readonly Result[], confidence: number): Judged {
  const { metric } = rule;
  const valid = candidates.filter(({ validity }) => validity.isValid);
  const dropped = candidates.find(({ validity }) => !validity.isValid);
  if (dropped !== undefined && candidates.length - valid.length > DROPPED_SHARE_MAX * candidates.length) {
    const left = candidates.length - valid.length;
    return unjudged(`${left} of ${candidates.length} runs are not valid, the first because of ${guardReason(dropped)}`);
  }
  const above = valid
    .map((result) => metric.lowerBound(result))
    .filter((bound) => bound !== null && bound >= rule.limit);
  if (above[0] != null && rule.operator.startsWith('<')) {
    const found = `more than ${formatFigure(above[0], metric.unit)} in ${above.length} of ${valid.length} runs`;
    return { ...unjudged(`${rule.text}: broken, found ${found}`), outcome: 'failed', isEvaluated: true };
  }
  // An upper limit holds for a slope too small to be measured if it holds for the upper end of its interval.
  const isUpperLimit = rule.operator.startsWith('<');
  const values = valid
    .map((result) => metric.read(result) ?? (isUpperLimit ? metric.upperBound(result) : null))
    .filter((value) => value !== null);
  if (values.length < valid.length) {
    const reason = firstReason(metric, valid);
    const why = reason === null ? '' : `: ${reason}`;
    return unjudged(`${metric.name} was not measured in ${valid.length - values.length} of ${valid.length} runs${why}`);
  }
  return metric.kind === 'exact' ? judgeCounts(rule, values) : judgeInterval(rule, values, confidence);
}

/** A count of errors must meet the rule in every run. */
function judgeCounts(rule: AbsoluteRule, values: readonly number[]): Judged {
  const breach = values.find((value) => !meetsThreshold(rule, value));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const figure = breach ?? values[0] ?? null;
  const found = breach === undefined ? `holds in all ${values.length} runs` : `broken, found ${breach}`;
  return {
    outcome: breach === undefined ? 'passed' : 'failed',
    isEvaluated: true,
    figure,
    low,
    high,
    sentence: `${rule.text}: ${found}`,
  };
}

/**
 * Logarithms of figures are more symmetric than figures. The slope of memory may be 0 or negative and is used as it is.
 */
function judgeInterval(rule: AbsoluteRule, values: readonly number[], confidence: number): Judged {
  const hasLogs = values.every((value) => value > 0);
  const interval = signedRankInterval(hasLogs ? values.map(Math.log) : values, confidence);
  if (interval.isRefused) return unjudged(`${rule.text}: ${interval.sentence.replace('pairs', 'runs')}`);
  const [figure, low, high] = [interval.estimate, interval.low, interval.high].map((end) =>
    hasLogs ? Math.exp(end) : end,
  ) as [number, number, number]; // three in, three out
  const { unit } = rule.metric;
  const bad = badEnd(rule.operator, low, high);
  const holds = meetsThreshold(rule, bad);
  const range = `${formatFigure(figure, unit)} (${confidenceWords(interval.confidence)} interval ${formatFigure(low, unit)} to ${formatFigure(high, unit)})`;
  const isProven = !holds && !meetsThreshold(rule, bad === high ? low : high);
  const word = holds ? 'holds' : isProven ? 'broken' : 'not proven, the limit lies inside the interval';
  return {
    outcome: holds ? 'passed' : 'failed',
    isEvaluated: true,
    figure,
    low,
    high,
    sentence: `${rule.text}: ${word}, found ${range}`,
  };
}

function badEnd(operator: Operator, low: number, high: number): number {
  return operator.startsWith('<') ? high : low;
}

function unjudged(sentence: string): Judged {
  return { outcome: 'invalid', isEvaluated: false, figure: null, low: null, high: null, sentence };
}
