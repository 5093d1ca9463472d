/** What is wrong with a key that is valid by itself, but not with the others. */
export interface KeyFault {
  readonly path: readonly (string | number)[];
  /** What was expected, and what was found. */
  readonly what: string;
}
