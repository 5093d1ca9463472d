/** A ladder as text for a terminal: aligned columns, no marks of Markdown, and the words that the Markdown has. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { type LadderOutcome, ladderSchema } from '../../analysis/ladder/ladder-schema.ts';
import { type Palette, PLAIN } from '../text/palette.ts';
import { KNOB_HEADINGS, ladderKnobRows, ladderNotes, ladderRungRows } from './ladder-rows.ts';
import { ladderText } from './ladder-text.ts';

const STORED = new URL('../../../results/reference/ladder-ws-to-tcp.json', import.meta.url);
const LADDER: LadderOutcome = ladderSchema.parse(JSON.parse(readFileSync(STORED, 'utf8')));
const lines = ladderText(LADDER, PLAIN).split('\n');
/**
 * Cells of a line, which are at least two spaces apart; cells that have such spaces in them have no place in a ladder.
 */
const cellsOf = (line: string): string[] => line.split(/ {2,}/);

describe('a ladder as text', () => {
  it('says first what it found, then under which conditions', () => {
    assert.deepEqual(lines.slice(0, 2), [`trunkline ladder ws-to-tcp · ${LADDER.description}`, LADDER.sentence]);
    assert.deepEqual(lines.slice(2, 2 + ladderNotes(LADDER).length), ladderNotes(LADDER));
  });

  it('has for each metric every rung, and every change when added and when removed', () => {
    for (const metric of LADDER.metrics) {
      const start = lines.indexOf(metric);
      assert.ok(start > 0, metric);
      const end = lines.indexOf('', start);
      assert.deepEqual(lines.slice(start + 2, end).map(cellsOf), ladderRungRows(metric, LADDER.rungs));
      const rows = lines.slice(end + 1);
      assert.deepEqual(
        cellsOf(rows[0] ?? ''),
        KNOB_HEADINGS.filter((heading) => heading !== ''),
      );
      assert.deepEqual(
        rows.slice(1, 1 + ladderKnobRows(metric, LADDER).length).map(cellsOf),
        ladderKnobRows(metric, LADDER),
      );
    }
  });

  it('has no marks of Markdown', () => assert.doesNotMatch(lines.join('\n'), /\*\*|^#|^\||\\/m));

  it('names the rungs of which a run failed, and warns of a ladder that is not complete', () => {
    const named: Palette = { ...PLAIN, bad: (text) => `bad${text}`, warning: (text) => `warning${text}` };
    const rungs = LADDER.rungs.map((rung, i) =>
      i === 1 ? { ...rung, failed: 2, runs: 8, failure: 'it threw' } : rung,
    );
    const text = ladderText({ ...LADDER, isComplete: false, rungs }, named).split('\n');
    assert.equal(text[1], `warning${LADDER.sentence}`);
    assert.equal(text.at(-1), `bad  ${rungs[1]?.name}: 2 of 8 runs, the first: it threw`);
    const whole = { ...LADDER, rungs: LADDER.rungs.map((rung) => ({ ...rung, failed: 0 })) };
    assert.doesNotMatch(ladderText(whole, PLAIN), /runs that failed/);
  });
});
