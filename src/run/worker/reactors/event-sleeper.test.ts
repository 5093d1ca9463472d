/** The sleep of a thread in the event loop: what ends it, and that it ends once. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { Doorbell } from '../../../ring/doorbell.ts';
import { EventSleeper } from './event-sleeper.ts';

const LONG_MILLIS = 600_000;

interface Sleep {
  readonly sleeper: EventSleeper;
  /** The bell as another thread rings it. */
  readonly bell: Doorbell;
  /** Whether the word says that the thread is asleep. */
  readonly isAsleep: () => boolean;
  woken: number;
}

function sleepOf(hasWork: boolean, millis: number): Sleep {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const sleeper = new EventSleeper(new Doorbell(words, 0));
  const sleep: Sleep = {
    sleeper,
    bell: new Doorbell(words, 0),
    isAsleep: () => Atomics.load(words, 0) === 1,
    woken: 0,
  };
  sleeper.sleep(
    () => hasWork,
    millis,
    () => {
      sleep.woken++;
    },
  );
  return sleep;
}

/** Lets the event loop turn until the sleep has ended. */
async function untilWoken(sleep: Sleep): Promise<void> {
  while (sleep.woken === 0) await turn();
}

describe('the sleep in the event loop', () => {
  it('does not begin where there is work, but lets the event loop turn first', async () => {
    const sleep = sleepOf(true, LONG_MILLIS);
    assert.equal(sleep.woken, 0, 'never from within the call: the stack would grow with every turn');
    assert.equal(sleep.isAsleep(), false);
    await untilWoken(sleep);
    assert.equal(sleep.woken, 1);
    sleep.sleeper.end();
  });

  it('is ended by input on its own thread, long before its time', async () => {
    const sleep = sleepOf(false, LONG_MILLIS);
    assert.equal(sleep.isAsleep(), true);
    await turn();
    assert.equal(sleep.woken, 0);
    sleep.sleeper.wake();
    assert.equal(sleep.isAsleep(), false, 'producers need not ring any more');
    assert.equal(sleep.woken, 0, 'input that has arrived as well is read first');
    await untilWoken(sleep);
    sleep.sleeper.wake();
    await turn();
    assert.equal(sleep.woken, 1, 'once');
    sleep.sleeper.end();
  });

  it('is ended by the bell of another thread', async () => {
    const sleep = sleepOf(false, LONG_MILLIS);
    sleep.bell.ring();
    await untilWoken(sleep);
    assert.equal(sleep.woken, 1);
    sleep.sleeper.end();
  });

  it('is ended by its time', async () => {
    const sleep = sleepOf(false, 1);
    while (sleep.woken === 0) await pause(1);
    assert.equal(sleep.isAsleep(), false);
    sleep.sleeper.end();
  });

  it('can follow another at once, and the bell ends the second', async () => {
    const sleep = sleepOf(false, LONG_MILLIS);
    sleep.sleeper.wake(); // the wait of the first sleep for the bell is still open
    await untilWoken(sleep);
    let again = 0;
    sleep.sleeper.sleep(
      () => false,
      LONG_MILLIS,
      () => {
        again++;
      },
    );
    await turn();
    assert.equal(again, 0, 'nothing has woken it');
    sleep.bell.ring();
    while (again === 0) await turn();
    assert.deepEqual([sleep.woken, again], [1, 1]);
    sleep.sleeper.end();
  });

  it('that was given up never goes on', async () => {
    const sleep = sleepOf(false, 1);
    sleep.sleeper.end();
    sleep.bell.ring();
    sleep.sleeper.wake();
    await pause(20);
    assert.equal(sleep.woken, 0);
  });
});
