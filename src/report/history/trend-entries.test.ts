import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madePairs, madeResult } from '../../analysis/comparison/made-results.test-suite.ts';
import { trendEntries } from './trend-entries.ts';

const candidates = madePairs().map(({ candidate }) => candidate);

describe('trend entries', () => {
  it('have name, unit, value and range, and say what is simulated', () => {
    const entries = trendEntries(candidates, 'less');
    assert.deepEqual(
      entries.map(({ name, unit }) => [name, unit]),
      [
        ['memory.switch.bytesPerConnection (simulated)', 'B'],
        ['cpu.switchMicrosPerMessage (simulated)', 'µs'],
        ['latency.delivery p(99) (simulated)', 'µs'],
      ],
    );
    const [bytes] = entries;
    assert.ok(Math.abs((bytes?.value ?? 0) - 40) < 1);
    assert.match(bytes?.range ?? '', /^39\.\d+ to 4?[03]\d?\.?\d*, 95\.1 % interval of 10 runs$/);
    assert.deepEqual(Object.keys(bytes ?? {}), ['name', 'unit', 'value', 'range']);
  });

  it('keep the two directions apart', () => {
    assert.deepEqual(
      trendEntries(candidates, 'more').map(({ name }) => name),
      ['throughput.completeMessagesPerSecond (simulated)', 'connections.held (simulated)'],
    );
  });

  it('give the range of all runs where they are too few for an interval, and for counts', () => {
    const results = [40, 41, 42].map((bytesPerConnection) => madeResult({ bytesPerConnection }));
    const [entry] = trendEntries(results, 'less', ['memory.switch.bytesPerConnection']);
    assert.deepEqual([entry?.value, entry?.range], [41, '40 to 42, all of 3 runs']);
    const [lost] = trendEntries([madeResult()], 'less', ['integrity.lost']);
    assert.deepEqual([lost?.value, lost?.range, lost?.unit], [0, '0 to 0, all of 1 run', '']);
  });

  it('leave out invalid results and what was not measured', () => {
    assert.deepEqual(trendEntries([madeResult({ tripped: 'steady' })], 'less'), []);
    assert.deepEqual(trendEntries([madeResult({ cpuMicros: null })], 'less', ['cpu.switchMicrosPerMessage']), []);
  });
});
