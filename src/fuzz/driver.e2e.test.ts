/**
 * `drive` against a switch that misbehaves, over each transport: it ends with a result that says so, whatever it is
 * told. TEST_SEED repeats the answers of a run that failed; `npm run fuzz` goes on for longer.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkLeftovers } from '../measure/leftovers.test-suite.ts';
import { whyNoSystemCalls } from '../transport/tcp/system/system-calls.ts';
import { drawSeed } from './draws.test-suite.ts';
import { fuzzDriver, PHONES } from './fuzz-driver.test-suite.ts';

const CONNECTIONS = 10_000;
const seed = drawSeed(process.env['TEST_SEED']);

describe('a driver that is fuzzed', () => {
  checkLeftovers();

  for (const transport of ['tcp', 'node-tcp', 'ws'] as const) {
    const skip = transport === 'tcp' && (whyNoSystemCalls() ?? false);
    it(`ends with a result over ${transport}`, { skip }, async (test) => {
      test.diagnostic(`TEST_SEED=${seed}`);
      const { connections, drives, seconds } = await fuzzDriver({
        transport,
        seed,
        connections: CONNECTIONS,
        drivesMax: 1,
      });
      test.diagnostic(`${connections} connections of ${drives} drives in ${seconds.toFixed(1)} s`);
      assert.ok(connections > PHONES / 2, `${connections} connections`);
    });
  }
});
