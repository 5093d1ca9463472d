/** A world whose phones have mutual contacts of log-normal number: every message is checked, and in order. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { driverCounters, worldIntegrity } from './checks/world-integrity.ts';
import { DigestedWorld } from './event-digest.test-suite.ts';
import { smallWorld } from './small-world.test-suite.ts';
import type { World } from './world/world.ts';

const CONTACTS = { distribution: 'lognormal', median: 30, sigma: 1, max: 300, choice: 'zipf' } as const;

function busy(): { world: World; digest: string | undefined } {
  const digested = new DigestedWorld(smallWorld({ lane: { contacts: CONTACTS, sessionMicros: 1e6 } }));
  const { world } = digested;
  world.openLogins();
  digested.runFor(100_000);
  world.startTraffic();
  digested.runFor(800_000);
  world.stopTraffic();
  digested.runFor(500_000);
  return { world, digest: digested.digests.at(-1) };
}

it('loses, doubles and reorders nothing, and tells which share of the order it could check', () => {
  const { world, digest } = busy();
  const integrity = worldIntegrity(world);
  assert.equal(integrity.isSound, true, JSON.stringify(integrity));
  assert.ok(integrity.sent > 10_000 && integrity.strangers === 0);
  const counters = driverCounters(world);
  assert.equal((counters['pairsChecked'] ?? 0) + (counters['pairsUnknown'] ?? 0), integrity.delivered);
  assert.ok((integrity.orderCheckedShare ?? 0) > 0.8, `${integrity.orderCheckedShare}`);
  assert.equal(busy().digest, digest, 'the same seed makes the same world');
});
