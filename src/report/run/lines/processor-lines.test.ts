import assert from 'node:assert/strict';
import { it } from 'node:test';
import { madeResult } from '../../../analysis/comparison/made-results.test-suite.ts';
import type { Result } from '../../../result/result-schema.ts';
import { PLAIN } from '../../text/palette.ts';
import { summarize } from '../summarize.ts';
import { summaryMarkdown } from '../summary-markdown.ts';

function withBusyShare(busyShare: number): Result {
  const made = madeResult();
  const thread = { waitShare: 0, cpuMicros: 1000, heapUsedBytes: 0, collections: 0, pauseMicros: 0, busyShare };
  const threads = [
    { ...thread, name: 'shard-0', role: 'shard' as const },
    { ...thread, name: 'lane-0', role: 'lane' as const },
  ];
  return { ...made, cpu: { ...made.cpu, threads } };
}

it('says beside processor time per message that a run far from saturated pays for waking up', () => {
  for (const write of [(result: Result) => summarize(result, null, PLAIN), summaryMarkdown]) {
    assert.match(write(withBusyShare(0.05)), /waking threads.*saturated/);
    assert.doesNotMatch(write(withBusyShare(0.9)), /waking threads/);
  }
});
