import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madePairs, madeResult } from '../../analysis/comparison/made-results.test-suite.ts';
import { pairEstimatesSoFar, runEstimatesSoFar } from './estimates-so-far.ts';

const BYTES = 'memory.switch.bytesPerConnection';

describe('the estimate of a series that goes on', () => {
  it('is a change without an interval while there are too few pairs, and with one as soon as there are enough', () => {
    const pairs = madePairs();
    const [few = ''] = pairEstimatesSoFar(pairs.slice(0, 2), { gating: [BYTES] });
    assert.match(
      few,
      /^memory\.switch\.bytesPerConnection: [+−]?\d\.\d % \(too few pairs for an interval\), 2 valid pairs$/,
    );
    const [enough = ''] = pairEstimatesSoFar(pairs, { gating: [BYTES] });
    assert.match(enough, /: [+−]?\d\.\d % \([+−]?\d\.\d % … [+−]?\d\.\d %\), 10 valid pairs$/);
    assert.match(pairEstimatesSoFar(pairs.slice(0, 1), { gating: [BYTES] })[0] ?? '', /1 valid pair$/);
  });

  it('counts valid runs only, and is nothing before there is one', () => {
    const invalid = { base: madeResult(), candidate: madeResult({ tripped: 'halves' }) };
    assert.deepEqual(pairEstimatesSoFar([], {}), []);
    assert.deepEqual(pairEstimatesSoFar([invalid], {}), []);
    assert.match(
      pairEstimatesSoFar([invalid, ...madePairs().slice(0, 3)], { gating: [BYTES] })[0] ?? '',
      /3 valid pairs$/,
    );
    assert.deepEqual(runEstimatesSoFar([madeResult({ tripped: 'halves' })]), []);
  });

  it('of runs of one side is their median and range', () => {
    const runs = [40, 44, 42].map((bytesPerConnection) => madeResult({ bytesPerConnection }));
    const lines = runEstimatesSoFar(runs);
    assert.ok(lines.includes(`${BYTES}: median 42.0 B, 40.0 B … 44.0 B, 3 valid`), lines.join('\n'));
    assert.ok(lines.length <= 5);
  });
});
