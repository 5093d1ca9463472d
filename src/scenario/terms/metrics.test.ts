/** The table of metrics: names and units agree, and what is compared how follows from what is measured. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isMetricName, METRIC_NAMES, METRIC_UNITS, METRICS, type MetricEntry } from './metrics.ts';

const entries = METRIC_NAMES.map((name): [string, MetricEntry] => [name, METRICS[name]]);
/** Units by the end of a name. */
const UNIT_ENDS: readonly (readonly [end: RegExp, unit: MetricEntry['unit']])[] = [
  [/PerSecond$/, 'perSecond'],
  [/[bB]ytesPer(Connection|Message)$/, 'bytes'],
  [/MicrosPerMessage$/, 'micros'],
  [/Ratio$/, 'ratio'],
  [/[a-z](50|90|99|999)$/, 'micros'],
  [/\.acknowledged$/, 'micros'],
];

describe('metrics', () => {
  it('have the unit that their name ends in, and counts have no unit in their name', () => {
    for (const [name, { unit, isTrend }] of entries) {
      const [, expected] = UNIT_ENDS.find(([end]) => end.test(name)) ?? [];
      if (isTrend) assert.equal(unit, 'micros', name);
      else if (expected !== undefined) assert.equal(unit, expected, name);
      else assert.ok(unit === 'count' || unit === 'ratio', `${name}: ${unit}`);
      assert.ok(METRIC_UNITS.includes(unit));
    }
  });

  it('are trends if they are latencies, and no others are', () => {
    for (const [name, { isTrend }] of entries) assert.equal(isTrend, name.startsWith('latency.'), name);
  });

  it('are exact if they count errors: then fewer are better, and no difference is too small to matter', () => {
    for (const [name, { kind, better, smallestDifferenceShare, unit }] of entries) {
      assert.equal(kind === 'exact', smallestDifferenceShare === 0, name);
      if (kind === 'exact') assert.deepEqual([better, unit], ['less', 'count'], name);
      else assert.ok(smallestDifferenceShare >= 0.02 && smallestDifferenceShare <= 0.1, name);
    }
    for (const name of METRIC_NAMES) if (name.startsWith('integrity.')) assert.equal(METRICS[name].kind, 'exact', name);
  });

  it('are better if they are higher where they are throughput or connections, and lower where they are a cost', () => {
    for (const [name, { better, kind }] of entries) {
      if (name.startsWith('memory.') || name.startsWith('cpu.') || name.startsWith('latency.'))
        assert.equal(better, 'less', name);
      const isQueue = name.endsWith('MessagesPeak');
      if (name.startsWith('throughput.')) assert.equal(better, isQueue ? 'less' : 'more', name);
      if (name.startsWith('connections.') && kind !== 'exact') assert.equal(better, 'more', name);
    }
  });

  it('are described in words that fit into a row of a table', () => {
    for (const [name, { about }] of entries) {
      assert.match(about, /^\S[^|\n]{9,}[^.\s]$/, name);
      assert.match(name, /^[a-z][A-Za-z]*(\.[a-z][A-Za-z0-9]*)+$/);
    }
    const abouts = entries.map(([, { about }]) => about);
    assert.equal(new Set(abouts).size, abouts.length, 'each in its own');
  });

  it('are known by their names alone', () => {
    for (const name of METRIC_NAMES) assert.equal(isMetricName(name), true);
    for (const name of [
      '',
      'latency',
      'latency.delivery p(99)',
      'constructor',
      '__proto__',
      'toString',
      'Latency.login',
    ])
      assert.equal(isMetricName(name), false, name);
  });
});
