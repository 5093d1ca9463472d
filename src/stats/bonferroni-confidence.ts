/**
 * The correction for multiple comparisons, which keeps the probability of any false alarm at that of a single
 * comparison: Bonferroni's (Dunn, "Multiple comparisons among means", 1961).
 */
import { assert } from '../base/assert.ts';

/** The confidence that each of `comparisons` intervals needs so that all of them together have `confidence`. */
export function bonferroniConfidence(confidence: number, comparisons: number): number {
  assert(comparisons >= 1, 'there is at least one comparison');
  return 1 - (1 - confidence) / comparisons;
}
