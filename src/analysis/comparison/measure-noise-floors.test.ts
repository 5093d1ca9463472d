import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { detectableDifference } from '../../stats/detectable-difference.ts';
import { comparePairs } from './compare-pairs.ts';
import { madePairs, madeResult } from './made-results.test-suite.ts';
import { measureNoiseFloors } from './measure-noise-floors.ts';
import { type NoiseFloor, type NoiseFloors, parseNoiseFloors } from './noise-floors-schema.ts';
import type { Pair } from './usable-pairs.ts';

const BYTES = 'memory.switch.bytesPerConnection';
const measure = (pairs: readonly Pair[], confidence: number): NoiseFloors =>
  measureNoiseFloors(pairs, { confidence, plannedPairs: 10 });
const floorOf = ({ floors }: NoiseFloors, metric: string): NoiseFloor =>
  floors.find((floor) => floor.metric === metric) ?? assert.fail(metric);

describe('the noise floor', () => {
  it('is below the smallest difference on a quiet machine and above it on a noisy one', () => {
    const quiet = floorOf(measure(madePairs({ spreadShare: 0.003 }), 0.99), BYTES);
    assert.ok(quiet.isUsable, quiet.sentence);
    const noisy = floorOf(measure(madePairs({ spreadShare: 0.1 }), 0.99), BYTES);
    assert.ok(!noisy.isUsable && (noisy.floorShare ?? 0) > 0.02, noisy.sentence);
    assert.match(noisy.sentence, /above the smallest difference of 2\.00 %/);
  });

  it('rests on valid pairs, and says when they are too few', () => {
    const pairs = [...madePairs({ pairs: 6 }), { base: madeResult(), candidate: madeResult({ tripped: 'steady' }) }];
    assert.equal(floorOf(measure(pairs, 0.95), BYTES).pairs, 6);
    const few = floorOf(measure(madePairs({ pairs: 4 }), 0.95), BYTES);
    assert.deepEqual([few.floorShare, few.isUsable], [null, false]);
    assert.match(few.sentence, /need at least 6 pairs, found 4/);
  });

  it('says what more pairs would detect', () => {
    const [few, many] = [10, 40].map((plannedPairs) =>
      floorOf(measureNoiseFloors(madePairs(), { confidence: 0.95, plannedPairs }), BYTES),
    );
    const ratio = Math.log1p(few?.smallestDetectableShare ?? 0) / Math.log1p(many?.smallestDetectableShare ?? 0);
    assert.ok(Math.abs(ratio - 2) < 1e-9, 'four times the pairs, half the change');
    assert.match(many?.sentence ?? '', /40 pairs detect a change of about \d\.\d\d %/);
  });

  it('needs identical runs', () => {
    const changed = madePairs({ candidate: { written: { switch: { shards: 1 } } } });
    assert.throws(() => measure(changed, 0.95), /runs that differ in switch\.shards/);
    assert.throws(() => measure(madePairs({ candidate: { environment: { cores: 4 } } }), 0.95), /differ in cores/);
    assert.throws(() => measure([], 0.95), /found none/);
  });

  it('is read again as it was stored, and nothing else is', () => {
    const floors = measure(madePairs(), 0.95);
    assert.deepEqual(parseNoiseFloors(JSON.stringify(floors), 'floors.json'), floors);
    assert.throws(
      () => parseNoiseFloors('{"schema": "x"}', 'floors.json'),
      /^TrunklineError: floors\.json: not noise floors: schema/,
    );
    assert.throws(() => parseNoiseFloors('{', 'floors.json'), /floors\.json: not JSON/);
  });

  it('leaves out what no run measured, and counts', () => {
    const names = measure(madePairs(), 0.95).floors.map(({ metric }) => metric);
    assert.ok(!names.includes('memory.kernel.bytesPerConnection') && !names.includes('integrity.lost'));
  });

  it('foresees the change that is found four times in five', () => {
    const metric = 'throughput.completeMessagesPerSecond';
    const spreadShare = 0.02;
    // A pair's ratio has the noise of both sides, each with variance 2 (two exponential numbers).
    const detectable = Math.expm1(detectableDifference(spreadShare * 2, 1 / 12, 0.95));
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
