/**
 * Processor time of single threads, as the kernel reports it. `process.cpuUsage()` covers the whole process, and Node's
 * figure of a thread is only available inside it; Linux has the figures of each thread by its id.
 */
import { readFileSync, readlinkSync } from 'node:fs';

export interface ThreadCpu {
  /** Time running on a processor. */
  readonly cpuMicros: number;
  /** Time runnable without a processor. */
  readonly waitMicros: number;
}

const NANOS_PER_MICRO = 1000;

/** The kernel's id of the calling thread; null if the kernel does not report it. */
export function currentThreadId(): number | null {
  try {
    const link = readlinkSync('/proc/thread-self'); // 123/task/456
    const id = Number(link.split('/').at(-1));
    return Number.isInteger(id) ? id : null;
  } catch {
    return null;
  }
}

/** Parses `/proc/…/schedstat`: time running, time waiting, number of time slices; times in nanoseconds. */
export function parseSchedstat(text: string): ThreadCpu | null {
  const [running, waiting] = text.trim().split(/\s+/).map(Number);
  if (running === undefined || waiting === undefined) return null;
  if (!Number.isFinite(running) || !Number.isFinite(waiting)) return null;
  return { cpuMicros: running / NANOS_PER_MICRO, waitMicros: waiting / NANOS_PER_MICRO };
}

/** Processor time of one thread of this process; null if the kernel does not report it. */
export function readThreadCpu(threadId: number | null): ThreadCpu | null {
  if (threadId === null) return null;
  try {
    return parseSchedstat(readFileSync(`/proc/self/task/${threadId}/schedstat`, 'utf8'));
  } catch {
    return null;
  }
}
