import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { comparePairs } from './comparison.ts';
import { madePairs, madeResult } from './made-results.test-suite.ts';
import { type NoiseFloor, noiseFloors, smallestDetectableShare } from './noise-floor.ts';

const BYTES = 'memory.switch.bytesPerConnection';
const floorOf = (floors: readonly NoiseFloor[], metric: string): NoiseFloor =>
  floors.find((floor) => floor.metric === metric) ?? assert.fail(metric);

describe('the noise floor', () => {
  it('is below the smallest difference on a quiet machine and above it on a noisy one', () => {
    const quiet = floorOf(noiseFloors(madePairs({ spreadShare: 0.003 }), 0.99), BYTES);
    assert.ok(quiet.isUsable, quiet.sentence);
    const noisy = floorOf(noiseFloors(madePairs({ spreadShare: 0.1 }), 0.99), BYTES);
    assert.ok(!noisy.isUsable && (noisy.floorShare ?? 0) > 0.02, noisy.sentence);
    assert.match(noisy.sentence, /above the smallest difference of 2\.00 %/);
  });

  it('rests on valid pairs, and says when they are too few', () => {
    const pairs = [...madePairs({ pairs: 6 }), { base: madeResult(), candidate: madeResult({ tripped: 'steady' }) }];
    assert.equal(floorOf(noiseFloors(pairs, 0.95), BYTES).pairs, 6);
    const few = floorOf(noiseFloors(madePairs({ pairs: 4 }), 0.95), BYTES);
    assert.deepEqual([few.floorShare, few.isUsable], [null, false]);
    assert.match(few.sentence, /need at least 6 pairs, found 4/);
  });

  it('leaves out what no run measured, and counts', () => {
    const names = noiseFloors(madePairs(), 0.95).map(({ metric }) => metric);
    assert.ok(!names.includes('memory.kernel.bytesPerConnection') && !names.includes('integrity.lost'));
  });

  it('foresees the change that is found four times in five', () => {
    const metric = 'throughput.completeMessagesPerSecond';
    const spreadShare = 0.02;
    // A pair's ratio has the noise of both sides, each with variance 2 (two exponential numbers).
    const detectable = smallestDetectableShare(spreadShare * 2, 1 / 12, 0.95);
    const rounds = 200;
    let found = 0;
    for (let seed = 0; seed < rounds; seed++) {
      const made = madePairs({ pairs: 12, seed: 100 + seed, spreadShare, completeRatio: 1 + detectable });
      const row = comparePairs(made, { gating: [metric], described: [] }).rows[0];
      if ((row?.lowShare ?? 0) > 0) found++;
    }
    // Seeds are fixed; heavy tails suit rank tests better than the normal noise of the formula.
    assert.ok(found > 0.7 * rounds && found < 0.97 * rounds, `${found} of ${rounds}`);
  });
});
