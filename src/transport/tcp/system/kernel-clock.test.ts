import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KernelClock } from './kernel-clock.ts';
import { loadSystemCalls, whyNoSystemCalls } from './system-calls.ts';

describe('KernelClock', { skip: whyNoSystemCalls() ?? false }, () => {
  it('tells the same time as the clock of the controller', () => {
    const epoch = process.hrtime.bigint() - 5_999_999_999n; // seconds and nanoseconds both borrow at some time
    const clock = new KernelClock(loadSystemCalls(), epoch.toString());
    for (let n = 0; n < 1000; n++) {
      const before = Number(process.hrtime.bigint() - epoch) / 1000;
      const now = clock.nowMicros();
      const after = Number(process.hrtime.bigint() - epoch) / 1000;
      assert.ok(before <= now && now <= after, `${before} <= ${now} <= ${after}`);
    }
  });
});
