import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareUnpaired } from './compare-unpaired.ts';
import { madePairs, madeResult } from './made-results.test-suite.ts';

const BYTES = 'memory.switch.bytesPerConnection';
const basesOf = (pairs: ReturnType<typeof madePairs>) => pairs.map(({ base }) => base);
const candidatesOf = (pairs: ReturnType<typeof madePairs>) => pairs.map(({ candidate }) => candidate);

describe('a comparison of runs of different days', () => {
  it('finds a change, and is labelled as weaker', () => {
    const pairs = madePairs({ bytesRatio: 1.1 });
    const comparison = compareUnpaired(basesOf(pairs), candidatesOf(pairs), { gating: [BYTES] });
    assert.equal(comparison.method, 'unpaired, weaker');
    assert.equal(comparison.verdict, 'regressed');
    const [row] = comparison.rows;
    assert.ok((row?.lowShare ?? 1) <= 0.1 && 0.1 <= (row?.highShare ?? 0), row?.sentence);
    assert.equal(row?.effect, -1, 'every run of the candidate is worse');
    assert.deepEqual(row?.ratios, []);
  });

  it('sees less than pairs through a machine that drifts', () => {
    const pairs = madePairs({ cpuRatio: 1.1 });
    const order = { gating: ['cpu.switchMicrosPerMessage'] };
    assert.equal(compareUnpaired(basesOf(pairs), candidatesOf(pairs), order).verdict, 'inconclusive');
  });

  it('drops runs on their own, and takes sides of different size', () => {
    const bases = [...basesOf(madePairs()), madeResult({ tripped: 'steady' })];
    const comparison = compareUnpaired(bases, candidatesOf(madePairs({ pairs: 8, seed: 2 })), { gating: [BYTES] });
    assert.deepEqual([comparison.runs.planned, comparison.runs.valid], [19, 18]);
    assert.equal(comparison.runs.dropped[0]?.side, 'base');
    assert.equal(comparison.verdict, 'equivalent');
    assert.equal(comparison.rows[0]?.n, 8);
  });

  it('says that few runs are too few', () => {
    const pairs = madePairs({ pairs: 3 });
    const comparison = compareUnpaired(basesOf(pairs), candidatesOf(pairs), { gating: [BYTES] });
    assert.equal(comparison.verdict, 'inconclusive');
    assert.match(comparison.sentence, /3 and 3 runs are too few for 95\.0 % confidence/);
  });

  it('is invalid across classes of machines', () => {
    const pairs = madePairs({ candidate: { environment: { machineClass: 'another' } } });
    assert.equal(compareUnpaired(basesOf(pairs), candidatesOf(pairs)).verdict, 'invalid');
  });

  it('judges counts by whether all runs of one side are beyond the other', () => {
    const bases = Array.from({ length: 6 }, () => madeResult());
    const order = { gating: ['integrity.lost'] };
    assert.equal(compareUnpaired(bases, bases, order).verdict, 'equivalent');
    const worse = Array.from({ length: 6 }, () => madeResult({ lost: 2 }));
    assert.equal(compareUnpaired(bases, worse, order).verdict, 'regressed');
    assert.equal(compareUnpaired(bases, [...bases.slice(1), madeResult({ lost: 2 })], order).verdict, 'inconclusive');
  });

  it('refuses an empty side', () => {
    assert.throws(() => compareUnpaired([], [madeResult()]), /expected results on both sides, found 0 and 1/);
  });
});
