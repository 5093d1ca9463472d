import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TrunklineError } from '../../base/errors.ts';
import { madeResult } from './made-results.test-suite.ts';
import { DEFAULT_GATING_METRICS, metricNamed, RESULT_METRICS } from './result-metrics.ts';

describe('metrics', () => {
  it('read their figure from a result', () => {
    const result = madeResult({ bytesPerConnection: 41, cpuMicros: 2.5, completePerSecond: 9000, held: 77, lost: 3 });
    const read = (name: string): number | null => metricNamed(name).read(result);
    assert.equal(read('memory.switch.bytesPerConnection'), 41);
    assert.equal(read('cpu.switchMicrosPerMessage'), 2.5);
    assert.equal(read('cpu.switchToDriverRatio'), 2.5 / 3);
    assert.equal(read('throughput.completeMessagesPerSecond'), 9000);
    assert.equal(read('latency.delivery p(99)'), 2000);
    assert.equal(read('connections.held'), 77);
    assert.equal(read('integrity.lost'), 3);
  });

  it('read null where nothing was measured, also where integrity was not checked', () => {
    const result = madeResult({ cpuMicros: null, p99Micros: null });
    assert.equal(metricNamed('cpu.switchMicrosPerMessage').read(result), null);
    assert.equal(metricNamed('cpu.switchToDriverRatio').read(result), null);
    assert.equal(metricNamed('latency.receipt p(50)').read(result), null);
    assert.equal(metricNamed('memory.kernel.bytesPerConnection').read(result), null);
    const unchecked = { ...result, integrity: { ...result.integrity, isSound: null } };
    assert.equal(metricNamed('integrity.lost').read(unchecked), null);
  });

  it('count lost messages as lost, whichever way the account is off', () => {
    const result = madeResult();
    const found = { ...result, integrity: { ...result.integrity, lost: -2 } };
    assert.equal(metricNamed('integrity.lost').read(found), 2);
  });

  it('say the nearest name to a wrong one', () => {
    assert.throws(
      () => metricNamed('memory.switch.bytesPerConection'),
      (error) =>
        error instanceof TrunklineError &&
        error.code === 'METRIC_UNKNOWN' &&
        /there is no metric .*; did you mean "memory\.switch\.bytesPerConnection"\?/.test(error.message),
    );
  });

  it('have names of their own, and each gating one a smallest difference', () => {
    assert.equal(new Set(RESULT_METRICS.map(({ name }) => name)).size, RESULT_METRICS.length);
    assert.deepEqual(
      DEFAULT_GATING_METRICS.map((name) => metricNamed(name).smallestDifferenceShare),
      [0.02, 0.03, 0.05, 0.1, 0.05],
    );
    assert.ok(
      RESULT_METRICS.every(
        ({ kind, smallestDifferenceShare }) => (kind === 'exact') === (smallestDifferenceShare === 0),
      ),
    );
  });
});
