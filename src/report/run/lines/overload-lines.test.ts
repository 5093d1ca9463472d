import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeResult } from '../../../analysis/comparison/made-results.test-suite.ts';
import type { Result } from '../../../result/result-schema.ts';
import type { Overload } from '../../../result/sections/overload-schema.ts';
import { overloadSection } from '../../html/run/sections/overload-section.ts';
import { runVerdict } from '../run-verdict.ts';
import { overloadLines } from './overload-lines.ts';

const NONE = { count: 0, shardSeconds: 0, firstSeconds: null, lastSeconds: null };
const OVERLOAD: Overload = {
  delayMicros: 50_000,
  workMicrosPerMessage: 500,
  withinMicros: 500_000,
  offeredPerSecond: 6000,
  goodputPerSecond: 1950,
  refusedPerSecond: 4050,
  shed: [
    { kind: 'presence', count: 7, shardSeconds: 9, firstSeconds: 2.5, lastSeconds: 12 },
    { kind: 'typing', ...NONE },
    { kind: 'logins', ...NONE },
    { kind: 'messages', count: 40_500, shardSeconds: 3, firstSeconds: 3, lastSeconds: 11.5 },
  ],
};
const made = madeResult();
const result: Result = {
  ...made,
  validity: { ...made.validity, isValid: true, isComplete: true, ended: 'complete', guards: [] },
  overload: OVERLOAD,
  integrity: { ...made.integrity, isSound: true, sent: 60_000, rejected: 40_500 },
  counters: { ...made.counters, driver: { rejectedOverloaded: 40_500 } },
};

describe('an overloaded run', () => {
  it('says what was delivered in time, what bounds the wait, and what was shed', () => {
    assert.deepEqual(overloadLines(result), [
      'goodput 1.95k/s (32.5 %) of 6.00k/s offered, delivered within 500 ms; 4.05k/s refused',
      'input waits at most 50.0 ms; each message costs its shard 500 µs of work',
      '7 presence notices deferred, from 2.5 s to 12.0 s, 9.0 s summed over the shards',
      '40,500 messages refused, from 3.0 s to 11.5 s, 3.0 s summed over the shards',
    ]);
    assert.deepEqual(overloadLines({ ...result, overload: null }), []);
    // Only that there are some matters here, and how many went to the hot account.
    const groups = {} as Result['groups'];
    const misfits = { hotMessagesSent: 5 } as Result['misfits'];
    const omits = /essages to groups and messages to the hot account are among those offered, but not in goodput/;
    assert.match(overloadLines({ ...result, groups, misfits })[1] ?? '', omits);
    assert.match(overloadSection({ ...result, groups, misfits })[0]?.html.text ?? '', omits);
    const unbounded = { ...OVERLOAD, delayMicros: null, workMicrosPerMessage: 0, goodputPerSecond: null, shed: [] };
    assert.deepEqual(overloadLines({ ...result, overload: unbounded }), [
      'goodput not measured',
      'nothing is shed: input may wait without limit',
    ]);
  });

  it('is valid, and its verdict names what was refused', () => {
    const said =
      / The switch was overloaded and refused 40,500 messages, 67\.5 % of those sent; their senders were told\.$/;
    assert.match(runVerdict(result).sentence, said);
    const failed = { ...result, thresholds: [{ ...thresholdOf(), passed: false }] };
    assert.match(runVerdict(failed).sentence, said);
    assert.doesNotMatch(runVerdict({ ...result, counters: made.counters }).sentence, /overloaded/);
  });

  it('has a section of its own on the page', () => {
    const [section] = overloadSection(result);
    const html = section?.html.text.replaceAll(/<\/?span[^>]*>/g, '') ?? '';
    assert.match(html, /delivered within 500 ms \(goodput\)<\/th><td>1\.95k\/s/);
    assert.match(html, /messages refused<\/th><td>40,500<\/td><td>3\.0 s<\/td><td>11\.5 s<\/td><td>3\.0 s/);
    assert.match(html, /typing notices dropped<\/th><td>0<\/td><td>–/);
    assert.deepEqual(overloadSection({ ...result, overload: null }), []);
  });
});

function thresholdOf(): Result['thresholds'][number] {
  return { metric: 'integrity.lost', expression: 'value==0', figure: 1, isMore: false, passed: false, reason: null };
}
