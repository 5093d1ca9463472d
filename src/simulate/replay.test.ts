import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Departure } from '../driver/state/lane-settings.ts';
import { Arrivals } from '../driver/terms/arrivals.ts';
import { DigestedWorld } from './event-digest.test-suite.ts';
import { smallWorld } from './small-world.test-suite.ts';

const SLICE_MICROS = 100_000;
const SLICES = 6;

/** A world with many faults: phones come and go, and mailboxes, rings and tables are small. */
function busyWorld(seed: number, departure: Departure): DigestedWorld {
  const world = new DigestedWorld(
    smallWorld({
      seed,
      ringBytes: 2 ** 17,
      inboxBytes: 2 ** 16,
      mailboxBlocks: 2 ** 10,
      lane: { messages: Arrivals.constant(30_000), sessionMicros: 300_000, departure, inFlightPlaces: 1024 },
      shard: { messagesPerAccount: 4, deliveryWindow: 2, questionsMax: 16 },
    }),
  );
  world.world.openLogins();
  world.world.startTraffic();
  return world;
}

function run(...worlds: readonly DigestedWorld[]): void {
  for (let slice = 0; slice < SLICES; slice++) for (const world of worlds) world.runFor(SLICE_MICROS);
}

describe('a simulated world', () => {
  for (const departure of ['logout', 'drop', 'vanish'] satisfies Departure[]) {
    it(`does the same again with the same seed, byte for byte (${departure})`, () => {
      const once = busyWorld(7, departure);
      run(once);
      assert.ok(once.events > 50_000, `${once.events} events`);
      assert.ok(once.world.driver('messagesRejected') > 0 && once.world.driver('departures') > 0, 'much went wrong');
      // Two worlds run alternately: if they shared any state, the other world would change the result.
      const [again, other] = [busyWorld(7, departure), busyWorld(8, departure)];
      run(again, other);
      assert.deepEqual(again.digests, once.digests);
      assert.equal(again.events, once.events);
      assert.equal(new Set([...other.digests, ...once.digests]).size, 2 * SLICES, 'another seed is another world');
    });
  }
});
