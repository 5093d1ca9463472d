/**
 * Assertions for conditions that cannot be false unless trunkline has a bug. Bad input never reaches one. A failed
 * assertion stops the thread, and the run ends with the name of the thread and this message.
 */

export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** Throws {@link AssertionError} unless `condition` is true. `why` states what must be true. */
export function assert(condition: boolean, why: string): asserts condition {
  if (!condition) throw new AssertionError(why);
}

/** The value at `index`. The caller guarantees that the index is inside the array. */
export function at<T>(array: ArrayLike<T>, index: number): T {
  const value = array[index];
  if (value === undefined) {
    throw new AssertionError(`index ${index} is outside an array of ${array.length}`);
  }
  return value;
}
