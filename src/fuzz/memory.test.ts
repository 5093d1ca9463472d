/**
 * A switch under hostile phones, and a driver under a hostile switch, both over `memory` and in virtual time: ten
 * thousand streams and connections. TEST_SEED repeats those of a run that failed; `npm run fuzz` has more.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { drawSeed } from './draws.test-suite.ts';
import { fuzzMemoryDriver } from './memory-driver.test-suite.ts';
import { fuzzMemorySwitch } from './memory-switch.test-suite.ts';

const MANY = 10_000;
const seed = drawSeed(process.env['TEST_SEED']);

describe('over memory', () => {
  it('a switch that is fuzzed serves others, and has everything back when all have gone', (test) => {
    test.diagnostic(`TEST_SEED=${seed}`);
    const { exchanged, violations, groupMessages, groupDeliveries } = fuzzMemorySwitch(seed, MANY);
    test.diagnostic(`${exchanged} messages of others meanwhile, ${violations} phones thrown out`);
    test.diagnostic(`${groupMessages} messages to groups, given to members ${groupDeliveries} times`);
    assert.ok(exchanged > 100 && violations > MANY / 20);
    assert.ok(groupMessages > MANY / 100 && groupDeliveries > MANY / 10);
  });

  it('the phones of a driver that is fuzzed come back when the switch behaves', (test) => {
    test.diagnostic(`TEST_SEED=${seed}`);
    const { connections, worlds, groupChanges } = fuzzMemoryDriver(seed, MANY);
    test.diagnostic(`${connections} connections in ${worlds} worlds, ${groupChanges} joins and leaves`);
    assert.ok(connections >= MANY);
    assert.ok(groupChanges > 100);
  });
});
