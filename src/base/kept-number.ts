/**
 * A number that is no 32-bit integer, kept as the one object that it is in V8, for those who pass the same
 * one on again and again. Out of a field or a typed array V8 would take the bare double and make an
 * object of it for each call; out of a list that may hold anything it takes the object.
 */
export class KeptNumber {
  readonly #kept: readonly unknown[];

  constructor(value: number) {
    this.#kept = [value, undefined];
  }

  get value(): number {
    return this.#kept[0] as number; // what it was made with
  }
}
