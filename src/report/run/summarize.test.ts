import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeResult } from '../../analysis/comparison/made-results.test-suite.ts';
import type { Result } from '../../result/result-schema.ts';
import type { Slope } from '../../result/sections/memory-schema.ts';
import { PLAIN } from '../text/palette.ts';
import { summarize } from './summarize.ts';
import { summaryMarkdown } from './summary-markdown.ts';

const REASON = 'not measurable at 4,000 connections; needs about 790k';
const UNMEASURABLE: Slope = {
  bytesPerConnection: null,
  lowBytesPerConnection: -7000,
  highBytesPerConnection: -5500,
  baseBytes: 1e6,
  isLinear: false,
  bytes: [],
  reason: REASON,
};

const linesOf = (result: Result): string[] => summarize(result, null, PLAIN).split('\n');

describe('the summary of a run', () => {
  it('names in its second line the first guard that tripped, its figure, its limit and what to change', () => {
    const made = madeResult({ tripped: 'halves' });
    const sentence = '5.21 % more or less, at most 5.00 %; measure longer (--set phases.measure=…)';
    const guards = made.validity.guards.map((guard) => ({ ...guard, sentence }));
    const [, second] = linesOf({ ...made, validity: { ...made.validity, guards } });
    assert.equal(second, `INVALID: halves: ${sentence}. Do not quote these figures.`);
  });

  it('has no figure of memory where there is none, and says how many connections it takes', () => {
    const made = madeResult();
    const memory = {
      ...made.memory,
      isSimulated: false,
      switch: { ...made.memory.switch, heap: UNMEASURABLE, rss: UNMEASURABLE },
      kernel: {
        ...UNMEASURABLE,
        reason: 'not measured: 900 sockets of other programs were opened or closed meanwhile',
      },
    };
    const result = { ...made, memory };
    const text = linesOf(result).join('\n');
    assert.match(text, /switch +40\.0 B.* +not measurable +not measurable\n/);
    assert.match(text, new RegExp(`switch heap, switch RSS: ${REASON}\n`));
    assert.match(text, /kernel, both ends here: not measured: 900 sockets of other programs.*\n/);
    assert.doesNotMatch(text, /-[\d,]+ B|not linear/, 'nothing is said of a slope that is none');
    const markdown = summaryMarkdown(result);
    assert.ok(markdown.includes(`| memory.switch.heap.bytesPerConnection | ${REASON} |`), markdown);
  });

  it('shows processor time of a whole side, and below it threads and runtime', () => {
    const made = madeResult({ cpuMicros: 130.1 });
    const threads: Result['cpu']['threads'] = (['shard', 'lane'] as const).map((role) => ({
      name: `${role}-0`,
      role,
      busyShare: role === 'shard' ? 0.2 : 0.6,
      waitShare: 0,
      cpuMicros: 1,
      heapUsedBytes: 0,
      collections: 3,
      pauseMicros: 900,
    }));
    const cpu = { ...made.cpu, threads, switchRuntimeMicrosPerMessage: 12.2, driverRuntimeMicrosPerMessage: 1 };
    const text = linesOf({ ...made, cpu }).join('\n');
    assert.match(text, /per message +all +threads +runtime +threads busy\n/);
    assert.match(text, /switch +130\.10 µs +117\.90 µs +12\.20 µs +20\.0 %\n/);
    assert.match(text, /driver +3\.00 µs +2\.00 µs +1\.00 µs +60\.0 %\n/);
    assert.doesNotMatch(text, /waking threads/, 'a busy thread is not woken for each message');
    const idle = threads.map((thread) => ({ ...thread, busyShare: 0.05 }));
    assert.match(linesOf({ ...made, cpu: { ...cpu, threads: idle } }).join('\n'), /the cost of waking threads/);
  });

  it('keeps what belongs to neither side apart, where both are one process', () => {
    const made = madeResult();
    const text = linesOf({ ...made, cpu: { ...made.cpu, sharedRuntimeMicrosPerMessage: 0.4 } }).join('\n');
    assert.match(text, /of neither side +0\.40 µs/);
  });
});
