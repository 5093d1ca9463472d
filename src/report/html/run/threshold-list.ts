/** The thresholds of a scenario: what was found, beside the limit that it was judged by. */
import { formatFound, formatMetric } from '../../../analysis/comparison/format-figure.ts';
import { TrunklineError } from '../../../base/errors.ts';
import type { Result } from '../../../result/result-schema.ts';
import { isMetricName, METRICS } from '../../../scenario/terms/metrics.ts';
import { type Operator, type Threshold as ParsedThreshold, parseThreshold } from '../../../scenario/threshold.ts';
import { type Markup, markup } from '../markup.ts';
import { bullet } from './bullet.ts';

type Threshold = Result['thresholds'][number];

/** A table with one row per threshold. */
export function thresholdList({ thresholds }: Result): Markup {
  if (thresholds.length === 0) return markup`<p class="faint">The scenario has none.</p>`;
  const rows = thresholds.map((threshold) => {
    const { metric, figure, passed } = threshold;
    const tone = passed ? 'good' : 'bad';
    return markup`<tr><th scope="row"><span class="${tone}-text">${passed ? '✓' : '✗'}<span class="unseen"> ${passed ? 'passed' : 'failed'}</span></span> ${breakable(metric)}</th><td><b>${formatFound(threshold)}</b></td><td class="picture">${bullet(figure, limitOf(threshold), tone)}</td><td class="text">${limitWords(threshold)}</td></tr>
`;
  });
  return markup`<table class="thresholds"><caption>Thresholds</caption><thead class="unseen"><tr><th scope="col">metric</th><th scope="col">found</th><th scope="col">against the limit</th><th scope="col">limit</th></tr></thead><tbody>
${rows}</tbody></table>`;
}

/** A name with places where its line may break. */
function breakable(metric: string): Markup[] {
  return metric.split('.').map((part, i) => (i === 0 ? markup`${part}` : markup`.<wbr>${part}`));
}

const SIGNS: Readonly<Record<Operator, string>> = { '<': '<', '<=': '≤', '>': '>', '>=': '≥', '==': '=', '!=': '≠' };

/** `p(99) < 500 ms`, `≥ 1,000,000`; as it is written where this version does not know the metric. */
function limitWords(threshold: Threshold): string {
  const parsed = parsedOf(threshold);
  if (parsed === null) return threshold.expression;
  const { metric, aggregation, percent, operator, limit } = parsed;
  const which = aggregation === 'p' ? `p(${percent}) ` : METRICS[metric].isTrend ? `${aggregation} ` : '';
  return `${which}${SIGNS[operator]} ${formatMetric(metric, limit)}`;
}

/** Null for a metric that this version does not know. */
export function limitOf(threshold: Threshold): number | null {
  return parsedOf(threshold)?.limit ?? null;
}

function parsedOf({ metric, expression }: Threshold): ParsedThreshold | null {
  if (!isMetricName(metric)) return null;
  try {
    return parseThreshold(metric, expression);
  } catch (error) {
    if (error instanceof TrunklineError) return null;
    throw error;
  }
}
