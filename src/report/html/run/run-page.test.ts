import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeResult } from '../../../analysis/comparison/made-results.test-suite.ts';
import type { Result } from '../../../result/result-schema.ts';
import { pageHtml } from '../page.ts';
import { barEnd } from './bullet.ts';
import { emptyResult, HOSTILE_NAME, hostileResult, INTERVALS_MAX, wholeResult } from './made-run.test-suite.ts';
import { memoryParts, memorySum } from './memory-parts.ts';
import { runPage } from './run-page.ts';
import { marksOf, runTimeline } from './run-timeline.ts';

const CONTEXT = {
  commands: ['trunkline run tiny'],
  differences: [],
  source: { file: 'result.json', sha256: 'ab'.repeat(32) },
};
const ASSETS = { script: { text: 'run()', digest: 'YQ==' }, style: { text: 'p{}', digest: 'YQ==' } };
const BYTES_MAX = 900_000; // script and style add 70 kB

const htmlOf = (result: Result): string => pageHtml(runPage(result, CONTEXT), ASSETS);
/** The text that a reader sees. */
const textOf = (html: string): string =>
  html
    .replace(/<script[^>]*>.*?<\/script>/gs, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');

describe('the page of a run', () => {
  it('answers first: connections, messages, latency, whether to believe it, memory, thresholds', () => {
    const text = textOf(htmlOf(wholeResult()));
    const places = [
      'thresholds FAILED',
      'Connections held',
      'Complete messages per second',
      'Delivery, from the due time',
      'Can I believe it?',
      'Memory per connection',
      'Thresholds',
      'Validity',
      'Memory against connections',
      'Timeline',
      'Latency percentiles',
      'Repeat and verify',
    ].map((words) => text.indexOf(words));
    assert.ok(!places.includes(-1), String(places));
    assert.deepEqual(
      places,
      [...places].sort((a, b) => a - b),
    );
  });

  it('stacks memory up to the whole machine, each part with its source', () => {
    const parts = memoryParts(wholeResult());
    assert.deepEqual(
      parts.map(({ name, bytesPerConnection, source }) => [name, bytesPerConnection, source]),
      [
        ['switch', 44, 'tables'],
        ['kernel', 7959, 'both ends'],
        ['driver', 24, 'tables'],
        ['rest of the machine', 8566 - 44 - 7959 - 24, 'so much more went from free memory'],
      ],
    );
    assert.equal(memorySum(parts), 8566);
    assert.match(textOf(htmlOf(wholeResult())), /8,566 B the whole machine, both ends here/);
  });

  it('says "simulated" beside connections and memory of rows, and has no kernel memory of them', () => {
    const result = madeResult();
    const html = htmlOf(result);
    assert.equal(html.match(/<span class="tag">simulated<\/span>/g)?.length, 2);
    assert.deepEqual(
      memoryParts(result).map(({ name, bytesPerConnection }) => [name, bytesPerConnection !== null]),
      [
        ['switch', true],
        ['kernel', false],
        ['driver', true],
      ],
    );
  });

  it('shows each threshold with its limit, and one that could not be judged with the reason', () => {
    const html = htmlOf(wholeResult());
    assert.match(
      html,
      /failed<\/span><\/span> latency\.<wbr>delivery<\/th><td><b>9.00 ms<\/b><\/td>.*?p\(99\) &lt; 5\.00 ms/,
    );
    assert.match(html, /integrity\.<wbr>lost<\/th><td><b>not checked<\/b>/);
  });

  it('shows a name as it is, wherever a user can put one, and makes no element of it', () => {
    const html = htmlOf(hostileResult());
    assert.equal(html.match(/<script/g)?.length, 2, 'the data and the script of the build');
    assert.doesNotMatch(html, /<!--/);
    const escaped = HOSTILE_NAME.replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;');
    for (const place of [
      `<h1>${escaped}, step`,
      `published: ${escaped}`,
      `>${escaped}</th>`,
      `aria-label="Chart over time`,
    ])
      assert.ok(html.includes(place), place);
  });

  it('of a run that ended at once says so everywhere, and has no figure 0 that was not measured', () => {
    const text = textOf(htmlOf(emptyResult()));
    for (const words of [
      'INTERRUPTED: the figures below are partial and not valid.',
      'Can I believe it? No',
      'messages not checked: the run ended first',
      'Memory per connection – simulated not measured',
      'Complete messages per second – not measured',
      'The run ended before any guard could be judged.',
      'Memory was not read: the ramp did not reach a level.',
      'The run ended before the first interval.',
      'No latency was measured.',
      'No thread was measured.',
    ])
      assert.ok(text.includes(words), words);
  });

  it('is small for as many intervals as a result keeps, of many threads', () => {
    const html = htmlOf(wholeResult(INTERVALS_MAX));
    assert.ok(html.length < BYTES_MAX, `${html.length} bytes`);
    assert.ok(html.includes('Thinned: of every 12 intervals'));
  });

  it('leaves the percentiles that were not measured empty', () => {
    const html = htmlOf(wholeResult());
    const [, left = '0', , width = '0'] = /class="unmeasured" x="([\d.]+)" y="(\d+)" width="([\d.]+)"/.exec(html) ?? [];
    // 20,000 values: the last percentile with ten above it is 99.95, 3.3 of 4 nines.
    const share = (Number(left) - 64) / (440 - 24 - 64);
    assert.ok(Math.abs(share - 3.3 / 4) < 0.02, `the curve ends at ${share} of the axis`);
    assert.ok(Number(width) > 50);
    assert.ok(html.includes('>not measured</text>'));
  });
});

describe('the timeline of a run', () => {
  it('has a chart for each kind of figure, in which many threads are summed up', () => {
    const { charts } = runTimeline(wholeResult());
    assert.deepEqual(
      charts.map(({ id }) => id),
      [
        'connections',
        'memory',
        'messages',
        'logins',
        'latency',
        'backlog',
        'busy-shard',
        'busy-lane',
        'pauses',
        'steal',
      ],
    );
    const busy = charts.find(({ id }) => id === 'busy-shard');
    assert.equal(busy?.title, 'Busy share, shards of the switch (16)');
    assert.deepEqual(
      busy?.lines.map(({ name }) => name),
      ['busiest', 'median', 'least busy'],
    );
    const [most = [], middle = [], least = []] = busy?.lines.map(({ values }) => values) ?? [];
    assert.ok(most.every((value, i) => Number(value) >= Number(middle[i]) && Number(middle[i]) >= Number(least[i])));
    assert.deepEqual(charts.find(({ id }) => id === 'latency')?.limits, [
      { name: 'threshold for p99 of the run', value: 5000 },
    ]);
  });

  it('leaves out what an older result has not', () => {
    const { series, ...result } = wholeResult();
    const older = { ...series, switchRssBytes: [], stealShare: [], threads: [], deliveryP50Micros: [] };
    const { charts } = runTimeline({ ...result, series: older });
    assert.deepEqual(
      charts.map(({ id }) => id),
      ['connections', 'memory', 'messages', 'logins', 'latency', 'backlog'],
    );
    assert.deepEqual(
      charts.find(({ id }) => id === 'latency')?.lines.map(({ name }) => name),
      ['p99'],
    );
  });

  it('marks phases, events of the scenario by their names, and what changed the run, by events or, in older results, by the phase of each interval', () => {
    const result = wholeResult(4);
    const events: Result['series']['events'] = [
      { atSeconds: 0.4, name: 'phase', detail: 'ramp' },
      { atSeconds: 0.6, name: 'level', detail: '1,000 connections' },
      { atSeconds: 0.9, name: 'paused', detail: 'by key' },
      { atSeconds: 1.2, name: 'event', detail: 'goal' },
    ];
    assert.deepEqual(marksOf({ ...result, series: { ...result.series, events } }), [
      { atSeconds: 0.4, name: 'ramp' },
      { atSeconds: 0.9, name: 'paused' },
      { atSeconds: 1.2, name: 'goal' },
    ]);
    assert.deepEqual(marksOf({ ...result, series: { ...result.series, events: [] } }), [
      { atSeconds: 0, name: 'ramp' },
      { atSeconds: 0.5, name: 'measure' },
    ]);
  });
});

describe('a figure against its limit', () => {
  it('ends before, at or beyond the limit, and never outside the picture', () => {
    assert.equal(barEnd(0, 5), 0);
    assert.equal(barEnd(5, 5), 80);
    assert.ok(barEnd(6, 5) > 80);
    assert.equal(barEnd(500, 5), 120);
    assert.equal(barEnd(-1, 5), 0);
    assert.equal(barEnd(0, 0), 0);
    assert.equal(barEnd(1, 0), 120);
  });
});
