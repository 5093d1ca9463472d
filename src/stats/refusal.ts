/**
 * The answer of a statistic if the data do not support a figure. It is not an error: a report prints it in place of the
 * figure.
 */

export type RefusalReason = 'too-few-pairs' | 'too-few-values';

export interface Refusal {
  readonly isRefused: true;
  readonly reason: RefusalReason;
  /** For the user: what was required, and what was found. */
  readonly sentence: string;
}

export function refuse(reason: RefusalReason, sentence: string): Refusal {
  return { isRefused: true, reason, sentence };
}
