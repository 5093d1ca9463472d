import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { comparePairs } from '../../analysis/comparison/compare-pairs.ts';
import { compareUnpaired } from '../../analysis/comparison/compare-unpaired.ts';
import { madePairs, madeResult } from '../../analysis/comparison/made-results.test-suite.ts';
import { outcomeJson } from '../text/outcome-json.ts';
import { type Palette, PLAIN } from '../text/palette.ts';
import { comparisonMarkdown } from './comparison-markdown.ts';
import { comparisonTable } from './comparison-table.ts';

const regressed = comparePairs(madePairs({ bytesRatio: 1.1 }));
const lineOf = (text: string, start: string): string =>
  text.split('\n').find((line) => line.trimStart().startsWith(start)) ?? assert.fail(`no line "${start}" in\n${text}`);

describe('a comparison as a table', () => {
  const text = comparisonTable(regressed, PLAIN);

  it('says the verdict first, then what was compared', () => {
    const [first, second, third] = text.split('\n');
    assert.match(first ?? '', /^Regressed: memory\.switch\.bytesPerConnection: 9\.\d % more \(99\.0 % interval/);
    assert.match(first ?? '', /; other gating metrics: 4 equivalent\.$/);
    assert.match(second ?? '', /base against candidate, scenario made, transport memory; paired/);
    assert.match(third ?? '', /10 of 10 pairs valid, 0 runs dropped/);
  });

  it('has base, candidate, change, interval, noise floor, n and verdict in one row', () => {
    assert.match(
      lineOf(text, 'memory.switch.bytesPerConnection'),
      /^memory\.switch\.bytesPerConnection +\d\d\.\d B +4\d\.\d B +\+9\.\d % +\+\d\.\d % … \+1\d\.\d % +– +10 +regressed$/,
    );
    assert.match(lineOf(text, 'throughput.completeMessagesPerSecond'), / \d+\.?\dk\/s .*equivalent$/);
  });

  it('says that the phones are simulated', () => {
    assert.match(text, /simulated in base and candidate: phones are rows in memory/);
  });

  it('keeps metrics that decide apart from those that describe', () => {
    const lines = text.split('\n').map((line) => line.trim());
    const decide = lines.findIndex((line) => line.startsWith('decide (99.0 % or more each)'));
    const describeAt = lines.findIndex((line) => line.startsWith('describe (95.0 % or more each'));
    const lost = lines.findIndex((line) => line.startsWith('integrity.lost'));
    assert.ok(decide > 0 && describeAt === decide + 6 && lost > describeAt);
  });

  it('names the runs that were dropped, and shows why a metric does not gate', () => {
    const pairs = [...madePairs(), { base: madeResult(), candidate: madeResult({ tripped: 'steady' }) }];
    const few = comparisonTable(comparePairs(pairs.slice(-6), { gating: ['connections.held'] }), PLAIN);
    assert.match(few, /5 of 6 pairs valid, 1 run dropped: pair 6, candidate: steady: it was too much/);
    assert.match(lineOf(few, 'connections.held'), /inconclusive: need at least 6 pairs, found 5$/);
  });

  it('lists only what decides where no pair is valid, and says so in words', () => {
    const invalid = comparePairs(
      madePairs().map(({ base }) => ({ base, candidate: madeResult({ tripped: 'steady' }) })),
    );
    const none = comparisonTable(invalid, PLAIN);
    assert.match(lineOf(none, 'connections.held'), / 0 +invalid: no pairs to compare$/);
    for (const shown of [none, comparisonMarkdown(invalid)])
      assert.doesNotMatch(shown, /describe|in 0 of 0|integrity\.lost/);
  });

  it('says that unpaired runs are weaker', () => {
    const sides = madePairs();
    const unpaired = compareUnpaired(
      sides.map(({ base }) => base),
      sides.map(({ candidate }) => candidate),
    );
    assert.match(comparisonTable(unpaired, PLAIN), /unpaired, weaker/);
  });

  it('colours a regression as bad, in columns that still stand straight', () => {
    const colours: Palette = { ...PLAIN, bad: (words) => `\u001b[31m${words}\u001b[39m` };
    const coloured = comparisonTable(regressed, colours);
    const row = lineOf(coloured, 'memory.switch.bytesPerConnection');
    assert.ok(row.endsWith('\u001b[31mregressed\u001b[39m'), row);
    assert.equal(coloured.replaceAll('\u001b[31m', '').replaceAll('\u001b[39m', ''), text);
  });
});

describe('a comparison as Markdown', () => {
  const pairs = madePairs({ candidate: { written: { note: 'a|b <c> `d`' } } });
  const text = comparisonMarkdown(comparePairs(pairs, { baseName: 'main_1', candidateName: 'a|b' }));

  it('has tables whose rows all have eight cells, whatever names hold', () => {
    const rows = text.split('\n').filter((line) => line.startsWith('|'));
    assert.ok(rows.length > 20);
    for (const row of rows) assert.equal(row.replaceAll('\\|', '').split('|').length, 10, row);
  });

  it('lets nothing of a scenario be read as Markdown or HTML', () => {
    assert.ok(text.includes('main\\_1 against a\\|b'));
    assert.ok(text.includes('a\\|b &lt;c&gt; \\`d\\`'));
  });
});

describe('an outcome as JSON', () => {
  it('gives back the whole', () => {
    assert.deepEqual(JSON.parse(outcomeJson(regressed)), regressed);
  });

  it('never writes what is no number as if it had not been measured', () => {
    assert.throws(
      () => outcomeJson({ ...regressed, confidence: Number.NaN }),
      /confidence of an outcome is a finite number/,
    );
  });
});

describe('the colours of a comparison', () => {
  const named: Palette = {
    strong: (words) => words,
    good: (words) => `<good>${words}`,
    bad: (words) => `<bad>${words}`,
    warning: (words) => `<warning>${words}`,
    faint: (words) => `<faint>${words}`,
  };
  const colours = [
    ['improved', 'good'],
    ['regressed', 'bad'],
    ['invalid', 'bad'],
    ['inconclusive', 'warning'],
    ['equivalent', 'faint'],
  ] as const;

  for (const [verdict, colour] of colours)
    it(`are ${colour} for what is ${verdict}, in the sentence and in the row`, () => {
      const rows = regressed.rows.map((row) => ({ ...row, verdict }));
      const text = comparisonTable({ ...regressed, verdict, rows }, named);
      assert.ok(text.startsWith(`<${colour}>`), text.slice(0, 40));
      assert.match(lineOf(text, 'memory.switch.bytesPerConnection'), new RegExp(`<${colour}>${verdict}`));
    });
});
