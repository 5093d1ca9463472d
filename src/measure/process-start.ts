/** The start time of a process. It identifies the process together with its id, since ids are reused. */
import { readFileSync } from 'node:fs';

/** Field 22 of /proc/PID/stat (proc_pid_stat(5)), counted from the state, which is field 3. */
const START_FIELD = 22 - 3;
const UNKNOWN = '0';
/** State of a process that has ended but was not waited for; in a container without an init it remains so. */
const ZOMBIE = 'Z';

/**
 * The start time of a running process in ticks since boot; `0` if the system does not report it.
 *
 * @returns null if there is no such process.
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
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // a process of another user
  }
}
