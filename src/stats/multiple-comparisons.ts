/**
 * Corrections for multiple comparisons. They keep the probability of any false alarm at that of a single comparison.
 * Bonferroni (Dunn, "Multiple comparisons among means", 1961); Holm, "A simple sequentially rejective multiple test
 * procedure", 1979.
 */
import { assert, at } from '../base/assert.ts';

/** The confidence that each of `comparisons` intervals needs so that all of them together have `confidence`. */
export function bonferroniConfidence(confidence: number, comparisons: number): number {
  assert(comparisons >= 1, 'there is at least one comparison');
  return 1 - (1 - confidence) / comparisons;
}

/** Adjusted p-values in the given order; each is compared with the total error probability. */
export function bonferroni(pValues: readonly number[]): number[] {
  return pValues.map((p) => Math.min(1, p * pValues.length));
}

/** As {@link bonferroni} but never larger: the smallest times n, the next times n − 1, and so on. */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, i) => i).sort((a, b) => at(pValues, a) - at(pValues, b));
  const adjusted = pValues.map(() => 1);
  let largest = 0;
  order.forEach((index, place) => {
    largest = Math.max(largest, Math.min(1, at(pValues, index) * (pValues.length - place)));
    adjusted[index] = largest;
  });
  return adjusted;
}
