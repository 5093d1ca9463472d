/**
 * How late the kernel may wake a thread. Linux may extend a sleep by up to 50 µs, so that several sleeps end together
 * (timerslack_ns, prctl(2)). A thread that must act on time requests less.
 */
import { writeFileSync } from 'node:fs';
import { currentThreadId } from './thread-cpu.ts';

/**
 * The default of the kernel (timerslack_ns, prctl(2)). Without this slack a thread extends its naps by the same time,
 * unless an event is due earlier. Shorter naps would end before the answers arrive that they should accumulate, and
 * each answer would ring a doorbell, which costs both sides.
 */
export const DEFAULT_SLACK_MICROS = 50;

/**
 * Sets the slack of the calling thread. If the kernel does not allow it, sleeps remain as they are, and their cost is
 * part of the measurement.
 */
export function setTimerSlack(nanos: number): void {
  const thread = currentThreadId();
  if (thread === null) return;
  try {
    writeFileSync(`/proc/${thread}/timerslack_ns`, String(nanos));
  } catch {
    // An old kernel, or a container that does not allow it.
  }
}
