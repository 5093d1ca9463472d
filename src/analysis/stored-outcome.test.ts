import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { comparePairs } from './comparison/compare-pairs.ts';
import { madePairs, madeResult } from './comparison/made-results.test-suite.ts';
import { measureNoiseFloors } from './comparison/measure-noise-floors.ts';
import { evaluateGate } from './gate/evaluate-gate.ts';
import { parseGateRules } from './gate/gate-rules.ts';
import { changeHistory } from './history/change-history.ts';
import { OUTCOME_FILES, parseStoredOutcome, type StoredOutcome } from './stored-outcome.ts';

const LADDER = new URL('../../results/reference/ladder-ws-to-tcp.json', import.meta.url);
const pairs = madePairs({ bytesRatio: 1.1 });
const rules = parseGateRules('absolute: [integrity.lost == 0]\nrelative: [memory.switch.bytesPerConnection]', 'x');
const comparison = comparePairs(pairs, { command: 'trunkline compare a b' });
const OUTCOMES: readonly StoredOutcome[] = [
  comparison,
  evaluateGate(rules, { pairs }),
  changeHistory([madeResult()], { seed: 1 }),
  measureNoiseFloors(madePairs(), { confidence: 0.99, plannedPairs: 10 }),
];

describe('a stored outcome', () => {
  it('is read as it was written', () => {
    for (const outcome of OUTCOMES) assert.deepEqual(parseStoredOutcome(JSON.stringify(outcome), 'x'), outcome);
  });

  it('of an older version has what it lacks: no command, no curves', () => {
    const ladder = parseStoredOutcome(readFileSync(LADDER, 'utf8'), 'ladder');
    assert.equal(ladder?.schema, 'trunkline.ladder/1');
    assert.equal(ladder?.command, null);
    const { command, latencyCurves, ...older } = comparison;
    assert.deepEqual(parseStoredOutcome(JSON.stringify(older), 'x'), { ...comparison, command: null });
    assert.deepEqual([command, latencyCurves], ['trunkline compare a b', []]);
  });

  it('is none if it has the schema of something else', () => {
    for (const text of ['{}', '[]', 'null', '"x"', JSON.stringify(madeResult())]) {
      assert.equal(parseStoredOutcome(text, 'x'), null);
    }
  });

  it('is refused if it is cut off, incomplete or newer, with its file and what was expected', () => {
    const text = JSON.stringify(comparison);
    const refused: [text: string, message: RegExp][] = [
      [text.slice(0, -20), /^gate\.json: not JSON \(cut off\?\)/],
      [JSON.stringify({ ...comparison, rows: undefined }), /^gate\.json: not a whole outcome: rows: /],
      [
        JSON.stringify({ ...comparison, schema: 'trunkline.comparison/2' }),
        /^gate\.json: expected schema trunkline\.comparison\/1, found "trunkline\.comparison\/2"\. Use the version/,
      ],
    ];
    for (const [wrong, message] of refused) {
      assert.throws(() => parseStoredOutcome(wrong, 'gate.json'), { code: 'RESULT_UNREADABLE', message });
    }
  });

  it('has a file of its own for each kind', () => {
    const files = Object.values(OUTCOME_FILES);
    assert.equal(new Set(files).size, files.length);
    for (const { schema } of OUTCOMES) assert.match(OUTCOME_FILES[schema], /\.json$/);
  });
});
