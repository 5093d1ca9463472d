/**
 * How late the kernel may wake a thread. Linux lets a sleep of a thread last 50 µs longer than was asked for,
 * so that it can end several sleeps at once (timerslack_ns, prctl(2)); a thread that must act at a moment asks for less.
 */
import { writeFileSync } from 'node:fs';
import { currentThreadId } from './thread-cpu.ts';

/**
 * What the kernel adds unless it is told otherwise (timerslack_ns, prctl(2)). A thread without it takes naps that are so much
 * longer by themselves, and end when something is due. Shorter ones end before the answers come that they are to gather: each
 * of those then rings a doorbell, which costs both sides.
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
