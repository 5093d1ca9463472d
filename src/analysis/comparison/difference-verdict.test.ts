import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bandOf, judgeExact, judgeGain, overallVerdict, verdictWords } from './difference-verdict.ts';

const judge = (low: number, high: number, estimate = (low + high) / 2) => judgeGain({ low, high, estimate }, 0.05);

describe('a verdict', () => {
  it('is sure only where the whole interval is', () => {
    const band = bandOf(0.05);
    assert.equal(judge(band + 0.001, 0.3).verdict, 'improved');
    assert.equal(judge(-0.3, -band - 0.001).verdict, 'regressed');
    assert.equal(judge(-band, band).verdict, 'equivalent', 'the ends belong to the band');
    assert.deepEqual(judge(band, 0.3), { verdict: 'inconclusive', lean: 'better' });
    assert.deepEqual(judge(-0.3, 0.01), { verdict: 'inconclusive', lean: 'worse' });
    assert.deepEqual(judge(-0.3, 0.3), { verdict: 'inconclusive', lean: null });
  });

  it('mirrors when base and candidate change places', () => {
    const mirrored = { improved: 'regressed', regressed: 'improved', better: 'worse', worse: 'better' } as const;
    const mirror = (word: string | null) => (word !== null && word in mirrored ? mirrored[word as 'improved'] : word);
    const end = fc.double({ min: -0.5, max: 0.5, noNaN: true });
    fc.assert(
      fc.property(end, end, fc.double({ min: 0.001, max: 0.3, noNaN: true }), (one, other, smallest) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        const estimate = (low + high) / 2;
        const there = judgeGain({ low, high, estimate }, smallest);
        const back = judgeGain({ low: -high, high: -low, estimate: -estimate }, smallest);
        assert.deepEqual([back.verdict, back.lean], [mirror(there.verdict), mirror(there.lean)]);
      }),
    );
  });

  it('of exact counts needs every pair to say the same', () => {
    assert.equal(judgeExact([0, 0], [0, 0]), 'equivalent');
    assert.equal(judgeExact([0, 0], [0, 1]), 'regressed');
    assert.equal(judgeExact([2, 0], [1, 0]), 'improved');
    assert.equal(judgeExact([2, 0], [1, 1]), 'inconclusive');
  });

  it('of several metrics is the worst of them, and none is none', () => {
    assert.equal(overallVerdict(['improved', 'regressed', 'inconclusive']), 'regressed');
    assert.equal(overallVerdict(['regressed', 'invalid']), 'invalid');
    assert.equal(overallVerdict(['equivalent', 'inconclusive', 'improved']), 'inconclusive');
    assert.equal(overallVerdict(['equivalent', 'improved']), 'improved');
    assert.equal(overallVerdict([]), 'inconclusive');
  });

  it('is said with its lean', () => {
    assert.equal(verdictWords('inconclusive', 'worse'), 'inconclusive (leans worse)');
    assert.equal(verdictWords('equivalent', null), 'equivalent');
  });
});
