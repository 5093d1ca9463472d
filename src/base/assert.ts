/**
 * Assertions for what cannot happen. A failed assertion is a bug in trunkline, never bad input:
 * it stops the thread, the run ends with the thread's name and this message.
 */

export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** Throws {@link AssertionError} unless `condition` holds; `why` says what would be broken. */
export function assert(condition: boolean, why: string): asserts condition {
  if (!condition) throw new AssertionError(why);
}

/** The value at `index`, where the caller knows that the index is inside the array. */
export function at<T>(array: ArrayLike<T>, index: number): T {
  const value = array[index];
  if (value === undefined) {
    throw new AssertionError(`index ${index} is outside an array of ${array.length}`);
  }
  return value;
}
