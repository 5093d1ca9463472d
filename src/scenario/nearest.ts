/** The most similar valid word for a misspelt one, for error messages. */
import { closest, distance } from 'fastest-levenshtein';

/** `; did you mean "count"?`, or nothing if no candidate is similar. */
export function nearest(word: string, candidates: readonly string[]): string {
  if (candidates.length === 0) return '';
  const best = closest(word, candidates);
  const tolerable = Math.max(2, Math.floor(word.length / 3));
  return distance(word.toLowerCase(), best.toLowerCase()) <= tolerable ? `; did you mean "${best}"?` : '';
}

/** A text that may end with the question of {@link nearest}, with a full stop otherwise. */
export function asSentence(text: string): string {
  return text.endsWith('?') ? text : `${text}.`;
}
