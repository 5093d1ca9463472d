/** Phases wait between two readings of the sides. A test with a scripted clock does not need these waits. */
import { mock } from 'node:test';

/** Longer than any wait of a phase. */
const TICK_MILLIS = 1000;

/** Does work during which every timer fires at the next opportunity. */
export async function withoutWaiting<T>(work: () => Promise<T>): Promise<T> {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    let isDone = false;
    const done = work().finally(() => {
      isDone = true;
    });
    done.catch(() => {}); // the error is handled below
    while (!isDone) {
      mock.timers.tick(TICK_MILLIS);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return await done;
  } finally {
    mock.timers.reset();
  }
}
