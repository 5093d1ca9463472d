/** The model of mobile networks, packet by packet in virtual time, against what its settings promise. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { VirtualClock } from '../../../simulate/world/virtual-clock.ts';
import { Outages } from '../../../wire/outages.ts';
import { LinkEnd, NO_FAULTS } from '../faulty-link.test-suite.ts';
import { JITTERS_MAX, NetworkCounter, type NetworkLink, NO_NETWORK, QUEUE_MICROS_MAX } from './network-link.ts';
import { NetworkPort, type NetworkSettings } from './network-port.ts';

const PHONES = 4;
const TICK_MICROS = 100;
const PACKET_BYTES_MAX = 1500;
const HEADER_BYTES = 40;
const NO_OUTAGES = new Outages(1, 1, []);

interface Arrival {
  readonly number: number;
  readonly phone: number;
  readonly atMicros: number;
}

/** Phones on one side, whose packets go through the network, and their peer on the other. */
class Wire {
  readonly clock = new VirtualClock();
  readonly network: NetworkPort;
  readonly #peer: LinkEnd;

  constructor(link: Partial<NetworkLink>, settings: Partial<NetworkSettings> = {}) {
    const link0 = { faults: NO_FAULTS, seed: 1, packetBytesMax: PACKET_BYTES_MAX, needsChecksums: false };
    const [port, peer] = LinkEnd.pair(link0, this.clock);
    this.#peer = peer;
    this.network = new NetworkPort(
      {
        links: [{ ...NO_NETWORK, ...link }],
        linkOf: new Uint8Array(PHONES),
        outages: NO_OUTAGES,
        packetsHeldMax: 4096,
        seed: 1,
        lane: 0,
        ...settings,
      },
      { port, clock: this.clock, phoneOf: (_, number) => number, phoneAt: (row) => row },
    );
  }

  /** Sends a packet, from the phone or to it, that carries its number. */
  send(isUp: boolean, phone: number, number: number, bytes: number): void {
    const packet = new Uint8Array(bytes).fill(number & 0xff);
    const view = new DataView(packet.buffer);
    view.setUint8(0, 0x45);
    view.setUint8(9, 6);
    view.setUint16(isUp ? 20 : 22, phone);
    view.setUint32(24, number);
    if (!isUp) {
      this.#peer.send(packet);
      return;
    }
    new Uint8Array(this.network.output.buffer).set(packet, this.network.claim());
    this.network.commit(bytes);
  }

  /** What arrives until this time, wherever it was sent to. */
  until(micros: number): Arrival[] {
    const arrivals: Arrival[] = [];
    const note = (view: DataView, start: number, bytes: number): void => {
      const [up, down] = [view.getUint16(start + 20), view.getUint16(start + 22)];
      const number = view.getUint32(start + 24);
      const tail = new Uint8Array(view.buffer, start + HEADER_BYTES, bytes - HEADER_BYTES);
      assert.ok(
        tail.every((byte) => byte === (number & 0xff)),
        'a packet arrives as it was sent',
      );
      arrivals.push({ number, phone: up + down, atMicros: this.clock.nowMicros() });
    };
    for (;;) {
      const arrived = this.network.exchange();
      for (let n = 0; n < arrived; n++) note(this.network.input, this.network.start(n), this.network.bytes(n));
      const left = this.#peer.exchange();
      for (let n = 0; n < left; n++) note(this.#peer.input, this.#peer.start(n), this.#peer.bytes(n));
      if (arrived > 0 || left > 0 || this.network.hasInput()) continue;
      const wait = this.network.untilDueMicros(micros - this.clock.nowMicros());
      if (this.clock.nowMicros() >= micros) return arrivals;
      this.clock.advance(Math.max(1, wait));
    }
  }

  counter(name: keyof typeof NetworkCounter, link = 0): number {
    return this.network.linkCounters[link]?.[NetworkCounter[name]] ?? -1;
  }
}

/** Five standard deviations of a count of `n` independent events of this probability. */
const within = (n: number, share: number): number => 5 * Math.sqrt(n * share * (1 - share)) + 1;

const seeds = fc.integer({ min: 1, max: 1e6 });
const shares = fc.constantFrom(0.005, 0.05, 0.3);

describe('a network of phones', () => {
  it('loses, doubles and reorders the share of packets that it is told to, each by itself', () => {
    const N = 4000;
    const property = fc.property(shares, shares, shares, fc.boolean(), seeds, (loss, twice, late, isUp, seed) => {
      const link = { lossShare: loss, duplicatedShare: twice, reorderedShare: late, roundTripMicros: 2000 };
      const wire = new Wire(link, { seed });
      const arrivals: Arrival[] = [];
      for (let n = 0; n < N; n++) {
        wire.send(isUp, n % PHONES, n, HEADER_BYTES + (n % 200));
        if (n % 64 === 63) arrivals.push(...wire.until(wire.clock.nowMicros() + 100));
      }
      arrivals.push(...wire.until(wire.clock.nowMicros() + 1e6));
      const lost = wire.counter('lost');
      const kept = N - lost;
      assert.equal(wire.counter('packets'), N);
      assert.ok(Math.abs(lost - loss * N) <= within(N, loss), `${lost} of ${N} lost`);
      const doubled = wire.counter('duplicated');
      assert.ok(Math.abs(doubled - twice * kept) <= within(kept, twice), `${doubled} doubled`);
      const reordered = wire.counter('reordered');
      assert.ok(Math.abs(reordered - late * kept) <= within(kept, late), `${reordered} reordered`);
      assert.equal(arrivals.length, kept + doubled, 'every other packet arrives, and doubled ones twice');
      assert.equal(new Set(arrivals.map(({ number }) => number)).size, kept);
    });
    fc.assert(property, { numRuns: 12 });
  });

  it('loses packets in bursts of the mean duration, whatever time is between packets', () => {
    const N = 12_000;
    const property = fc.property(
      fc.constantFrom(0.05, 0.2),
      fc.constantFrom(2000, 20_000),
      fc.constantFrom(500, 4000),
      seeds,
      (burstLossShare, burstMicros, gapMicros, seed) => {
        const wire = new Wire({ burstLossShare, burstMicros }, { seed });
        const got = new Uint8Array(N);
        for (let n = 0; n < N; n++) {
          wire.send(true, 1, n, HEADER_BYTES);
          for (const { number } of wire.until(wire.clock.nowMicros() + gapMicros)) got[number] = 1;
        }
        const lost = got.reduce((sum, one) => sum + 1 - one, 0);
        const bursts = got.reduce((sum, one, n) => sum + (one === 0 && got[n - 1] !== 0 ? 1 : 0), 0);
        assert.equal(wire.counter('lostInBursts'), lost);
        // The state at one packet and at the next: a chain in which runs of losses are geometric.
        const kept = Math.exp(-gapMicros / (burstMicros * (1 - burstLossShare)));
        const mean = 1 / ((1 - burstLossShare) * (1 - kept));
        assert.ok(Math.abs(lost / bursts / mean - 1) < 5 / Math.sqrt(bursts), `${lost / bursts} in a row, not ${mean}`);
        const spread = 5 * Math.sqrt((burstLossShare * (1 + kept)) / (1 - kept) / N);
        assert.ok(Math.abs(lost / N - burstLossShare) < spread, `${lost / N} lost, not ${burstLossShare}`);
      },
    );
    fc.assert(property, { numRuns: 10 });
  });

  it('delays by half of the round trip and by jitter, exponentially distributed, and keeps the order of each phone', () => {
    const N = 2000;
    const [roundTripMicros, jitterMicros] = [80_000, 20_000];
    for (const isUp of [true, false]) {
      const wire = new Wire({ roundTripMicros, jitterMicros });
      const sent: number[] = [];
      const arrivals: Arrival[] = [];
      for (let n = 0; n < N; n++) {
        sent.push(wire.clock.nowMicros());
        wire.send(isUp, n % PHONES, n, HEADER_BYTES);
        arrivals.push(...wire.until(wire.clock.nowMicros() + 200_000)); // apart, so that none waits for another
      }
      const delays = arrivals.map(({ number, atMicros }) => atMicros - (sent[number] ?? 0) - roundTripMicros / 2);
      assert.ok(delays.every((delay) => delay >= 0 && delay <= JITTERS_MAX * jitterMicros + TICK_MICROS));
      const mean = delays.reduce((sum, one) => sum + one, 0) / delays.length;
      assert.ok(Math.abs(mean / (jitterMicros + TICK_MICROS / 2) - 1) < 5 / Math.sqrt(N), `mean jitter ${mean} µs`);
      const above = delays.filter((delay) => delay > jitterMicros * Math.LN2).length;
      assert.ok(Math.abs(above - N / 2) < within(N, 0.5) + N / 100, `${above} above the median`);
    }
  });

  it('keeps packets of each phone in order, however late they are, where no reordering is asked for', () => {
    const gaps = fc.array(fc.record({ phone: fc.nat({ max: PHONES - 1 }), gap: fc.constantFrom(0, 50, 3000) }), {
      minLength: 20,
      maxLength: 200,
    });
    const links = fc.record({
      roundTripMicros: fc.constantFrom(0, 500, 600_000),
      jitterMicros: fc.constantFrom(0, 100, 50_000),
      lossShare: fc.constantFrom(0, 0.1),
      downBitsPerSecond: fc.constantFrom(Number.POSITIVE_INFINITY, 100_000),
    });
    const property = fc.property(links, gaps, seeds, fc.boolean(), (link, plan, seed, isUp) => {
      const wire = new Wire(link, { seed });
      const arrivals: Arrival[] = [];
      plan.forEach(({ phone, gap }, n) => {
        wire.send(isUp, phone, n, HEADER_BYTES + (n % 100));
        arrivals.push(...wire.until(wire.clock.nowMicros() + gap));
      });
      arrivals.push(...wire.until(wire.clock.nowMicros() + 6e6));
      assert.equal(arrivals.length, plan.length - wire.counter('lost') - wire.counter('droppedByQueue'));
      for (let phone = 0; phone < PHONES; phone++) {
        const numbers = arrivals.filter((one) => one.phone === phone).map(({ number }) => number);
        assert.deepEqual(
          numbers,
          [...numbers].sort((a, b) => a - b),
        );
      }
    });
    fc.assert(property, { numRuns: 60 });
  });

  it('carries no more than its bandwidth, in a queue that drops what would wait too long', () => {
    const [bits, bytes, packets] = [80_000, 1000, 100]; // 0.1 s each
    for (const isUp of [true, false]) {
      const wire = new Wire(isUp ? { upBitsPerSecond: bits } : { downBitsPerSecond: bits });
      for (let n = 0; n < packets; n++) wire.send(isUp, 0, n, bytes);
      const arrivals = wire.until(wire.clock.nowMicros() + 5e6);
      const apart = (bytes * 8 * 1e6) / bits;
      assert.equal(arrivals.length, Math.floor(QUEUE_MICROS_MAX / apart) + 1, 'the first finds no queue');
      assert.equal(wire.counter('droppedByQueue'), packets - arrivals.length);
      for (const [n, { atMicros }] of arrivals.entries())
        assert.ok(Math.abs(atMicros - (n + 1) * apart) <= TICK_MICROS);
      // The queue is empty now, and the other way is another.
      wire.send(isUp, 0, packets, bytes);
      wire.send(!isUp, 0, packets + 1, bytes);
      assert.deepEqual(
        wire.until(wire.clock.nowMicros() + 5e6).map(({ number }) => number),
        [packets + 1, packets],
      );
    }
  });

  it('holds a bounded number of packets, drops others and has room again when they have arrived', () => {
    const packetsHeldMax = 64;
    const wire = new Wire({ roundTripMicros: 1e6 }, { packetsHeldMax });
    for (let n = 0; n < 100; n++) wire.send(true, n % PHONES, n, 128);
    assert.equal(wire.counter('droppedForRoom'), 36);
    assert.equal(wire.until(2e6).length, packetsHeldMax);
    for (let n = 0; n < 100; n++) wire.send(n % 2 === 0, n % PHONES, n, 1500);
    const blocks = Math.ceil(1500 / 128);
    assert.equal(wire.until(9e6).length, Math.floor(packetsHeldMax / blocks), 'a long packet takes several places');
  });

  it('cuts off phones of an outage both ways, from its start to its end', () => {
    const outages = new Outages(11, 2, [{ atMicros: 1e6, durationMicros: 1e6, kind: 'cells', share: 0.5 }]);
    const phones = Array.from({ length: PHONES }, (_, phone) => phone);
    const cutOff = phones.filter((phone) => outages.hits(0, phone));
    assert.ok(cutOff.length > 0 && cutOff.length < PHONES, 'a seed by which some are hit');
    const wire = new Wire({}, { outages });
    const all = (): number[] => {
      phones.forEach((phone) => {
        wire.send(true, phone, phone, HEADER_BYTES);
        wire.send(false, phone, phone, HEADER_BYTES);
      });
      return wire.until(wire.clock.nowMicros() + 1000).map(({ phone }) => phone);
    };
    wire.clock.advance(5e6);
    assert.equal(all().length, 2 * PHONES, 'traffic has not started');
    wire.network.startTraffic(wire.clock.nowMicros());
    wire.clock.advance(1e6);
    const during = all();
    assert.equal(during.length, 2 * (PHONES - cutOff.length), 'the outage begins a second after the start of traffic');
    assert.ok(during.every((phone) => !cutOff.includes(phone)));
    assert.equal(wire.counter('lostInOutages'), 2 * cutOff.length);
    wire.clock.advance(1e6);
    assert.equal(all().length, 2 * PHONES);
  });

  it('does the same with the same seed, and something else with another or in another lane', () => {
    const link = {
      roundTripMicros: 50_000,
      jitterMicros: 10_000,
      lossShare: 0.1,
      burstLossShare: 0.05,
      burstMicros: 10_000,
      reorderedShare: 0.1,
      duplicatedShare: 0.1,
    };
    const arrivals = (settings: Partial<NetworkSettings>): string => {
      const wire = new Wire(link, settings);
      for (let n = 0; n < 300; n++) wire.send(n % 3 === 0, n % PHONES, n, HEADER_BYTES + n);
      return JSON.stringify(wire.until(3e6));
    };
    assert.equal(arrivals({ seed: 5 }), arrivals({ seed: 5 }));
    assert.notEqual(arrivals({ seed: 5 }), arrivals({ seed: 6 }));
    assert.notEqual(arrivals({ seed: 5 }), arrivals({ seed: 5, lane: 1 }));
  });

  it('lets packets through that name no phone, whatever they contain', () => {
    const wire = new Wire({ lossShare: 1 });
    const property = fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (bytes) => {
      const isOfPhone = (bytes[9] ?? 0) === 6;
      if (isOfPhone) return;
      new Uint8Array(wire.network.output.buffer).set(bytes, wire.network.claim());
      const before = wire.network.counters[0] ?? 0;
      wire.network.commit(bytes.length);
      wire.network.flush();
      assert.equal(wire.network.counters[0], before + 1);
    });
    fc.assert(property, { numRuns: 200 });
  });
});
