import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { triedCases } from '../base/tried-cases.test-suite.ts';
import { worldIntegrity } from './checks/world-integrity.ts';
import { CRASHES, CrashingWorld, type CrashSettings, PHONES } from './crashing-world.test-suite.ts';

const DRAIN_MICROS = 40e6;

const settings = fc.record({
  seed: fc.integer(),
  departure: fc.constantFrom(undefined, 'logout' as const, 'drop' as const, 'vanish' as const),
  isTight: fc.boolean(),
  hasDisk: fc.boolean(),
});

function check(crashSettings: CrashSettings): void {
  const told = JSON.stringify(crashSettings);
  const crashing = new CrashingWorld(crashSettings);
  const { world } = crashing;
  crashing.run();
  world.runUntil(() => world.driver('held') === PHONES && worldIntegrity(world).isSound === true, DRAIN_MICROS);
  const integrity = worldIntegrity(world);
  // Each message that was sent was answered, and either arrived once and in order, or waits in a mailbox, or was
  // refused.
  assert.equal(integrity.isSound, true, `${told}: ${JSON.stringify(integrity)}`);
  assert.equal(world.driver('held'), PHONES, `${told}: all phones are back`);
  assert.equal(world.driver('messagesUnanswered'), 0, told);
  assert.equal(crashing.used('open questions'), 0, told);
  assert.ok(world.driver('connectionsLostOther') > CRASHES * (PHONES / 10), `${told}: crashes cut phones off`);
  crashing.stop();
  assert.equal(crashing.used('sessions'), 0, `${told}: no row is left`);
  assert.equal(world.switch('sessions'), 0, told);
}

describe('shards that crash under traffic and start again from their logs', () => {
  it('lose nothing, deliver nothing twice or out of order, and keep nothing', () => {
    fc.assert(fc.property(settings, check), { numRuns: triedCases(10, 3) });
  });

  it('do the same again with the same seed, byte for byte', () => {
    const [once, again, other] = [7, 7, 8].map((seed) => {
      const crashing = new CrashingWorld({ seed, departure: 'drop', isTight: false, hasDisk: true });
      crashing.run();
      return crashing.digested;
    });
    assert.ok((once?.events ?? 0) > 10_000, `${once?.events} events`);
    assert.deepEqual(again?.digests, once?.digests);
    assert.notDeepEqual(other?.digests, once?.digests);
  });
});
