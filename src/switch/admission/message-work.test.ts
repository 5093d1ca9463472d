/** Work that a shard does for each message, on a clock that moves a little whenever it is read. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inputsWithWork, spinningWork } from './message-work.ts';

/** A clock that moves on by a step per reading. */
function steppingClock(stepMicros: number) {
  let micros = 1000;
  return {
    nowMicros: () => micros,
    tell: (into: Float64Array): void => {
      micros += stepMicros;
      into[0] = micros;
    },
  };
}

describe('work for each message', () => {
  it('lasts as long as it is told, to the next reading of the clock', () => {
    for (const [work, step] of [
      [10, 1],
      [100, 7],
      [0.5, 1],
    ] as const) {
      const clock = steppingClock(step);
      const before = clock.nowMicros();
      spinningWork(work, clock).spend();
      const passed = clock.nowMicros() - before;
      assert.ok(passed >= work && passed <= work + 2 * step, `${work} µs took ${passed} µs`);
    }
  });

  it('leaves no more inputs to a turn than two milliseconds allow, and at least one', () => {
    const work = (micros: number) => spinningWork(micros, steppingClock(1));
    assert.equal(inputsWithWork(512, undefined), 512);
    assert.equal(inputsWithWork(512, work(1)), 512);
    assert.equal(inputsWithWork(512, work(10)), 200);
    assert.equal(inputsWithWork(512, work(2000)), 1);
    assert.equal(inputsWithWork(512, work(50_000)), 1);
  });
});
