import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Result } from '../../result/result-schema.ts';
import { type MadeFigures, madeResult, noiseFactors } from '../comparison/made-results.test-suite.ts';
import { changeHistory } from './change-history.ts';

const BYTES = 'memory.switch.bytesPerConnection';

/** One result a day; from the day `stepAt` on with `factor` times the memory. */
function days(count: number, stepAt: number, factor: number, own: MadeFigures = {}): Result[] {
  const next = noiseFactors(3, 0.004);
  return Array.from({ length: count }, (_, day) =>
    madeResult({
      id: `day-${day}`,
      startedAt: `2026-${day < 28 ? '01' : '02'}-${String((day % 28) + 1).padStart(2, '0')}T08:00:00.000Z`,
      commit: String(day).padStart(40, '0'),
      bytesPerConnection: 40 * (day >= stepAt ? factor : 1) * next(),
      completePerSecond: 100_000 * next(),
      ...own,
    }),
  );
}

describe('the history of results', () => {
  it('finds the result at which a figure changed, and by how much', () => {
    const { histories } = changeHistory(days(40, 25, 1.08), { seed: 1, metrics: [BYTES] });
    const [history] = histories;
    assert.equal(history?.points.length, 40);
    assert.equal(history?.changes.length, 1);
    const [change] = history?.changes ?? [];
    assert.deepEqual([change?.after.resultId, change?.at.resultId], ['day-24', 'day-25']);
    assert.ok((change?.lowShare ?? 1) <= 0.08 && 0.08 <= (change?.highShare ?? 0));
    assert.equal(change?.verdict, 'regressed');
    assert.equal(change?.at.commit, '25'.padStart(40, '0'));
  });

  it('does not look at the order in which results are given', () => {
    const results = days(40, 25, 1.08);
    const order = { seed: 1, metrics: [BYTES] };
    assert.deepEqual(changeHistory([...results].reverse(), order), changeHistory(results, order));
  });

  it('finds nothing where nothing changed, in any of the usual metrics', () => {
    const { histories } = changeHistory(days(40, 99, 1), { seed: 1 });
    assert.equal(histories.length, 5);
    assert.deepEqual(
      histories.flatMap(({ changes }) => changes),
      [],
    );
  });

  it('keeps scenarios and machines apart', () => {
    const here = days(20, 99, 1);
    const there = days(20, 0, 3, { environment: { machineClass: 'another' } });
    const changed = days(20, 0, 2, { written: { switch: { shards: 1 } } });
    const { histories } = changeHistory([...here, ...there, ...changed], { seed: 1, metrics: [BYTES] });
    assert.deepEqual(
      histories.map(({ points, changes }) => [points.length, changes.length]),
      [
        [20, 0],
        [20, 0],
        [20, 0],
      ],
    );
  });

  it('leaves out invalid results and counts them', () => {
    const results = [...days(20, 99, 1), madeResult({ bytesPerConnection: 900, tripped: 'steady' })];
    const history = changeHistory(results, { seed: 1, metrics: [BYTES] });
    assert.equal(history.invalidResults, 1);
    assert.equal(history.histories[0]?.points.length, 20);
  });

  it('tells a change that does not matter from one that does', () => {
    const { histories } = changeHistory(days(40, 20, 1.012), { seed: 1, metrics: [BYTES] });
    assert.equal(histories[0]?.changes[0]?.verdict, 'equivalent');
  });

  it('refuses a misspelt metric', () => {
    assert.throws(
      () => changeHistory([], { seed: 1, metrics: ['connections.hold'] }),
      /did you mean "connections\.held"/,
    );
  });
});
