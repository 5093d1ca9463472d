/**
 * Keeps a number that does not fit 32 bits as a single heap object, for callers that pass the same number repeatedly.
 * V8 stores doubles unboxed in fields and typed arrays and would allocate a new heap number for each call; an array of
 * arbitrary values keeps the boxed one.
 */
export class KeptNumber {
  readonly #kept: readonly unknown[];

  constructor(value: number) {
    this.#kept = [value, undefined];
  }

  get value(): number {
    return this.#kept[0] as number; // set by the constructor
  }
}
