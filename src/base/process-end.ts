/** What an error says of a process that ended before its time. */

const OUT_OF_MEMORY = 'The system also kills processes when memory runs out: free memory, or use fewer phones';

/**
 * How a process ended, such as `(exit code 1)`, and what to do about it if that is known; without a full stop.
 * @param code null if a signal ended it; here and in `signal` as Node tells of a child.
 */
export function processEnd(code: number | null, signal: string | null): string {
  const end = `(${signal ?? `exit code ${code}`})`;
  return signal === 'SIGKILL' ? `${end}. ${OUT_OF_MEMORY}` : end;
}
