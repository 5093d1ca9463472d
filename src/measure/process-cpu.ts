/**
 * Processor time of this process with all its threads: those of the run, and V8's own for collecting and compiling. The
 * kernel counts it to the nanosecond (getrusage(2)); /proc/PID/stat says the same in ticks of 10 ms.
 */

/** Since the process started, in microseconds. */
export function processCpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
