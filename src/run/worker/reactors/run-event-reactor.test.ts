/** The loop in a real thread, with sockets, a doorbell, and nothing to do. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Doorbell } from '../../../ring/doorbell.ts';
import { EventSleeper } from './event-sleeper.ts';
import { type ReactorOrder, ReactorWord } from './run-event-reactor.test-worker.ts';
import { runEventReactor } from './run-event-reactor.ts';

/** Far longer than any pause here, so a lost wake-up makes the test exceed its time limit. */
const LONG_PARK_MICROS = 60e6;
const LIMIT_MILLIS = 50_000;

async function start(test: TestContext, parkMicros: number) {
  const memory = new SharedArrayBuffer(256);
  const worker = new Worker(new URL('./run-event-reactor.test-worker.js', import.meta.url), {
    workerData: { memory, parkMicros } satisfies ReactorOrder,
  });
  test.after(() => worker.terminate());
  const exited = once(worker, 'exit');
  const [{ port }] = (await once(worker, 'message')) as [{ port: number }]; // the only message of the worker
  const words = new Int32Array(memory);
  const bell = new Doorbell(words, ReactorWord.BELL);
  const stop = async (): Promise<number> => {
    Atomics.store(words, ReactorWord.STOP, 1);
    bell.ring();
    const [code] = (await exited) as [number];
    return code;
  };
  return { words, bell, port, stop };
}

describe('an event reactor in a thread', { timeout: LIMIT_MILLIS }, () => {
  it('does all that is announced with the bell, however it falls between two sleeps', async (test) => {
    const { words, bell, stop } = await start(test, LONG_PARK_MICROS);
    const rounds = 3000;
    for (let round = 1; round <= rounds; round++) {
      Atomics.add(words, ReactorWord.ANNOUNCED, 1);
      bell.ring();
      for (let spin = round % 700; spin > 0; spin--) Atomics.load(words, ReactorWord.DONE);
      if (round % 50 !== 0) continue;
      while (Atomics.load(words, ReactorWord.DONE) !== round) await pause(0);
      if (round % 500 === 0) await pause(5); // long enough that it is certainly asleep
    }
    assert.equal(Atomics.load(words, ReactorWord.DONE), rounds);
    assert.equal(await stop(), 0, 'the thread ends by itself');
  });

  it('reads its sockets, though its sleep is long', async (test) => {
    const { port, stop } = await start(test, LONG_PARK_MICROS);
    const client = connect(port, '127.0.0.1');
    for (let n = 0; n < 20; n++) {
      client.write(`hello ${n}`);
      const [heard] = (await once(client, 'data')) as [Buffer]; // the echo
      assert.equal(heard.toString(), `hello ${n}`);
      await pause(n % 3);
    }
    assert.equal(await stop(), 0);
    client.destroy();
  });

  it('turns no more often than its sleep asks for when there is nothing to do', async (test) => {
    const sleepMillis = 50;
    const { words, stop } = await start(test, sleepMillis * 1000);
    await pause(200); // the turns of its start
    const since = performance.now();
    const before = Atomics.load(words, ReactorWord.TURNS);
    await pause(1000);
    const turns = Atomics.load(words, ReactorWord.TURNS) - before;
    const sleeps = (performance.now() - since) / sleepMillis; // a machine that pauses makes it more than 20
    const late = 10; // turns of a start that comes late
    assert.ok(turns <= 1.25 * sleeps + late, `${turns} turns in the time of ${sleeps} sleeps`);
    assert.equal(await stop(), 0);
  });
});

describe('an event reactor', { timeout: LIMIT_MILLIS }, () => {
  const idle = { spins: 2, napMicros: 0, parkMicros: LONG_PARK_MICROS };
  const nowMicros = (): number => performance.now() * 1000;

  it('does what is due at its time and not before', async () => {
    const sleeper = new EventSleeper(new Doorbell(new Int32Array(new SharedArrayBuffer(4)), 0));
    const dues = [3000, 3100, 9000, 40_000].map((micros) => nowMicros() + micros);
    const late: number[] = [];
    const reactor = {
      doWork: (): number => {
        const due = dues[0];
        if (due === undefined || nowMicros() < due) return 0;
        late.push(nowMicros() - due);
        dues.shift();
        return 1;
      },
      hasInput: (): boolean => false,
      untilDueMicros: (most: number): number =>
        Math.max(0, Math.min(most, Math.floor((dues[0] ?? Infinity) - nowMicros()))),
    };
    await runEventReactor(
      reactor,
      sleeper,
      idle,
      () => {},
      () => dues.length === 0,
    );
    assert.equal(late.length, 4);
  });

  it('lets other things happen when what is due cannot be done', async () => {
    const sleeper = new EventSleeper(new Doorbell(new Int32Array(new SharedArrayBuffer(4)), 0));
    let turns = 0;
    let isFree = false;
    setTimeout(() => {
      isFree = true;
    }, 30);
    const reactor = {
      doWork: (): number => {
        turns++;
        return 0;
      },
      hasInput: (): boolean => false,
      untilDueMicros: (): number => 0,
    };
    await runEventReactor(
      reactor,
      sleeper,
      idle,
      () => {},
      () => isFree,
    );
    assert.ok(turns < 100, `${turns} turns: it sleeps in between`);
  });

  it('ends with what the reactor throws', async () => {
    const sleeper = new EventSleeper(new Doorbell(new Int32Array(new SharedArrayBuffer(4)), 0));
    const reactor = {
      doWork: (): number => {
        throw new Error('broken');
      },
      hasInput: (): boolean => false,
      untilDueMicros: (most: number): number => most,
    };
    await assert.rejects(
      runEventReactor(
        reactor,
        sleeper,
        idle,
        () => {},
        () => false,
      ),
      /broken/,
    );
  });
});
