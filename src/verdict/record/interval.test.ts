import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seriesColumns } from './interval.ts';
import { madeInterval } from './made-interval.test-suite.ts';

const THREADS = [0, 1].flatMap((n) =>
  (['shard', 'lane'] as const).map((role) => ({ name: `${role}-${n}`, role, collections: 2, pauseMicros: 1234.567 })),
);

/** An interval with figures as long as those of a run. */
function measured(n: number): Parameters<typeof seriesColumns>[0]['intervals'][number] {
  return madeInterval({
    atSeconds: n + 0.45678,
    held: 1_000_000,
    loginsPerSecond: 1e5 / 3,
    messagesPerSecond: 2e5 / 3,
    deliveriesPerSecond: 2e5 / 3,
    deliveryP50Micros: 12_345,
    deliveryP99Micros: 123_456,
    stealShare: 1 / 3,
    rssBytes: 3_456_789_504,
    switchRssBytes: 2_456_789_504,
    driverRssBytes: 1_456_789_504,
    kernelSocketBytes: 7_456_789_504,
    switchLedgerBytes: 456_789_504,
    driverLedgerBytes: 156_789_504,
    threads: THREADS.map((thread) => ({ ...thread, busyShare: 2 / 3 })),
  });
}

describe('the columns of a series', () => {
  it('have one entry per interval, by thread as well, rounded to what a chart shows', () => {
    const events = [{ atSeconds: 1, name: 'phase', detail: 'ramp' } as const];
    const columns = seriesColumns({
      intervals: [measured(0), measured(1)],
      events,
      peakHeld: 0,
      peakQueued: 0,
      peakUnanswered: 0,
    });
    assert.deepEqual(columns.atSeconds, [0.457, 1.457]);
    assert.deepEqual(columns.loginsPerSecond, [33_333.3, 33_333.3]);
    assert.deepEqual(columns.stealShare, [0.333, 0.333]);
    assert.deepEqual(columns.threads[1], {
      name: 'lane-0',
      role: 'lane',
      busyShare: [0.667, 0.667],
      collections: [2, 2],
      pauseMicros: [1235, 1235],
    });
    assert.deepEqual(columns.events, events);
    const { threads, events: _, ...figures } = columns;
    for (const column of Object.values(figures)) assert.equal(column.length, 2);
    assert.equal(threads.length, 4);
  });

  it('take less than 1.5 MB for an hour of seconds with four threads', () => {
    const intervals = Array.from({ length: 3600 }, (_, n) => measured(n));
    const text = JSON.stringify(
      seriesColumns({ intervals, events: [], peakHeld: 0, peakQueued: 0, peakUnanswered: 0 }),
    );
    assert.ok(text.length < 1.5e6, `${text.length} bytes`);
  });

  it('keep what is not known apart from 0', () => {
    const threads = [{ name: 'lane-0', role: 'lane', busyShare: null, collections: 0, pauseMicros: 0 } as const];
    const columns = seriesColumns({
      intervals: [madeInterval({ threads })],
      events: [],
      peakHeld: 0,
      peakQueued: 0,
      peakUnanswered: 0,
    });
    assert.deepEqual(
      [columns.stealShare, columns.kernelSocketBytes, columns.threads[0]?.busyShare],
      [[null], [null], [null]],
    );
  });
});
