/** When a process started: with its id this names it, since ids are used again. */
import { readFileSync } from 'node:fs';

/** Field 22 of /proc/PID/stat (proc_pid_stat(5)), counted from the state, which is the third. */
const START_FIELD = 22 - 3;
const UNKNOWN = '0';
/** Has ended, and its parent has not asked yet: in a container without an init it stays so. */
const ZOMBIE = 'Z';

/**
 * The start of a living process in ticks since the machine's own; `0` where the system does not say.
 *
 * @returns null where there is no such process.
 */
export function processStart(processId: number): string | null {
  if (!isAlive(processId)) return null;
  try {
    const stat = readFileSync(`/proc/${processId}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // a name may hold spaces and brackets
    return fields[0] === ZOMBIE ? null : (fields[START_FIELD] ?? UNKNOWN);
  } catch {
    return isAlive(processId) ? UNKNOWN : null;
  }
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // another user's
  }
}
