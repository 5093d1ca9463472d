/** The text of a caught value: the message of an error, anything else as a string. */
export function causeOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
