import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { elementsOf, readPage, tableOf, textOf } from './read-page.test-suite.ts';
import { formatValue, type Timeline, thinTimeline, timelineFigures } from './timeline.ts';

const COUNT = 5000;
const PEAK = 3217;

function timelineOf(values: readonly (number | null)[]): Timeline {
  return {
    id: 'run',
    atSeconds: values.map((_, i) => i / 10),
    marks: [],
    charts: [
      {
        id: 'latency',
        title: 'Delivery <p99>',
        unit: 'micros',
        isLogarithmic: false,
        lines: [{ name: 'p99 "of all"', values }],
        limits: [{ name: 'limit', value: 5000 }],
      },
    ],
    thinning: null,
  };
}

describe('a timeline', () => {
  it('is thinned so that its peak stays, and says how', () => {
    const values = Array.from({ length: COUNT }, (_, i) => (i === PEAK ? 987_654 : 1000 + (i % 7)));
    const { charts, atSeconds, thinning } = thinTimeline(timelineOf(values), 100);
    assert.equal(atSeconds.length, 100);
    assert.equal(Math.max(...(charts[0]?.lines[0]?.values ?? []).map(Number)), 987_654);
    assert.equal(thinning, 'Thinned: of every 100 intervals, the lowest and the highest value are shown.');
    assert.match(timelineFigures(thinTimeline(timelineOf(values), 100)).text, /class="note">Thinned: of every 100/);
  });

  it('is whole where it is short, and says nothing', () => {
    const thin = thinTimeline(timelineOf([1000, null, 3000]));
    assert.deepEqual(thin.charts[0]?.lines[0]?.values, [1000, null, 3000]);
    assert.equal(thin.thinning, null);
    assert.doesNotMatch(timelineFigures(thin).text, /Thinned/);
  });

  it('has for each chart a place, a legend, a sentence for screen readers, and a table, all escaped', () => {
    const { text } = timelineFigures(timelineOf([1000, null, 3000]));
    assert.match(text, /data-timeline="run" data-chart="latency"/);
    assert.match(
      text,
      /aria-label="Chart over time: Delivery &lt;p99&gt;. p99 &quot;of all&quot;: from 1.00 ms to 3.00 ms/,
    );
    assert.match(text, /<li><span class="swatch limit"><\/span>limit/);
    assert.match(text, /<tr><th scope="row">0.1<\/th><td>–<\/td><\/tr>/);
    assert.match(text, /<tr><th scope="row">0.2<\/th><td><span class="unbroken">3.00 ms<\/span><\/td><\/tr>/);
  });

  it('says of a line without values that it has none', () => {
    assert.match(timelineFigures(timelineOf([null, null])).text, /: no values\. The table/);
  });
});

describe('values with their units', () => {
  it('are written as the rest of a report writes them', () => {
    assert.deepEqual(
      [
        formatValue(1536, 'bytes'),
        formatValue(1234, 'perSecond'),
        formatValue(1500, 'micros'),
        formatValue(0.5, 'share'),
      ],
      ['1.50 KiB', '1.23k/s', '1.50 ms', '50.0 %'],
    );
    assert.deepEqual(
      [0, 5, 5.25, -5.25, 99.95, 100.4, 1_234_567].map((count) => formatValue(count, 'count')),
      ['0', '5', '5.3', '-5.3', '100.0', '100', '1,234,567'],
      'a count between two, such as a mean, has a decimal where it matters',
    );
  });

  it('are in the legend and the table by line, limits after the lines, and a range where an interval had several', () => {
    const timeline = timelineOf([]);
    const [chart] = timeline.charts;
    assert.ok(chart);
    const lines = [
      { name: 'a', values: Array.from({ length: 48 }, (_, i) => i) },
      { name: 'b', values: Array.from({ length: 48 }, () => 7) },
    ];
    const atSeconds = lines[0]?.values.map((i) => i / 2) ?? [];
    const charts = [{ ...chart, unit: 'count' as const, lines }];
    const page = readPage(timelineFigures({ ...timeline, atSeconds, charts }).text);
    const legend = elementsOf(page).filter(({ tag }) => tag === 'li');
    assert.deepEqual(legend.map(textOf), ['a', 'b', 'limit']);
    const swatches = elementsOf(page).flatMap(({ attributes }) => attributes.get('class') ?? []);
    assert.deepEqual(
      swatches.filter((name) => name.startsWith('swatch')),
      ['swatch line-1', 'swatch line-2', 'swatch limit'],
    );
    assert.deepEqual(
      elementsOf(page).flatMap(({ attributes }) => attributes.get('data-line') ?? []),
      ['0', '1', '2'],
    );
    const { headings, rows } = tableOf(page, 'Delivery <p99>');
    assert.deepEqual(headings, ['seconds', 'a', 'b']);
    assert.equal(rows.length, 24);
    assert.deepEqual(rows[0], ['0.0 – 0.5', '0 … 1', '7']);
    assert.deepEqual(rows.at(-1), ['23.0 – 23.5', '46 … 47', '7']);
  });

  it('have six digits at most where the series is thinned, and whole numbers stay whole', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.double({ min: 0, max: 1e12, noNaN: true })), { minLength: 1, maxLength: 40 }),
        (values) => {
          const { charts } = thinTimeline(timelineOf(values));
          const thin = charts[0]?.lines[0]?.values ?? [];
          assert.equal(thin.length, values.length);
          values.forEach((value, i) => {
            const shown = thin[i];
            if (value === null || Number.isInteger(value)) assert.equal(shown, value);
            else assert.ok(Math.abs(Number(shown) - value) <= value * 5.1e-6, `${value} became ${shown}`);
          });
        },
      ),
    );
  });
});
