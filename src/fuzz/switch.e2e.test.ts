/**
 * A switch under hostile phones, over each transport: six thousand streams each (STREAMS). TEST_SEED repeats those of
 * a run that failed; `npm run fuzz` sends more.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkLeftovers } from '../measure/leftovers.test-suite.ts';
import { whyNoSystemCalls } from '../transport/tcp/system/system-calls.ts';
import { drawSeed } from './draws.test-suite.ts';
import { fuzzSwitch } from './fuzz-switch.test-suite.ts';
import { SWITCH_TARGETS } from './fuzz-targets.test-suite.ts';
import { GROWTH_MIB_MAX, HEAPS_GROWTH_MIB_MAX } from './memory-trend.test-suite.ts';

const STREAMS = 6_000;
const seed = drawSeed(process.env['TEST_SEED']);

describe('a switch that is fuzzed', () => {
  checkLeftovers();

  for (const target of SWITCH_TARGETS) {
    const skip = target.transport === 'tcp' && (whyNoSystemCalls() ?? false);
    it(`lives and serves others over ${target.name}`, { skip }, async (test) => {
      test.diagnostic(`TEST_SEED=${seed}`);
      const { exchanged, seconds, memory, heaps, end } = await fuzzSwitch({ target, seed, streams: STREAMS });
      test.diagnostic(`${STREAMS} streams in ${seconds.toFixed(1)} s, ${exchanged} messages of others meanwhile`);
      assert.ok(exchanged > 0, 'the polite pair wrote to each other');
      assert.deepEqual([end.code, end.cutConnections, end.queuedMessages], [0, 0, 0]);
      const refused = end.counters['violationsMalformed'] ?? 0;
      assert.ok(refused > STREAMS / 100, 'hostile phones were thrown out');
      for (const [trend, what, most] of [
        [memory, 'resident memory', GROWTH_MIB_MAX],
        [heaps, 'heaps', HEAPS_GROWTH_MIB_MAX],
      ] as const) {
        if (trend === null) continue;
        test.diagnostic(`${what} ${trend.earlyMib.toFixed(1)} MiB, then ${trend.growthMib.toFixed(1)} MiB more`);
        assert.ok(trend.growthMib < most, `${what} grew by ${trend.growthMib} MiB`);
      }
    });
  }
});
