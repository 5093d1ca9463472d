/** Names of runs, the hash of a scenario, and requests to pause. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PauseRequests } from '../control/pause-requests.ts';
import { runId } from './run-id.ts';
import { scenarioHash } from './scenario-hash.ts';

describe('the name of a run', () => {
  const at = (time: string): string => runId('million', new Date(time));

  it('begins with the start to the second, so that folders sort by time, and contains the scenario', () => {
    assert.match(at('2026-03-09T08:05:07.123Z'), /^20260309T080507Z-million-[0-9a-f]{4}$/);
    const times = ['2025-12-31T23:59:59.999Z', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:01.000Z'];
    const names = times.map(at);
    assert.deepEqual([...names].sort(), names);
  });

  it('is a single folder on every file system', () => {
    assert.doesNotMatch(at('2026-03-09T08:05:07.123Z'), /[/\\:*?"<>| ]/);
  });

  it('differs between runs that begin in the same second', () => {
    const names = new Set(Array.from({ length: 8 }, () => at('2026-03-09T08:05:07.123Z')));
    assert.ok(names.size > 4, 'the last part is random');
  });
});

describe('the hash of a scenario', () => {
  it('is that of SHA-256, the same for the same text and settings, and another for any change', () => {
    const written = { name: 'a', phones: { count: '1k' } };
    assert.equal(scenarioHash({}), '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
    assert.equal(scenarioHash(structuredClone(written)), scenarioHash(written));
    assert.notEqual(scenarioHash({ ...written, phones: { count: 1000 } }), scenarioHash(written));
    assert.notEqual(scenarioHash({ ...written, seed: 1 }), scenarioHash(written));
  });
});

describe('requests to pause', () => {
  it('reach whoever receives them now, and nobody where no load runs', () => {
    const pauses = new PauseRequests();
    const received: string[] = [];
    pauses.request();
    pauses.sendTo(() => received.push('first'));
    pauses.request();
    pauses.sendTo(() => received.push('second'));
    pauses.request();
    pauses.request();
    pauses.sendTo(null);
    pauses.request();
    assert.deepEqual(received, ['first', 'second', 'second']);
  });
});
