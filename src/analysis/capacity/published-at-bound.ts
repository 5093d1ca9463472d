/** What a search measured at its lower bound, beside the figures that others have published. */
import { type AsPublished, besidePublished } from '../../result/as-published.ts';
import { median } from '../../stats/quantiles.ts';
import type { CapacityOutcome, CapacityTrial } from './capacity-schema.ts';

/** The trials that count at the lower bound; none without one. */
export function goodAtLowerBound({ trials, bounds }: Pick<CapacityOutcome, 'trials' | 'bounds'>): CapacityTrial[] {
  return trials.filter(({ load, isGood, isValid }) => load === bounds.lowerLoad && isGood && isValid);
}

/** The median of a figure in the trials that measured it; null if none did. */
export function medianOf(
  trials: readonly CapacityTrial[],
  pick: (trial: CapacityTrial) => number | null,
): number | null {
  const figures = trials.flatMap((trial) => pick(trial) ?? []);
  return figures.length === 0 ? null : median(figures);
}

/** Those that the scenario quotes, in its order. */
export function publishedAtBound(outcome: CapacityOutcome): AsPublished[] {
  const good = goodAtLowerBound(outcome);
  return besidePublished(outcome.published, (metric) => medianOf(good, ({ figures }) => figures[metric] ?? null));
}
