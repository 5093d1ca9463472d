/** A history as a table, in the terminal and as Markdown: one row per result, with marks where figures changed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type {
  ChangeHistory,
  HistoryChange,
  HistoryPoint,
  MetricHistory,
} from '../../analysis/history/history-schema.ts';
import { PLAIN } from '../text/palette.ts';
import { historyMarkdown, historyTable } from './history-table.ts';
import { historyText } from './history-text.ts';

const point = (day: number, value: number, commit: string | null = `${day}`.repeat(40)): HistoryPoint => ({
  resultId: `run-${day}`,
  startedAt: `2026-03-0${day}T00:00:00.000Z`,
  commit,
  value,
});
const change = (after: HistoryPoint, at: HistoryPoint, other: Partial<HistoryChange> = {}): HistoryChange => ({
  at,
  after,
  before: after.value,
  now: at.value,
  changeShare: 0.1,
  lowShare: 0.08,
  highShare: 0.12,
  pValue: 0.001,
  verdict: 'regressed',
  lean: null,
  ...other,
});
const [one, two, three] = [point(1, 40), point(2, 40), point(3, 44)];
const BYTES: MetricHistory = {
  scenario: 'made',
  scenarioHash: 'abcdef0123456789',
  machineClass: 'Made CPU',
  isSimulated: null,
  metric: 'memory.switch.bytesPerConnection',
  unit: 'bytes',
  points: [one, two, three],
  changes: [change(two, three)],
};
const HELD: MetricHistory = {
  ...BYTES,
  metric: 'connections.held',
  unit: 'count',
  points: [point(1, 1000), point(3, 1000, null)],
  changes: [],
};
const historyOf = (...histories: MetricHistory[]): ChangeHistory => ({
  schema: 'trunkline.history/1',
  histories,
  invalidResults: 0,
  olderResults: 0,
  published: [],
  command: null,
});
const rowsOf = (text: string): string[] => text.split('\n').map((line) => line.trim().replace(/ {2,}/g, '  '));

describe('a history as a table', () => {
  it('has one row per result in order of time, a dash for what it did not measure, and a mark at a change', () => {
    assert.deepEqual(rowsOf(historyTable(historyOf(HELD, BYTES), PLAIN)), [
      'made (abcdef012345) on Made CPU',
      'started  commit  connections.held  memory.switch.bytesPerConnection',
      '2026-03-01T00:00:00.000Z  111111111111  1,000  40.0 B',
      '2026-03-02T00:00:00.000Z  222222222222  –  40.0 B',
      '2026-03-03T00:00:00.000Z  333333333333  1,000  44.0 B *',
      '',
      '*  a figure changed here',
    ]);
  });

  it('has a table for each scenario, version of a scenario, and class of machines', () => {
    const other = { ...BYTES, scenarioHash: 'ffffff0000000000', changes: [] };
    const elsewhere = { ...BYTES, machineClass: 'Other CPU', changes: [] };
    const titles = rowsOf(historyTable(historyOf(BYTES, other, elsewhere), PLAIN)).filter((line) =>
      line.includes(' on '),
    );
    assert.deepEqual(titles, [
      'made (abcdef012345) on Made CPU',
      'made (ffffff000000) on Made CPU',
      'made (abcdef012345) on Other CPU',
    ]);
  });

  it('is empty without results', () => assert.equal(historyTable(historyOf(), PLAIN), ''));

  it('is Markdown whose headings hold any name', () => {
    const text = historyMarkdown(historyOf({ ...BYTES, scenario: 'a_b_c', machineClass: '<b>CPU</b>' }));
    assert.match(text, /^## a\\_b\\_c \(abcdef012345\) on &lt;b&gt;CPU&lt;\/b&gt;$/m);
    assert.match(text, /^\| 2026-03-03T00:00:00\.000Z \| 333333333333 \| 44\.0 B \\\* \|$/m);
    assert.match(text, /\n```text\na_b_c .*\n```\n$/s);
  });
});

describe('a change in words', () => {
  const lineOf = (changed: HistoryChange): string =>
    rowsOf(historyText(historyOf({ ...BYTES, changes: [changed] }), PLAIN))[2] ?? '';

  it('has both levels, how much that is, its interval and its verdict', () => {
    assert.equal(
      lineOf(change(two, three)),
      '2026-03-03T00:00:00.000Z run-3, commit 333333333333: 40.0 B to 44.0 B, 10.0 % more (+8.0 % … +12.0 %): regressed',
    );
  });

  it('leaves out a commit that did not change or is not known, an interval that there is none of, and a share of nothing', () => {
    const same = { ...three, commit: two.commit };
    assert.match(lineOf(change(two, same)), /run-3: 40\.0 B/);
    assert.match(lineOf(change(two, { ...three, commit: null })), /run-3: 40\.0 B/);
    assert.match(lineOf(change(two, three, { lowShare: null })), /, 10\.0 % more: regressed$/);
    assert.match(lineOf(change({ ...two, value: 0 }, three)), /: 0 B to 44\.0 B: regressed$/);
    assert.match(
      lineOf(change(two, three, { verdict: 'inconclusive', lean: 'worse' })),
      /: inconclusive \(leans worse\)$/,
    );
  });

  it('has the colour of its verdict', () => {
    const palette = { ...PLAIN, bad: (text: string) => `bad${text}`, good: (text: string) => `good${text}` };
    const of = (verdict: HistoryChange['verdict']): string =>
      historyText(historyOf({ ...BYTES, changes: [change(two, three, { verdict })] }), palette).split('\n')[2] ?? '';
    assert.match(of('regressed'), /^bad {4}2026/);
    assert.match(of('improved'), /^good {4}2026/);
    assert.match(of('inconclusive'), /^ {4}2026/);
  });

  it('is followed by what was left out', () => {
    const text = historyText({ ...historyOf(BYTES), invalidResults: 2, olderResults: 7 }, PLAIN);
    assert.deepEqual(text.split('\n').slice(-2), [
      'left out for not being valid: 2',
      'left out for being older than the longest series: 7',
    ]);
  });
});
