/** The key memory.pages reaches each thread whose tables it is about: what its large tables are advised to lie on. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { currentEpochNanos } from '../../measure/monotonic-clock.ts';
import { Linux, loadSystemCalls, whyNoSystemCalls } from '../../transport/tcp/system/system-calls.ts';
import { RunThreads } from '../sides/run-threads.ts';
import { scriptedPlan } from '../sides/scripted-sides.test-suite.ts';
import { loadEnds } from './ends/thread-ends.ts';
import { makeLane } from './make-lane.ts';
import { makeShard } from './make-shard.ts';
import { RunMemory } from './memory/run-memory.ts';

/** Enough for tables of more than 64 MiB on both sides. Nobody touches their rows, so they take no memory. */
const PHONES = '8M';
/** Enough for a table of more than 64 MiB. */
const RECALLED_ACCOUNTS = 17 * 2 ** 20;
const ADVICES = {
  huge: Linux.MADV_HUGEPAGE,
  auto: Linux.MADV_HUGEPAGE,
  base: Linux.MADV_NOHUGEPAGE,
} as const;

describe('memory.pages', { skip: whyNoSystemCalls() ?? false }, () => {
  for (const [pages, expected] of Object.entries(ADVICES)) {
    it(`${pages} is what the large tables of a shard, a lane and their transport are advised to`, async (test) => {
      const { mock } = test.mock.method(loadSystemCalls(), 'adviseMemory');
      const plan = scriptedPlan(`memory.pages=${pages}`, `phones.count=${PHONES}`);
      const memory = RunMemory.allocate(plan.shape, null);
      const ends = await loadEnds(plan.settings.transport);
      const clock = ends.makeClock(currentEpochNanos());
      const place = { plan, memory, clock, index: 0, inheritedDescriptors: [], isCalibration: false };
      const advised = <T>(what: string, make: () => T): T => {
        mock.resetCalls();
        const made = make();
        const advices = mock.calls.map((call) => call.arguments[2]);
        assert.deepEqual([...new Set(advices)], [expected], `${what}: ${advices.length} tables`);
        return made;
      };
      const switchEnd = advised('the transport of the switch', () => ends.makeSwitchEnd(place));
      advised('the shard', () => makeShard(plan, memory, 0, clock, switchEnd));
      const phoneEnd = ends.makePhoneEnd(place);
      advised('the lane', () => makeLane(place, phoneEnd, { runTag: 1, isCalibration: false }));
    });

    it(`${pages} is what the newest ids of accounts are advised to, which the shards of a switch share`, (test) => {
      const { mock } = test.mock.method(loadSystemCalls(), 'adviseMemory');
      const plan = scriptedPlan(`memory.pages=${pages}`);
      const shape = { ...plan.shape, stores: 1, logRingBytes: 2 ** 13, recalledAccounts: RECALLED_ACCOUNTS };
      new RunThreads({ ...plan, shape }, { side: 'switch', isCalibration: false, epochNanos: currentEpochNanos() });
      assert.deepEqual(
        mock.calls.map((call) => call.arguments[2]),
        [expected],
      );
    });
  }
});
