import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Timeline, thinTimeline, timelineFigures } from './timeline.ts';

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
