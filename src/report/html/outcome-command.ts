/** The command line that repeats an outcome, as its page shows it. */

/** @param command as stored with the outcome; null in outcomes that do not have it. */
export function outcomeCommand(command: string | null): string[] {
  return [command ?? '# The command is not stored with this outcome.'];
}
