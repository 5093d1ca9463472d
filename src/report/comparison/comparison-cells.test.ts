/** The cells and notes of a comparison, and its noise floors: signs, dashes, refusals, and what was dropped. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { comparePairs } from '../../analysis/comparison/compare-pairs.ts';
import type { Comparison, ComparisonRow } from '../../analysis/comparison/comparison-schema.ts';
import { madePairs } from '../../analysis/comparison/made-results.test-suite.ts';
import type { NoiseFloors } from '../../analysis/comparison/noise-floors-schema.ts';
import { PLAIN } from '../text/palette.ts';
import { COMPARISON_HEADINGS, comparisonCells, comparisonNotes, signedShare } from './comparison-cells.ts';
import { noiseFloorsMarkdown, noiseFloorsSentence, noiseFloorsTable } from './noise-floors-table.ts';

const MADE = comparePairs(madePairs());
const [FIRST] = MADE.rows;
assert.ok(FIRST !== undefined);
const ROW: ComparisonRow = {
  ...FIRST,
  metric: 'cpu.switchMicrosPerMessage',
  unit: 'micros',
  base: 3,
  candidate: 3.3,
  changeShare: 0.1,
  lowShare: 0.08,
  highShare: 0.121,
  noiseFloorShare: 0.012,
  n: 10,
  verdict: 'regressed',
  lean: null,
  gateRefusal: null,
};
const cellsOf = (change: Partial<ComparisonRow>): string[] => comparisonCells({ ...ROW, ...change });

describe('a share with its sign', () => {
  it('has a true minus, none for nothing, and no decimals from 100 %', () => {
    assert.deepEqual([0.02, -0.003, 0, -0.0004, 0.9994, 1.5, -0.5].map(signedShare), [
      '+2.0 %',
      '−0.3 %',
      '0.0 %',
      '0.0 %',
      '+99.9 %',
      '+150 %',
      '−50.0 %',
    ]);
  });
});

describe('the cells of a row', () => {
  it('are as many as there are headings, each with its unit', () => {
    const cells = cellsOf({});
    assert.equal(cells.length, COMPARISON_HEADINGS.length);
    assert.deepEqual(cells, [
      ...[
        'cpu.switchMicrosPerMessage',
        '3.00 µs',
        '3.30 µs',
        '+10.0 %',
        '+8.0 % … +12.1 %',
        '1.2 %',
        '10',
        'regressed',
      ],
    ]);
  });

  it('are dashes for what was not measured, also where only one end of the interval is missing', () => {
    const nothing = { base: null, candidate: null, changeShare: null, lowShare: null, noiseFloorShare: null, n: 0 };
    assert.deepEqual(cellsOf(nothing).slice(1, -1), ['–', '–', '–', '–', '–', '0']);
    assert.equal(cellsOf({ highShare: null })[4], '–');
    assert.equal(cellsOf({ base: 0 })[1], '0 µs', 'nothing is not the same as not measured');
  });

  const verdicts: [change: Partial<ComparisonRow>, cell: string][] = [
    [{ verdict: 'equivalent' }, 'equivalent'],
    [{ verdict: 'inconclusive', lean: 'worse' }, 'inconclusive (leans worse)'],
    [
      { verdict: 'inconclusive', lean: 'better', gateRefusal: 'too noisy' },
      'inconclusive (leans better), does not gate: too noisy',
    ],
    [{ verdict: 'invalid', changeShare: null, gateRefusal: 'not measured in base' }, 'invalid: not measured in base'],
  ];
  for (const [change, cell] of verdicts) it(`end with "${cell}"`, () => assert.equal(cellsOf(change).at(-1), cell));
});

describe('the notes of a comparison', () => {
  const notesOf = (change: Partial<Comparison>): string[] => comparisonNotes({ ...MADE, ...change });
  const dropped = (count: number): Comparison['runs'] => ({
    planned: 10,
    valid: 10 - count,
    dropped: Array.from({ length: count }, (_, n) => ({
      pair: n + 1,
      side: n % 2 === 0 ? ('base' as const) : ('candidate' as const),
      resultId: `r${n}`,
      reason: 'swapping: it swapped',
    })),
  });

  it('say what was compared by what method', () => {
    const [first, runs, simulated, meaning] = notesOf({});
    assert.equal(
      first,
      'base against candidate, scenario made, transport memory; paired; linux-x64 Made CPU ×2 16 GiB',
    );
    assert.equal(runs, '10 of 10 pairs valid, 0 runs dropped');
    assert.equal(simulated, 'simulated in base and candidate: phones are rows in memory, no kernel sockets');
    assert.match(meaning ?? '', /^base and candidate are medians; .* of the ratios within pairs, with its interval$/);
    const [unpaired, unpairedRuns, , all] = notesOf({ method: 'unpaired, weaker' });
    assert.match(unpaired ?? '', /; unpaired, weaker; /);
    assert.match(unpairedRuns ?? '', /^10 of 10 runs valid/);
    assert.match(all ?? '', /of the ratios of all runs/);
  });

  it('name both transports where they differ, and the side that is simulated', () => {
    const candidate = { ...MADE.candidate, name: 'over tcp', transport: 'tcp', isSimulated: false };
    const [first, , simulated] = notesOf({ candidate });
    assert.match(first ?? '', /^base against over tcp, scenario made, transport memory against tcp;/);
    assert.match(simulated ?? '', /^simulated in base: /);
    const neither = notesOf({ candidate, base: { ...MADE.base, isSimulated: false } });
    assert.ok(!neither.some((note) => note.includes('simulated')));
  });

  it('list up to five dropped runs with the reason, and say how many there are more', () => {
    const [, one] = notesOf({ runs: dropped(1) });
    assert.equal(one, '9 of 10 pairs valid, 1 run dropped: pair 1, base: swapping: it swapped');
    const [, five] = notesOf({ runs: dropped(5) });
    assert.match(
      five ?? '',
      /: pair 1, base: swapping: it swapped; pair 2, candidate: swapping; .*; pair 5, base: swapping$/,
      'what a guard found is said once',
    );
    const [, seven] = notesOf({ runs: dropped(7), method: 'unpaired, weaker' });
    assert.match(seven ?? '', /^3 of 10 runs valid, 7 runs dropped: run 1, .*; run 5, base: [^;]*; and 2 more$/);
  });

  it('name every difference of scenario and machine with both values', () => {
    const notes = notesOf({
      scenarioDifferences: [{ name: 'switch.shards', values: ['2', '4'] }],
      environmentDifferences: [{ name: 'node', values: ['v20', 'v22'] }],
    });
    assert.ok(notes.includes('differs in switch.shards: 2 against 4; node: v20 against v22'), notes.join('\n'));
  });
});

describe('noise floors', () => {
  const floor = {
    metric: 'connections.held',
    pairs: 8,
    floorShare: 0.004,
    smallestDetectableShare: 0.01,
    smallestDifferenceShare: 0.05,
    isUsable: true,
    sentence: '',
  };
  const floors: NoiseFloors = {
    schema: 'trunkline.noise-floors/1',
    scenario: 'a_b',
    machineClass: 'Some | CPU',
    confidence: 0.95,
    plannedPairs: 12,
    pairs: { planned: 10, valid: 8 },
    floors: [
      floor,
      { ...floor, metric: 'latency.login p(99)', floorShare: null, smallestDetectableShare: null, isUsable: false },
    ],
    command: null,
  };

  it('say how many metrics may gate, and have a row for each with what was not measured as a dash', () => {
    assert.equal(
      noiseFloorsSentence(floors),
      'a_b against itself: 1 of 2 metrics are precise enough to gate; 8 of 10 pairs valid, intervals of 95.0 %; Some | CPU',
    );
    const lines = noiseFloorsTable(floors, 'results/aa.json', PLAIN).split('\n');
    assert.deepEqual(
      lines.slice(2).map((line) => line.trim().replace(/ {2,}/g, '  ')),
      [
        'metric  noise floor  found with 12 pairs  smallest difference  n  may gate',
        'connections.held  0.4 %  1.0 %  5.0 %  8  yes',
        'latency.login p(99)  –  –  5.0 %  8  no',
        '',
        'stored  results/aa.json',
      ],
    );
  });

  it('are escaped in Markdown', () => {
    const text = noiseFloorsMarkdown(floors);
    assert.match(text, /^\*\*a\\_b against itself: .*; Some \\\| CPU\*\*$/m);
    assert.match(text, /^\| connections\.held \| 0\.4 % \| 1\.0 % \| 5\.0 % \| 8 \| yes \|$/m);
  });
});
