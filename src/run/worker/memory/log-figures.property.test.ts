/** What is counted of the logs of a store, against naive sums. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DOUBLE_BYTES, histogramBytes, LOG_RANGE_BITS, LOG_ROW } from '../../../plan/sizes/run-shape.ts';
import { Histogram } from '../../../stats/histogram.ts';
import { LOG_FIGURES } from '../../../verdict/record/store-figures.ts';
import { LogFigures, sumLogs } from './log-figures.ts';

const BYTES_PER_LOG = LOG_ROW * DOUBLE_BYTES + histogramBytes(LOG_RANGE_BITS);

/** Times that pass for all logs at once. */
const SIDE_BY_SIDE: ReadonlySet<string> = new Set(['longestSyncMicros', 'restoreBeginMicros', 'restoreMicros']);

const logsIn = (memory: SharedArrayBuffer, count: number): LogFigures[] =>
  Array.from({ length: count }, (_, log) => new LogFigures(memory, log * BYTES_PER_LOG));

describe('the figures of the logs of a store', () => {
  it('are sums over the logs, but the longest of times that pass side by side', () => {
    const log = fc.record({
      row: fc.array(fc.nat(1e9), { minLength: LOG_FIGURES.length, maxLength: LOG_FIGURES.length }),
      commits: fc.array(fc.nat(200e6), { maxLength: 20 }),
    });
    const property = fc.property(fc.array(log, { minLength: 1, maxLength: 4 }), (asked) => {
      const memory = new SharedArrayBuffer(asked.length * BYTES_PER_LOG);
      logsIn(memory, asked.length).forEach((figures, place) => {
        figures.row.set(asked[place]?.row ?? []);
        for (const micros of asked[place]?.commits ?? []) figures.commitLatency.record(micros);
      });
      const found = sumLogs(logsIn(memory, asked.length)); // as another thread sees them
      const expected = Object.fromEntries(
        LOG_FIGURES.map((name, place) => {
          const values = asked.map(({ row }) => row[place] ?? 0);
          return [name, SIDE_BY_SIDE.has(name) ? Math.max(...values) : values.reduce((sum, value) => sum + value, 0)];
        }),
      );
      assert.deepEqual(found?.totals, expected);
      const together = Histogram.ofRange(LOG_RANGE_BITS);
      for (const { commits } of asked) for (const micros of commits) together.record(micros);
      assert.deepEqual(found?.commitLatency, together.counts);
    });
    fc.assert(property, { numRuns: 50 });
  });

  it('are unknown without a log', () => {
    assert.equal(sumLogs([]), null);
  });
});
