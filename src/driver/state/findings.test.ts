import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DRIVER_COUNTERS, DriverCounter } from '../terms/driver-counters.ts';
import { Findings } from './findings.ts';

it('keeps the first eight of any number, and numbers as they are in the payload', () => {
  const findings = new Findings(new Float64Array(DRIVER_COUNTERS.length));
  for (let number = -3; number < 1000; number++) findings.count('gap', 1, 2, number);
  assert.deepEqual(
    findings.list.map(({ number }) => number),
    [2 ** 32 - 3, 2 ** 32 - 2, 2 ** 32 - 1, 0, 1, 2, 3, 4],
  );
  assert.deepEqual(findings.list[3], { kind: 'gap', sender: 1, recipient: 2, number: 0 });
});

it('counts all of them, each kind apart, and not what others count', () => {
  const counters = new Float64Array(DRIVER_COUNTERS.length);
  const findings = new Findings(counters);
  for (let n = 0; n < 20; n++) findings.count('duplicated', 1, 2, n);
  findings.count('gap', 1, 2, 30, 5);
  findings.count('reordered', 1, 2, 3);
  findings.count('corrupted', 1, 2, 3);
  findings.count('corrupted', 1, 2, 3);
  findings.count('stranger', 1, 2, 3);
  findings.note('stranger', 1, 2, 3);
  const expected = new Float64Array(DRIVER_COUNTERS.length);
  expected[DriverCounter.pairDuplicated] = 20;
  expected[DriverCounter.pairGaps] = 5;
  expected[DriverCounter.pairReordered] = 1;
  expected[DriverCounter.corrupted] = 2;
  expected[DriverCounter.strangers] = 1;
  assert.deepEqual(counters, expected);
});
