/**
 * What a statistic says instead of a figure when the data cannot carry one. It is an answer, not
 * a failure: a report prints it in the figure's place.
 */

export type RefusalReason = 'too-few-pairs' | 'too-few-values' | 'too-few-levels' | 'more-shards-than-cores' | 'no-fit';

export interface Refusal {
  readonly isRefused: true;
  readonly reason: RefusalReason;
  /** For a person: what was needed, and what was there. */
  readonly sentence: string;
}

export function refuse(reason: RefusalReason, sentence: string): Refusal {
  return { isRefused: true, reason, sentence };
}
