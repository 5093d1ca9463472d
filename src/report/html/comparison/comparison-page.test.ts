/** The page of a comparison, read back against the outcome that it was made from. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { comparePairs } from '../../../analysis/comparison/compare-pairs.ts';
import type { Comparison, ComparisonRow, ComparisonSide } from '../../../analysis/comparison/comparison-schema.ts';
import { madePairs, madeResult } from '../../../analysis/comparison/made-results.test-suite.ts';
import { elementsOf, type PageElement, readPage, tableOf, tablesOf, textOf } from '../read-page.test-suite.ts';
import { comparisonFigures, comparisonPage } from './comparison-page.ts';
import { changeWithInterval, forestRowOf } from './comparison-rows-table.ts';

const SOURCE = { file: 'comparison.json', sha256: 'ab'.repeat(32) };
const DROPPED = 4;
const MADE = comparePairs(
  madePairs({ bytesRatio: 1.1, spreadShare: 0.02 }).map((pair, i) =>
    i + 1 === DROPPED ? { ...pair, candidate: madeResult({ tripped: 'steady' }) } : pair,
  ),
  { baseName: 'old', candidateName: 'new', command: 'trunkline compare old new' },
);
const [ROW] = MADE.rows;
assert.ok(ROW);

/** The sections of the page by their ids. */
function sectionsOf(change: Partial<Comparison> = {}): Map<string, PageElement> {
  const { sections } = comparisonPage({ ...MADE, ...change }, SOURCE);
  return new Map(sections.map(({ id, html }) => [id, readPage(html.text)]));
}

function sectionOf(id: string, change: Partial<Comparison> = {}): PageElement {
  const found = sectionsOf(change).get(id);
  assert.ok(found, id);
  return found;
}

/** The rows of the table on top, made from these rows. */
function leadOf(...rows: readonly Partial<ComparisonRow>[]): readonly (readonly string[])[] {
  assert.ok(ROW);
  const made = rows.map((row): ComparisonRow => ({ ...ROW, role: 'gating', ...row }));
  const [table] = tablesOf(readPage(comparisonPage({ ...MADE, rows: made }, SOURCE).lead.text));
  return table?.rows ?? [];
}

const shares = (changeShare: number | null, lowShare: number | null, highShare: number | null) => ({
  ...{ changeShare, lowShare, highShare },
});

describe('the table of the metrics that decide', () => {
  it('has none of those that only describe, and these stand below', () => {
    const named = (role: ComparisonRow['role']): string[] =>
      MADE.rows.filter((row) => row.role === role).map(({ metric }) => metric);
    const [table] = tablesOf(readPage(comparisonPage(MADE, SOURCE).lead.text));
    const begins = (rows: readonly (readonly string[])[] = []): string[] =>
      rows.map(
        ([cell = '']) => MADE.rows.find(({ metric, about }) => cell.startsWith(`${metric}${about}`))?.metric ?? cell,
      );
    assert.deepEqual(begins(table?.rows), named('gating'));
    const [described] = tablesOf(sectionOf('described'));
    assert.deepEqual(begins(described?.rows), named('descriptive'));
  });

  it('shows a change only where its interval has no 0, and a ~ otherwise', () => {
    const changes = leadOf(shares(0.02, 0.011, 0.029), shares(-0.02, -0.03, -0.01), shares(0.01, -0.01, 0.02)).map(
      (cells) => cells[3],
    );
    assert.deepEqual(changes, ['+2.0 %', '−2.0 %', '~']);
    assert.deepEqual(
      leadOf(shares(0.01, null, null), shares(null, null, null)).map((cells) => cells[3]),
      ['+1.0 %', '–'],
      'without an interval it is not known whether a change was detected',
    );
  });

  it('says with the verdict how precise it is, and why a row does not gate', () => {
    const [equivalent, inconclusive, detected, refused] = leadOf(
      { verdict: 'equivalent', smallestDifferenceShare: 0.03, gateRefusal: null },
      { ...shares(0.01, -0.02, 0.03), verdict: 'inconclusive', smallestDetectableShare: 0.05, gateRefusal: null },
      { ...shares(0.02, 0.01, 0.03), verdict: 'inconclusive', smallestDetectableShare: 0.05, gateRefusal: null },
      { verdict: 'improved', gateRefusal: 'too noisy' },
    ).map((cells) => cells.at(-1) ?? '');
    assert.match(equivalent ?? '', /within 3\.0 %$/);
    assert.match(inconclusive ?? '', /not detected at this precision \(smallest detectable about 5\.0 %\)$/);
    assert.doesNotMatch(detected ?? '', /precision/);
    assert.match(refused ?? '', /^improved.*does not gate: too noisy$/);
  });
});

describe('a change with its interval', () => {
  it('is written as far as it is known', () => {
    assert.equal(changeWithInterval(shares(0.02, 0.011, 0.029)), '+2.0 % (+1.1 … +2.9 %)');
    assert.equal(changeWithInterval(shares(-0.02, null, 0.029)), '−2.0 %');
    assert.equal(changeWithInterval(shares(-0.02, -0.029, null)), '−2.0 %');
    assert.equal(changeWithInterval(shares(null, null, null)), 'no figure');
  });

  it('is not drawn of a count, which is equal or not', () => {
    assert.equal(forestRowOf({ ...ROW, kind: 'exact' }), null);
    const row = forestRowOf({ ...ROW, kind: 'ratio', ...shares(0.02, 0.011, 0.029), verdict: 'regressed', lean: null });
    assert.deepEqual(
      [row?.label, row?.figure, row?.tone, row?.note],
      [ROW.metric, '+2.0 % (+1.1 … +2.9 %)', 'bad', `${ROW.better} is better`],
    );
  });
});

describe('the charts of a comparison', () => {
  it('have the ratio of each pair by its number, without the pair of a run that was dropped', () => {
    const [table] = tablesOf(sectionOf('ratios'));
    const row = MADE.rows.find(({ metric }) => metric === table?.caption);
    const pairs = Array.from({ length: MADE.runs.planned }, (_, i) => i + 1).filter((pair) => pair !== DROPPED);
    assert.deepEqual(
      table?.rows,
      pairs.map((pair, i) => [String(pair), row?.ratios[i]?.toPrecision(5)]),
    );
  });

  it('have no ratios of runs that were not measured in pairs, or where no pair has one', () => {
    assert.match(textOf(sectionOf('ratios', { method: 'unpaired, weaker' })), /not measured in pairs/);
    const rows = MADE.rows.map((row) => ({ ...row, ratios: [] }));
    assert.match(textOf(sectionOf('ratios', { rows })), /No pair has a ratio of a metric that decides/);
    assert.match(textOf(sectionOf('forest', { rows: [] })), /No metric with an interval was declared to decide/);
  });

  it('have the latencies of each side by percentile, and are named for those who do not see them', () => {
    const curves = (['delivery', 'acknowledgement'] as const).map((latency, i) => ({
      latency,
      percents: [50, 99],
      baseMicros: [1000 + i, 5000 + i],
      candidateMicros: [2000 + i, null],
      baseCount: 1234,
      candidateCount: 567,
    }));
    const section = sectionOf('latency', { latencyCurves: curves });
    assert.deepEqual(
      tablesOf(section).map(({ caption, headings, rows }) => [caption, headings, rows]),
      [
        [
          'Delivery to phones that were online',
          ['percentile', 'old', 'new'],
          [
            ['p50', '1.00 ms', '2.00 ms'],
            ['p99', '5.00 ms', 'not measured'],
          ],
        ],
        [
          'Acknowledgement (✓)',
          ['percentile', 'old', 'new'],
          [
            ['p50', '1.00 ms', '2.00 ms'],
            ['p99', '5.00 ms', 'not measured'],
          ],
        ],
      ],
    );
    const labels = elementsOf(section).flatMap(({ tag, attributes }) =>
      tag === 'svg' ? attributes.get('aria-label') : [],
    );
    for (const latency of ['delivery', 'acknowledgement'])
      assert.ok(
        labels.some((label) => label?.startsWith(`${latency} latency by percentile of old and new;`)),
        latency,
      );
    assert.match(textOf(section), /1,234 and 567 samples/);
    const none = (method: Comparison['method']): string => textOf(sectionOf('latency', { latencyCurves: [], method }));
    assert.match(none('paired'), /No run of both sides has a histogram/);
    assert.match(none('unpaired, weaker'), /compared without their histograms/);
  });
});

describe('the rest of the page', () => {
  it('lists each dropped run with its pair, its side and the guard, and what differs', () => {
    const runs = sectionOf('runs');
    const [dropped] = MADE.runs.dropped;
    assert.deepEqual(tableOf(runs, 'Dropped runs').rows, [[String(DROPPED), 'candidate', dropped?.reason]]);
    assert.match(textOf(runs), /Nothing: the scenarios are the same\..*None was found\./);
    const scenarioDifferences = [{ name: 'traffic.rate', values: ['1k', '2k'] }];
    const changed = sectionOf('runs', { scenarioDifferences, runs: { ...MADE.runs, dropped: [] } });
    assert.deepEqual(tableOf(changed, 'Differences').rows, [['traffic.rate', '1k against 2k']]);
    assert.match(textOf(changed), /No run was dropped\./);
    assert.match(textOf(sectionOf('provenance', { scenarioDifferences })), /traffic\.rate: 1k against 2k/);
  });

  it('identifies each side by its scenario, commits, versions, machine and results', () => {
    const side = (name: string, resultIds: string[], commits: string[]): ComparisonSide => ({
      ...{ ...MADE.base, name, resultIds, commits, nodes: [`v-${name}`], scenario: `s-${name}` },
      machineClass: `m-${name}`,
    });
    const sides = { base: side('old', ['a', 'b', 'c'], []), candidate: side('new', ['d'], ['e', 'f']) };
    assert.deepEqual(tableOf(sectionOf('provenance', sides), 'Environment').rows, [
      ...[
        ['old: scenario', 's-old'],
        ['old: commit', 'unknown'],
        ['old: Node', 'v-old'],
        ['old: machine', 'm-old'],
      ],
      ['old: results', '3: a … c'],
      ...[
        ['new: scenario', 's-new'],
        ['new: commit', 'e, f'],
        ['new: Node', 'v-new'],
        ['new: machine', 'm-new'],
      ],
      ['new: results', 'd'],
    ]);
    const none = sectionOf('provenance', { ...sides, candidate: side('new', [], []) });
    assert.deepEqual(tableOf(none, 'Environment').rows.at(-1), ['new: results', 'none']);
  });

  it('has the medians of both sides beside what others have published, and says over how many runs', () => {
    const metric = 'connections.held';
    const rows = [{ ...ROW, metric, base: 1000, candidate: 2000 }];
    const runs = { ...MADE.runs, valid: 1 };
    const paired = comparisonFigures({ ...MADE, rows, runs });
    assert.deepEqual(
      paired.map(({ system, connections }) => [system, connections]),
      [
        ['old, simulated', 1000],
        ['old, kernel', null],
        ['new, simulated', 2000],
        ['new, kernel', null],
      ],
    );
    assert.equal(paired[0]?.source, 'medians over 1 pair');
    const [unpaired] = comparisonFigures({ ...MADE, rows, method: 'unpaired, weaker', runs: { ...runs, valid: 12 } });
    assert.equal(unpaired?.source, 'medians over 12 runs');
  });
});
