/** A world in which messages are read: each receipt comes to the author of the message, once, or is accounted for. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Arrivals } from '../driver/terms/arrivals.ts';
import { worldIntegrity } from './checks/world-integrity.ts';
import { DigestedWorld } from './event-digest.test-suite.ts';
import { type Changes, PHONES, smallWorld } from './small-world.test-suite.ts';
import type { World } from './world/world.ts';

const AFTER_MICROS = 150_000;

function lived({ lane, shard, ...rest }: Changes = {}): { world: World; digest: string | undefined } {
  const digested = new DigestedWorld(
    smallWorld({
      online: PHONES,
      ...rest,
      lane: { messages: Arrivals.constant(5000), reads: { share: 0.4, afterMicros: AFTER_MICROS }, ...lane },
      shard: { ...shard },
    }),
  );
  const { world } = digested;
  world.openLogins();
  digested.runFor(100_000);
  world.startTraffic();
  digested.runFor(800_000);
  world.stopTraffic();
  digested.runFor(600_000);
  const integrity = worldIntegrity(world);
  assert.equal(integrity.isSound, true, JSON.stringify(integrity));
  return { world, digest: digested.digests.at(-1) };
}

/** What the switch took, less where it went: 0 if nothing is lost. */
function lostIn(world: World): number {
  const gone = ['readReceipts', 'readReceiptsUnwanted', 'readReceiptsDropped', 'readReceiptsQueued'] as const;
  return gone.reduce((left, name) => left - world.switch(name), world.switch('reads'));
}

describe('messages that are read', () => {
  it('are as many as the seed says, and all their authors hear of it, soon', () => {
    const { world, digest } = lived();
    const sent = world.driver('readsSent');
    // Of those delivered in the last 150 ms none is read before traffic stops.
    const expected = world.driver('messagesDelivered') * 0.4 * (1 - AFTER_MICROS / 800_000);
    assert.ok(sent > 1000 && Math.abs(sent / expected - 1) < 0.15, `${sent} of ${expected}`);
    assert.equal(world.driver('readReceipts'), sent);
    assert.deepEqual([world.switch('reads'), world.switch('readReceipts'), lostIn(world)], [sent, sent, 0]);
    assert.equal(world.driver('strangers'), 0);
    // About half of all pairs have both phones in one of two lanes.
    const timed = world.driver('readReceiptsTimed');
    assert.ok(timed > sent * 0.3 && timed < sent * 0.7, `${timed} of ${sent}`);
    const mean = world.driver('readReceiptMicros') / timed;
    assert.ok(mean > 100 && mean < 2000, `${mean} µs, in turns of 100 µs`);
    assert.equal(lived().digest, digest, 'the same seed makes the same world');
  });

  it('cost nothing where nobody reads: no frame, and no memory', () => {
    const world = new DigestedWorld(smallWorld()).world;
    assert.ok(world.lanes.every((lane) => lane.ledger().every(({ name }) => name !== 'messages to read')));
    const { world: reading } = lived();
    assert.ok(reading.lanes.every((lane) => lane.ledger().some(({ name }) => name === 'messages to read')));
  });

  it('by phones that come and go are told later or missed, and nothing is lost in the switch', () => {
    const { world } = lived({ lane: { sessionMicros: 1e6, awayMicros: 60_000 } });
    assert.ok(world.driver('readsMissed') > 20, 'readers were away');
    assert.ok(world.switch('readReceiptsStored') > 20, 'authors were away');
    assert.equal(lostIn(world), 0);
    const received = world.driver('readReceipts');
    // A phone that logs out does not wait for what is on its way.
    const onTheWay = world.switch('readReceipts') - received;
    assert.ok(
      received > 500 && onTheWay >= 0 && onTheWay < received / 50,
      `${onTheWay} of ${received} missed their phone`,
    );
    assert.equal(world.driver('strangers'), 0);
  });

  it('are told as well where mailboxes are small, or it is counted', () => {
    const { world } = lived({
      lane: { sessionMicros: 500_000, awayMicros: 200_000 },
      shard: { messagesPerAccount: 2 },
    });
    assert.ok(world.switch('readReceiptsDropped') > 0);
    assert.equal(lostIn(world), 0);
  });
});
