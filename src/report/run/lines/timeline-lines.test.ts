import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { madeResult } from '../../../analysis/comparison/made-results.test-suite.ts';
import type { IntervalSeries } from '../../../result/series-schema.ts';
import { PLAIN } from '../../text/palette.ts';
import { sparkline } from '../../text/sparkline.ts';
import { summarize } from '../summarize.ts';
import { summaryMarkdown } from '../summary-markdown.ts';
import { timelineLines } from './timeline-lines.ts';

const HEIGHTS = [...'▁▂▃▄▅▆▇█'];

describe('a sparkline', () => {
  it('goes from zero to the maximum, with a gap where nothing was measured', () => {
    assert.equal(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 40), '▁▂▃▄▅▆▇█');
    assert.equal(sparkline([7, null, 0, 7], 40), '█ ▁█');
    assert.equal(sparkline([0, 0], 40), '▁▁');
    assert.equal(sparkline([null, null], 40), '  ');
    assert.equal(sparkline([], 40), '');
  });

  it('keeps each peak when it is thinned, and leaves a gap only where a whole part was not measured', () => {
    const values = Array.from({ length: 1000 }, () => 0);
    values[501] = 5;
    const thinned = sparkline(values, 10);
    assert.equal(thinned, '▁▁▁▁▁█▁▁▁▁');
    assert.equal(sparkline([null, 7, null, null, 7, 7], 3), '█ █');
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.nat(1e9)), { maxLength: 300 }),
        fc.integer({ min: 1, max: 60 }),
        (list, cells) => {
          const line = [...sparkline(list, cells)];
          assert.equal(line.length, Math.min(list.length, cells));
          assert.ok(line.every((one) => one === ' ' || HEIGHTS.includes(one)));
          const max = Math.max(0, ...list.map((value) => value ?? 0));
          assert.equal(line.includes('█'), max > 0, 'the maximum is seen');
          assert.equal(
            line.every((one) => one === ' '),
            list.every((value) => value === null),
          );
        },
      ),
    );
  });
});

describe('a run over time', () => {
  const made = madeResult();
  const zeros = Array.from({ length: 6 }, () => 0);
  const series: IntervalSeries = {
    ...made.series,
    atSeconds: [1, 2, 3, 4, 5, 6],
    phase: zeros.map(() => 'measure'),
    held: [0, 500, 1000, 1000, 1000, 1000],
    messagesPerSecond: [0, 0, 0, 1500, 1500, 1500],
    deliveriesPerSecond: zeros,
    deliveryP99Micros: [null, null, null, 900, 1800, 900],
    loginsPerSecond: zeros,
    backlogMessages: zeros,
    rssBytes: zeros,
  };

  it('has a shape and a figure for connections, throughput and p99', () => {
    assert.deepEqual(timelineLines(series), [
      'connections   ▁▅████  at most 1,000',
      'messages/s    ▁▁▁███  at most 1.50k',
      'delivery p99     ▅█▅  at most 1.80 ms',
    ]);
  });

  it('has no p99 where none was measured, and nothing of a run without intervals', () => {
    assert.equal(timelineLines({ ...series, deliveryP99Micros: series.held.map(() => null) }).length, 2);
    assert.deepEqual(timelineLines({ ...series, atSeconds: [1] }), []);
  });

  it('is in the summary and in Markdown, where its spaces are kept', () => {
    const result = { ...made, series };
    assert.match(summarize(result, null, PLAIN), /\nover time +connections +▁▅████ +at most 1,000\n +messages\/s/);
    assert.match(summaryMarkdown(result), /\n```text\nconnections {3}▁▅████ {2}at most 1,000\n[^`]*\n```\n/);
  });
});
