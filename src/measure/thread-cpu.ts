/**
 * Processor time of single threads, from the kernel. `process.cpuUsage()` is the whole process's,
 * and Node's figure for a thread comes only from inside it; Linux tells of each by its number.
 */
import { readFileSync, readlinkSync } from 'node:fs';

export interface ThreadCpu {
  /** Time on a processor. */
  readonly cpuMicros: number;
  /** Time for which the thread could have run and had no processor. */
  readonly waitMicros: number;
}

const NANOS_PER_MICRO = 1000;

/** The kernel's number of the calling thread, or null where the kernel does not tell. */
export function currentThreadId(): number | null {
  try {
    const link = readlinkSync('/proc/thread-self'); // 123/task/456
    const id = Number(link.split('/').at(-1));
    return Number.isInteger(id) ? id : null;
  } catch {
    return null;
  }
}

/** Reads what `/proc/…/schedstat` says: time running, time waiting, slices, in nanoseconds. */
export function parseSchedstat(text: string): ThreadCpu | null {
  const [running, waiting] = text.trim().split(/\s+/).map(Number);
  if (running === undefined || waiting === undefined) return null;
  if (!Number.isFinite(running) || !Number.isFinite(waiting)) return null;
  return { cpuMicros: running / NANOS_PER_MICRO, waitMicros: waiting / NANOS_PER_MICRO };
}

/** Processor time of one thread of this process; null where the kernel does not tell. */
export function readThreadCpu(threadId: number | null): ThreadCpu | null {
  if (threadId === null) return null;
  try {
    return parseSchedstat(readFileSync(`/proc/self/task/${threadId}/schedstat`, 'utf8'));
  } catch {
    return null;
  }
}
