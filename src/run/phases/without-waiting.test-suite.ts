/** Phases wait between their looks at the sides. A test on a scripted clock has nothing to wait for. */
import { mock } from 'node:test';

/** Longer than any wait of a phase. */
const TICK_MILLIS = 1000;

/** Does work in which every timer ends at its next chance. */
export async function withoutWaiting<T>(work: () => Promise<T>): Promise<T> {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    let isDone = false;
    const done = work().finally(() => {
      isDone = true;
    });
    done.catch(() => {}); // it is heard of below
    while (!isDone) {
      mock.timers.tick(TICK_MILLIS);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return await done;
  } finally {
    mock.timers.reset();
  }
}
