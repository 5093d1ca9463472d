import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seriesColumns } from '../verdict/record/interval.ts';
import { madeInterval } from '../verdict/record/made-interval.test-suite.ts';
import { seriesFault, seriesGap } from './series-fault.ts';
import type { Series } from './series-schema.ts';

const threads = [{ name: 'lane-0', role: 'lane', busyShare: 0.5, collections: 0, pauseMicros: 0 } as const];
const whole: Series = seriesColumns({
  intervals: [madeInterval({ threads }), madeInterval({ threads })],
  events: [],
  peakHeld: 0,
});

describe('the columns of a stored series', () => {
  it('lack nothing in a result of this version, although figures may be null', () => {
    assert.deepEqual([seriesFault(whole), seriesGap(whole)], [null, null]);
  });

  it('are named where an older result has none, and that is no fault', () => {
    const older = { ...whole, stealShare: [], kernelSocketBytes: [], threads: [] };
    assert.equal(seriesFault(older), null);
    assert.match(seriesGap(older) ?? '', /^The result has no stealShare, kernelSocketBytes, threads over time: /);
  });

  it('are missing altogether where a run ended before its first interval', () => {
    const none = seriesColumns({ intervals: [], events: [], peakHeld: 0 });
    assert.equal(seriesFault(none), null);
    assert.match(seriesGap(none) ?? '', /^The result has no intervals/);
  });

  it('are at fault where one is shorter or longer than the others, also that of a thread', () => {
    assert.equal(
      seriesFault({ ...whole, held: [1] }),
      'series.held: expected 2 entries as in series.atSeconds, found 1',
    );
    const [lane] = whole.threads;
    assert.ok(lane !== undefined);
    const longer = { ...whole, threads: [{ ...lane, collections: [0, 0, 0] }] };
    assert.match(seriesFault(longer) ?? '', /^series\.threads\.lane-0\.collections: expected 2 entries .* found 3$/);
    assert.match(seriesFault({ ...whole, atSeconds: [] }) ?? '', /expected 0 entries/);
  });
});
