/** The published figures that a scenario quotes, beside one's own. */
import { TrunklineError } from '../base/errors.ts';
import { METRICS, type MetricName } from '../scenario/terms/metrics.ts';
import { type Figure, parseFigure } from '../scenario/threshold.ts';
import { readFigure } from './read-figure.ts';
import type { PublishedMetric, Result } from './result-schema.ts';

/** A published figure beside that of a run; `metric`, `value` and `own` are null where it is quoted in words only. */
export interface AsPublished {
  readonly figure: string;
  readonly source: string;
  readonly metric: string | null;
  readonly value: number | null;
  /** One's own figure; also null if it was not measured. */
  readonly own: number | null;
  /** The own figure divided by the published one. */
  readonly ratio: number | null;
  /** How far the own figure may be from the published one, in either direction; null if better is met as well. */
  readonly within: number | null;
  /**
   * Whether the own figure is at least as good, but for the smallest difference that matters in this metric, or is as near as
   * `within` says; null if that is not known.
   */
  readonly isMet: boolean | null;
}

/** Those of a run: that of its step first, if it is one of a series, then in the order of the scenario. */
export function asPublished(result: Result): AsPublished[] {
  const { step, published } = result.scenario;
  const quoted = step === null || step.published === null ? published : [step.published, ...published];
  return quoted.map((one) => besideOwn(one, ownFigure(result, one)));
}

/** The figure of a run that a published one is compared with; null if there is none, or if it was not measured. */
export function ownFigure(result: Result, { metric, value }: PublishedMetric): number | null {
  return value === undefined || metric === undefined ? null : readMetric(result, metric);
}

/** @param own see {@link ownFigure}. */
export function besideOwn({ figure, source, metric, value, within }: PublishedMetric, own: number | null): AsPublished {
  const quoted = value === undefined ? null : figureNamed(metric);
  const ratio = own === null || value === undefined || value === 0 ? null : own / value;
  return {
    figure,
    source,
    metric: metric ?? null,
    value: value ?? null,
    within: within ?? null,
    own,
    ratio,
    isMet: quoted === null || ratio === null ? null : isAsGood(quoted.metric, ratio, within),
  };
}

/** @param ownOf the own figure of a metric by its name; null if it was not measured. */
export function besidePublished(
  published: readonly PublishedMetric[],
  ownOf: (metric: string) => number | null,
): AsPublished[] {
  return published.map((one) => {
    const { metric, value } = one;
    return besideOwn(one, metric === undefined || value === undefined ? null : ownOf(metric));
  });
}

/** The figure of a metric by its name, such as `latency.delivery med`; null if it was not measured. */
export function readMetric(result: Result, metric: string): number | null {
  const figure = figureNamed(metric);
  return figure === null ? null : readFigure(result, figure);
}

/** Null without a name, and for one that only an older trunkline knows. */
function figureNamed(name: string | undefined): Figure | null {
  if (name === undefined) return null;
  try {
    return parseFigure(name);
  } catch (error) {
    if (error instanceof TrunklineError && error.code === 'METRIC_UNKNOWN') return null;
    throw error;
  }
}

function isAsGood(metric: MetricName, ratio: number, within: number | undefined): boolean {
  if (within !== undefined) return Math.abs(ratio - 1) <= within;
  const { better, smallestDifferenceShare } = METRICS[metric];
  return better === 'more' ? ratio >= 1 - smallestDifferenceShare : ratio <= 1 + smallestDifferenceShare;
}
