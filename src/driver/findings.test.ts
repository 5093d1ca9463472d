import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Findings } from './findings.ts';

it('keeps the first eight of any number, and numbers as they are in the payload', () => {
  const findings = new Findings();
  for (let number = -3; number < 1000; number++) findings.add('gap', 1, 2, number);
  assert.deepEqual(
    findings.list.map(({ number }) => number),
    [2 ** 32 - 3, 2 ** 32 - 2, 2 ** 32 - 1, 0, 1, 2, 3, 4],
  );
  assert.deepEqual(findings.list[3], { kind: 'gap', sender: 1, recipient: 2, number: 0 });
});
