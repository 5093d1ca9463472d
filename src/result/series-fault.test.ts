import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { seriesColumns } from '../verdict/record/interval.ts';
import { madeInterval } from '../verdict/record/made-interval.test-suite.ts';
import { seriesFault, seriesGap } from './series-fault.ts';
import type { IntervalSeries } from './series-schema.ts';

const threads = [{ name: 'lane-0', role: 'lane', busyShare: 0.5, collections: 0, pauseMicros: 0 } as const];
const whole: IntervalSeries = seriesColumns({
  intervals: [madeInterval({ threads }), madeInterval({ threads })],
  events: [],
  peakHeld: 0,
  peakQueued: 0,
  peakUnanswered: 0,
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
    const none = seriesColumns({ intervals: [], events: [], peakHeld: 0, peakQueued: 0, peakUnanswered: 0 });
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

describe('columns of any lengths', () => {
  const names = ['held', 'loginsPerSecond', 'rssBytes', 'stealShare', 'deliveryP50Micros', 'phase'] as const;
  const lengths = fc.tuple(...names.map(() => fc.constantFrom(0, 0, 4, 4, 4, 3)));

  it('are at fault only where one that is there does not have an entry for each time, which is the first of them', () => {
    fc.assert(
      fc.property(lengths, (drawn) => {
        const columns = Object.fromEntries(
          names.map((name, i) => [name, Array(drawn[i]).fill(name === 'phase' ? 'a' : 1)]),
        );
        const rest = Object.fromEntries(
          Object.entries(whole)
            .filter(([name]) => name !== 'threads' && name !== 'events')
            .map(([name]) => [name, [1, 2, 3, 4]]),
        );
        const series = { ...rest, threads: [], events: [], ...columns } as unknown as IntervalSeries; // no other type is read
        const fault = seriesFault(series);
        const wrong = names.filter((_, i) => drawn[i] === 3);
        assert.equal(fault === null, wrong.length === 0, fault ?? '');
        if (fault !== null) {
          assert.ok(
            wrong.some((name) => fault.startsWith(`series.${name}: `)),
            fault,
          );
          assert.match(fault, /: expected 4 entries as in series\.atSeconds, found 3$/);
        }
        const gap = seriesGap(series) ?? '';
        names.forEach((name, i) => {
          assert.equal(new RegExp(`\\b${name}\\b`).test(gap), drawn[i] === 0, `${name}: ${gap}`);
        });
        assert.match(gap, /threads over time: an older trunkline wrote it, or they were removed\.$/);
      }),
      { numRuns: 60 },
    );
  });
});
