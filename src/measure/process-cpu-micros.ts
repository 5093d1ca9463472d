/**
 * Processor time of this process with all its threads: those of the run, and V8's own for garbage collection and
 * compilation. The kernel counts it in nanoseconds (getrusage(2)); /proc/PID/stat has only ticks of 10 ms.
 */

/** Processor time since the start of the process, in microseconds. */
export function processCpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
