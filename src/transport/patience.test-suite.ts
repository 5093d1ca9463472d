/**
 * How long a test waits for what the kernel, another thread or another process does.
 *
 * Bounded twice, and both bounds have to be passed: steps alone are over in no time where they are
 * fast and the other side is not, time alone runs out while the machine has stopped this process.
 */

const PATIENCE_MILLIS = 20_000;
const STEPS_MIN = 20_000;

/** @returns whether to go on waiting; to be asked once for each step. */
export function patience(): () => boolean {
  const until = performance.now() + PATIENCE_MILLIS;
  let steps = 0;
  return () => steps++ < STEPS_MIN || performance.now() < until;
}
