/** A ladder as Markdown: its conditions, its rungs with their figures, and each change when added and when removed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { comparePairs } from '../../analysis/comparison/compare-pairs.ts';
import { madePairs } from '../../analysis/comparison/made-results.test-suite.ts';
import type { KnobEffect, LadderOutcome, RungOutcome } from '../../analysis/ladder/ladder-schema.ts';
import { ladderMarkdown } from './ladder-markdown.ts';

const METRIC = 'memory.switch.bytesPerConnection';
const smaller = comparePairs(madePairs({ bytesRatio: 0.8 }));
const same = comparePairs(madePairs());
const rung = (name: string, change: Partial<RungOutcome> = {}): RungOutcome => ({
  name,
  settings: [`${name}.key=1`],
  failed: 0,
  runs: 10,
  failure: null,
  withBefore: null,
  withFirst: null,
  ...change,
});
const knob = (name: string, change: Partial<KnobEffect> = {}): KnobEffect => ({
  rung: name,
  metric: METRIC,
  addedShare: -0.2,
  removedShare: 0.24,
  difference: { share: 0.03, lowShare: -0.01, highShare: 0.07, confidence: 0.95, n: 10 },
  verdict: 'additive',
  sentence: '',
  ...change,
});
const LADDER: LadderOutcome = {
  schema: 'trunkline.ladder/1',
  name: 'tuning',
  description: 'Smaller tables | fewer bytes',
  scenario: 'made',
  settings: ['phones.count=10k'],
  machineClasses: ['Made CPU'],
  commits: ['a'.repeat(40)],
  nodes: ['v20.20.2'],
  startedAt: '2026-03-01T10:00:00.000Z',
  metrics: [METRIC],
  pairs: { planned: 12, run: 10 },
  runs: { planned: 60, run: 50, valid: 49 },
  isComplete: false,
  sentence: 'The last rung takes 20 % less.',
  rungs: [
    rung('start', { settings: [] }),
    rung('tables', { withBefore: smaller, withFirst: smaller }),
    rung('rows', { withBefore: same, withFirst: smaller }),
  ],
  knobs: [knob('tables'), knob('rows', { addedShare: null, removedShare: null, difference: null, verdict: null })],
  published: [],
  command: null,
};
const linesOf = (change: Partial<LadderOutcome> = {}): string[] => ladderMarkdown({ ...LADDER, ...change }).split('\n');
const cellsOf = (line: string): string[] => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, ''));
/** Rows of the n-th table with these cells as its heading. */
function tableOf(heading: string, change: Partial<LadderOutcome> = {}): string[][] {
  const lines = linesOf(change);
  const start = lines.findIndex((line) => line.startsWith(`| ${heading}`));
  assert.ok(start >= 0, heading);
  const end = lines.findIndex((line, n) => n > start && line === '');
  return lines.slice(start + 2, end).map(cellsOf);
}

describe('a ladder as Markdown', () => {
  it('says first what it found, and under what conditions', () => {
    const lines = linesOf();
    assert.deepEqual(lines.slice(0, 5), [
      '# Ladder tuning',
      '',
      'Smaller tables \\| fewer bytes',
      '',
      '**The last rung takes 20 % less.**',
    ]);
    assert.ok(lines.includes('- scenario made with phones.count=10k'));
    assert.ok(lines.includes('- Made CPU; Node v20.20.2; commit aaaaaaaaaaaa; 2026-03-01'));
    assert.ok(lines.some((line) => /^- 10 of 12 rounds; .*; 49 of 50 runs valid$/.test(line)));
    assert.ok(
      lines.some((line) => /^- each interval has at least 99\.0 % by itself; 4 comparisons of each/.test(line)),
    );
  });

  it('that has not begun says so, and claims no confidence', () => {
    const text = linesOf({ startedAt: null, settings: [], rungs: [rung('start'), rung('tables')], knobs: [] }).join(
      '\n',
    );
    assert.match(text, /^- scenario made$/m);
    assert.match(text, /; not begun$/m);
    assert.doesNotMatch(text, /by itself/);
  });

  it('has what each rung adds', () => {
    assert.deepEqual(tableOf('rung | adds'), [
      ['start', ''],
      ['tables', 'tables.key=1'],
      ['rows', 'rows.key=1'],
    ]);
  });

  it('has the figure of each rung, against the one before and against the first', () => {
    const [start, tables, rows] = tableOf('rung | figure');
    assert.match(start?.[1] ?? '', /^(39|40|41)\.\d B$/, 'of the first rung, the base of the others');
    assert.deepEqual(start?.slice(2), ['–', '–', '–', '–']);
    assert.match(tables?.[1] ?? '', /^3[123]\.\d B$/);
    assert.match(tables?.[2] ?? '', /^−\d\d\.\d % \(−\d\d\.\d % … −\d\d\.\d %\)$/);
    assert.equal(tables?.[3], 'improved');
    assert.equal(rows?.[3], 'equivalent', 'against the one before');
    assert.equal(rows?.[5], 'improved', 'against the first');
  });

  it('has no verdict where the whole comparison is invalid', () => {
    const invalid = { ...smaller, invalidReason: 'too few pairs' };
    const [, tables] = tableOf('rung | figure', {
      rungs: [rung('start'), rung('tables', { withBefore: invalid, withFirst: smaller })],
    });
    assert.deepEqual([tables?.[3], tables?.[5]], ['invalid', 'improved']);
  });

  it('says of each change what it gains when added and loses when removed', () => {
    assert.deepEqual(tableOf('rung | change when added'), [
      ['tables', '−20.0 %', '+24.0 %', '+3.0 % (−1.0 % … +7.0 %)', 'independent of the others'],
      ['rows', '–', '–', '–', 'the last rung: a single comparison'],
    ]);
    const wordsOf = (effect: Partial<KnobEffect>): string | undefined =>
      tableOf('rung | change when added', { knobs: [knob('tables', effect)] })[0]?.[4];
    assert.equal(wordsOf({ verdict: 'interaction' }), 'interaction: no figure of its own');
    assert.equal(wordsOf({ verdict: 'undecided' }), 'dependence on others not detected');
    assert.equal(
      wordsOf({ verdict: 'undecided', difference: null }),
      'too few rounds to judge',
      'there is no precision',
    );
  });

  it('names the runs that failed, with the first reason, and has no such heading otherwise', () => {
    assert.ok(!linesOf().includes('## Runs that failed'));
    const lines = linesOf({ rungs: [rung('start'), rung('a_b', { failed: 2, failure: 'shard-0 <threw>' })] });
    assert.equal(lines.at(-2), '- a\\_b: 2 of 10 runs, the first: shard-0 &lt;threw&gt;');
    assert.ok(lines.includes('## Runs that failed'));
  });
});
