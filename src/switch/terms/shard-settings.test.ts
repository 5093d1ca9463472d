/** The times of a shard in ticks. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { autoTickMicros, longestTimeoutMicros, questionTicks, TIMEOUT_TICKS_MAX } from './shard-settings.ts';

const NEVER = Number.POSITIVE_INFINITY;
const timeouts = { heartbeatTimeoutMicros: 60e6, loginTimeoutMicros: 5e6, redeliveryMicros: 30e6 };

describe('the ticks of a shard', () => {
  it('are a 128th of the longest finite time-out, and whole microseconds', () => {
    assert.equal(longestTimeoutMicros(timeouts), 60e6);
    assert.equal(autoTickMicros(timeouts), 468_750);
    const silent = { ...timeouts, heartbeatTimeoutMicros: NEVER };
    assert.equal(longestTimeoutMicros(silent), 30e6, 'a time-out that never ends has no ticks');
    assert.equal(autoTickMicros(silent), 234_375);
    const short = { heartbeatTimeoutMicros: 50, loginTimeoutMicros: 20, redeliveryMicros: 10 };
    assert.equal(autoTickMicros(short), 1);
    assert.ok(longestTimeoutMicros(short) / autoTickMicros(short) <= TIMEOUT_TICKS_MAX);
  });

  it('count 8 seconds for a login and 32 for a message, rounded up, and never fewer than 4', () => {
    assert.deepEqual(questionTicks(1e6), { login: 8, message: 32 });
    assert.deepEqual(questionTicks(300_000), { login: 27, message: 107 });
    assert.deepEqual(questionTicks(1000), { login: 8000, message: 32_000 });
    assert.deepEqual(questionTicks(60e6), { login: 4, message: 4 });
  });
});
