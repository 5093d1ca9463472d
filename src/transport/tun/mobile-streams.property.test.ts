/** The TCP of phones on mobile networks, in virtual time: every byte arrives once and in order. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { Outages } from '../../wire/outages.ts';
import { Journal, send } from '../transport-pair.test-suite.ts';
import { NO_NETWORK } from './network/network-link.ts';
import { type TunEnds, tunEnds } from './tun-ends.test-suite.ts';

const PHONES = 8;
const BLOCKS = 12;
const VIRTUAL_MICROS_MAX = 3600e6;

const links = fc.record({
  roundTripMicros: fc.constantFrom(0, 60_000, 600_000),
  jitterMicros: fc.constantFrom(0, 5000, 60_000),
  lossShare: fc.constantFrom(0, 0.05, 0.2),
  burstLossShare: fc.constantFrom(0, 0.05),
  burstMicros: fc.constantFrom(20_000, 500_000),
  reorderedShare: fc.constantFrom(0, 0.05),
  duplicatedShare: fc.constantFrom(0, 0.01, 0.1),
  downBitsPerSecond: fc.constantFrom(Number.POSITIVE_INFINITY, 240_000),
  upBitsPerSecond: fc.constantFrom(Number.POSITIVE_INFINITY, 64_000),
});

/** A turn of both ends; virtual time passes where they have nothing to do. */
function turn(ends: TunEnds, ofPhones: Journal, ofShard: Journal): void {
  const { phones, shard, network, clock } = ends;
  const done = phones.poll(ofPhones, 64) + shard.poll(ofShard, 64);
  phones.flush();
  shard.flush();
  if (done > 0 || phones.hasInput() || shard.hasInput()) return;
  const until = Math.min(phones.untilDueMicros(1e6), shard.untilDueMicros(1e6));
  clock.advance(Math.max(100, network?.untilDueMicros(until) ?? until));
}

it('delivers all bytes once and in order over any network, with an outage in between', () => {
  const property = fc.property(links, fc.integer({ min: 1, max: 1e6 }), fc.boolean(), (link, seed, hasOutage) => {
    const outage = { atMicros: 500_000, durationMicros: 3e6, kind: 'cells', share: 1 } as const;
    const ends = tunEnds({
      network: {
        links: [{ ...NO_NETWORK, ...link }],
        linkOf: new Uint8Array(PHONES),
        outages: new Outages(seed, 1, hasOutage ? [outage] : []),
        packetsHeldMax: 4096,
        seed,
        lane: 0,
      },
    });
    const [ofPhones, ofShard] = [new Journal(), new Journal()];
    const pass = (micros: number): void => {
      for (const end = ends.clock.nowMicros() + micros; ends.clock.nowMicros() < end; ) turn(ends, ofPhones, ofShard);
    };
    for (let phone = 0; phone < PHONES; phone++) ends.phones.connect(0, phone);
    const isOpen = (phone: number): boolean => ofPhones.connections.has(phone);
    const isOver = (phone: number): boolean => isOpen(phone) || ofPhones.lines.includes(`refused ${phone} 14`);
    const all = Array.from({ length: PHONES }, (_, phone) => phone);
    while (!all.every(isOver)) turn(ends, ofPhones, ofShard);
    const online = all.filter(isOpen);
    ends.network?.startTraffic(ends.clock.nowMicros());
    for (let block = 0; block < BLOCKS; block++) {
      for (const phone of online)
        send(
          ends.phones,
          ofPhones.connections.get(phone) ?? 0,
          Array.from({ length: 90 }, (_, i) => phone * 16 + i + block),
        );
      pass(100_000);
    }
    const expected = (phone: number): string =>
      Array.from({ length: BLOCKS * 90 }, (_, n) => (phone * 16 + (n % 90) + Math.floor(n / 90)) & 0xff).join();
    const end = ends.clock.nowMicros() + VIRTUAL_MICROS_MAX;
    const received = (): number => [...ofShard.received.values()].reduce((sum, { length }) => sum + length, 0);
    while (received() < online.length * BLOCKS * 90 && ends.clock.nowMicros() < end) turn(ends, ofPhones, ofShard);
    const streams = [...ofShard.received.values()].map((bytes) => bytes.join());
    assert.deepEqual(streams.sort(), online.map(expected).sort());
  });
  fc.assert(property, { numRuns: 25 });
});
