import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DOUBLE_BYTES, GAUGE_ROW } from '../../../plan/sizes/run-shape.ts';
import { ThreadGauges } from './thread-gauges.ts';

const FIGURES = { collections: 3, pauseMicros: 1500, switchLedgerBytes: 2 ** 40, driverLedgerBytes: 0.5 };

describe('the gauges of threads', () => {
  it('are answered when asked for, once for any number of requests, each thread by itself', () => {
    const buffer = new SharedArrayBuffer(2 * GAUGE_ROW * DOUBLE_BYTES);
    const asker = [0, 1].map((thread) => new ThreadGauges(buffer, thread));
    const [first, second] = [new ThreadGauges(buffer, 0), new ThreadGauges(buffer, 1)];
    assert.deepEqual([first.isRequested(), second.isRequested()], [false, false]);
    asker[0]?.request();
    asker[0]?.request();
    assert.deepEqual([first.isRequested(), second.isRequested()], [true, false]);
    first.answer(FIGURES);
    assert.equal(first.isRequested(), false);
    const names = Object.keys(FIGURES) as (keyof typeof FIGURES)[];
    assert.deepEqual(Object.fromEntries(names.map((name) => [name, asker[0]?.read(name)])), FIGURES);
    assert.deepEqual(
      names.map((name) => asker[1]?.read(name)),
      [0, 0, 0, 0],
      'not of the other thread',
    );
    asker[0]?.request();
    assert.equal(first.isRequested(), true);
  });
});
