/** The table of metrics in its three forms: each metric once, with what a threshold may ask of it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { METRICS, type MetricEntry } from '../../scenario/terms/metrics.ts';
import { aggregationsOf, parseThreshold } from '../../scenario/threshold.ts';
import { PLAIN } from '../text/palette.ts';
import { metricsJson, metricsMarkdown, metricsText } from './metrics-text.ts';

const NAMES = Object.keys(METRICS);
/** The unit that a limit needs; the others have none. */
const LIMIT_UNITS: Readonly<Record<string, string>> = { bytes: 'B', micros: 'ms' };

describe('the table of metrics', () => {
  it('has each metric once, in the same order, in every form', () => {
    const text = metricsText(PLAIN).split('\n');
    assert.deepEqual(
      text.slice(1, 1 + NAMES.length).map((line) => line.split(/\s+/)[0]),
      NAMES,
    );
    const markdown = metricsMarkdown().split('\n');
    assert.deepEqual(
      markdown.slice(2).map((line) => line.split(' | ')[0]?.replace(/^\| /, '')),
      NAMES,
    );
    const { metrics } = JSON.parse(metricsJson()) as { metrics: { name: string }[] };
    assert.deepEqual(
      metrics.map(({ name }) => name),
      NAMES,
    );
  });

  it('has columns below their headings, and no space at the end of a line', () => {
    const [heading = '', ...lines] = metricsText(PLAIN).split('\n');
    const starts = ['aggregations', 'unit', 'better', 'about'].map((word) => heading.indexOf(word));
    for (const line of lines.slice(0, NAMES.length)) {
      for (const start of starts) assert.match(line.slice(start - 2, start + 1), /^ {2}\S$/, line);
      assert.equal(line, line.trimEnd());
    }
  });

  it('names only aggregations that a threshold accepts, in the spelling that it accepts', () => {
    for (const [name, entry] of Object.entries<MetricEntry>(METRICS)) {
      for (const aggregation of aggregationsOf(entry)) {
        const written = aggregation === 'p(N)' ? 'p(99)' : aggregation;
        assert.doesNotThrow(
          () => parseThreshold(name, `${written}<1${LIMIT_UNITS[entry.unit] ?? ''}`),
          `${name} ${written}`,
        );
      }
    }
  });

  it('says of an exact metric that it must be 0, and of others which way is better', () => {
    const lines = metricsText(PLAIN).split('\n');
    for (const [name, entry] of Object.entries<MetricEntry>(METRICS)) {
      const line = lines.find((one) => one.startsWith(`${name} `)) ?? '';
      const start = lines[0]?.indexOf('better') ?? 0;
      assert.equal(line.slice(start).split(' ')[0], entry.kind === 'exact' ? '0' : entry.better, line);
    }
  });
});

describe('the ways to name a metric', () => {
  const [, ways = ''] = metricsText(PLAIN).split('\n\n');

  it('follow the table of text, and are what a scenario, a limit and an option accept', () => {
    assert.deepEqual(
      ways.split('\n').map((line) => line.split(':')[0]),
      ['In a scenario', 'As a limit', 'In gate rules', 'As an option'],
    );
    const [, metric = '', condition = ''] = /thresholds: \{ (\S+): (\S+) \}/.exec(ways) ?? [];
    assert.doesNotThrow(() => parseThreshold(metric, condition));
    const [, limit = '', limited = ''] = /--limit '(\S+): (\S+)'/.exec(ways) ?? [];
    assert.doesNotThrow(() => parseThreshold(limit, limited));
    for (const name of ways.match(/[a-z]+\.[a-z]+/g) ?? []) assert.ok(NAMES.includes(name), name);
  });

  it('have no place in the table of Markdown, whose cells are escaped', () => {
    const lines = metricsMarkdown().split('\n');
    assert.equal(lines.length, NAMES.length + 2);
    for (const line of lines) assert.equal(line.replaceAll('\\|', '').split('|').length, 7, line);
  });
});
