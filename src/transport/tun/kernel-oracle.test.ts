/**
 * The TCP of the phones against the kernel's over a device, with faults put in both ways: every byte arrives once and
 * in order, and what both send again is little more than what was thrown away.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { nextBelow, RANDOM_STATE_WORDS, seedRandom } from '../../base/pseudo-random.ts';
import { kernelCounters } from '../../measure/kernel-counters.ts';
import { currentEpochNanos } from '../../measure/monotonic-clock.ts';
import { Outages } from '../../wire/outages.ts';
import type { ConnectionEvents, Transport } from '../../wire/transport.ts';
import { SOCKET_COUNTERS } from '../socket-counters.ts';
import { KernelClock } from '../tcp/system/kernel-clock.ts';
import { loadSystemCalls } from '../tcp/system/system-calls.ts';
import { SETTINGS as SOCKETS } from '../tcp/tcp-ends.test-suite.ts';
import { TcpSwitchTransport } from '../tcp/tcp-switch-transport.ts';
import { firstSource, kernelAddress, SWITCH_HOST } from './device/device-addresses.ts';
import { TunDevice } from './device/tun-device.ts';
import { enterTestNamespace, whyNoTun } from './device/tun-here.test-suite.ts';
import { NetworkCounter, type NetworkLink, NO_NETWORK } from './network/network-link.ts';
import { NetworkPort } from './network/network-port.ts';
import { TCP_COUNTERS, TcpCounter } from './tcp/tcp-counters.ts';
import { SETTINGS } from './tun-ends.test-suite.ts';
import { TunPhoneTransport } from './tun-phone-transport.ts';

const PHONES = 200;
const MESSAGES = 10;
const MESSAGE_BYTES_MAX = 4000;
const POLL_LIMIT = 256;
const PATIENCE_MILLIS = 60_000;
const LINK: NetworkLink = {
  ...NO_NETWORK,
  roundTripMicros: 10_000,
  lossShare: 0.05,
  reorderedShare: 0.05,
  duplicatedShare: 0.01,
};
/** Of packets that were thrown away, acknowledgements among them, whose loss costs nothing. */
const SENT_AGAIN_PER_LOST_MAX = 1.5;

/** The byte at a place of the stream of a phone. */
const byteAt = (phone: number, at: number): number => (phone * 31 + at * 7 + (at >> 8)) & 255;

function makeEnds() {
  const calls = loadSystemCalls();
  const clock = new KernelClock(calls, currentEpochNanos());
  const counters = (): Float64Array => new Float64Array(SOCKET_COUNTERS.length);
  const tcpCounters = new Float64Array(TCP_COUNTERS.length);
  const device = new TunDevice(
    calls,
    { name: 'phones0', kernelAddress: kernelAddress(0), queuePackets: 10_000, hasChecksums: true },
    null,
  );
  const network = new NetworkPort(
    {
      links: [LINK],
      linkOf: new Uint8Array(PHONES),
      outages: new Outages(1, 1, []),
      packetsHeldMax: 65_536,
      seed: 1,
      lane: 0,
    },
    { port: device, clock, phoneOf: (address, port) => phones.phoneOf(address, port), phoneAt: (row) => row },
  );
  const phones: TunPhoneTransport = new TunPhoneTransport(
    { ...SETTINGS, rowsMax: PHONES, activitiesMax: PHONES, connectingMax: PHONES, storeBytesMax: 2 ** 23 },
    { firstAddress: firstSource(0), firstPort: 1024, portsPerSource: 2000 },
    { port: network, clock, counters: counters(), tcpCounters },
  );
  const parts = { calls, clock, counters: counters(), bellDescriptor: null };
  const shard = new TcpSwitchTransport(SOCKETS, { backlog: PHONES, acceptBatch: 64 }, parts);
  phones.setTargets([{ host: SWITCH_HOST, port: shard.listen(SWITCH_HOST, 0, false) }]);
  const close = (): void => {
    phones.shutdown();
    shard.shutdown();
    device.shutdown();
  };
  return { phones, shard, network, tcpCounters, close };
}

/** Sends back what arrives. */
function echo(shard: Transport): ConnectionEvents {
  return {
    opened: () => {},
    refused: () => {},
    bytes: (_token, connection, view, start, end) => {
      const at = shard.claim(connection, end - start, 0);
      if (at < 0) return 0;
      for (let n = 0; n < end - start; n++) shard.output.setUint8(at + n, view.getUint8(start + n));
      shard.commit();
      return end - start;
    },
    closed: (_token, connection, reason) => assert.fail(`the kernel lost connection ${connection}: ${reason}`),
  };
}

/** Phones that send the next message, of a random length, when the whole of the last one has come back. */
class Talk implements ConnectionEvents {
  done = 0;
  readonly #phones: TunPhoneTransport;
  readonly #random = new Int32Array(RANDOM_STATE_WORDS);
  readonly #sent = new Int32Array(PHONES);
  readonly #received = new Int32Array(PHONES);
  readonly #messages = new Int32Array(PHONES);

  constructor(phones: TunPhoneTransport) {
    this.#phones = phones;
    seedRandom(this.#random, 0, 1, 0);
  }

  opened(token: number, connection: number): void {
    this.#send(token, connection);
  }

  refused(token: number, reason: number): void {
    assert.fail(`phone ${token} was refused: ${reason}`);
  }

  closed(token: number, _connection: number, reason: number): void {
    assert.fail(`phone ${token} lost its connection: ${reason}`);
  }

  bytes(token: number, connection: number, view: DataView, start: number, end: number): number {
    const from = this.#received[token] ?? 0;
    for (let at = start; at < end; at++) {
      const place = from + at - start;
      if (view.getUint8(at) !== byteAt(token, place)) assert.fail(`byte ${place} of phone ${token} is another`);
    }
    this.#received[token] = from + end - start;
    assert.ok((this.#received[token] ?? 0) <= (this.#sent[token] ?? 0), 'nothing comes twice');
    if (this.#received[token] === this.#sent[token]) this.#send(token, connection);
    return end - start;
  }

  #send(token: number, connection: number): void {
    if (this.#messages[token] === MESSAGES) {
      this.done++;
      return;
    }
    this.#messages[token] = (this.#messages[token] ?? 0) + 1;
    const bytes = 1 + nextBelow(this.#random, 0, MESSAGE_BYTES_MAX);
    const at = this.#phones.claim(connection, bytes, 0);
    assert.ok(at >= 0, 'there is room for a message');
    const from = this.#sent[token] ?? 0;
    for (let n = 0; n < bytes; n++) this.#phones.output.setUint8(at + n, byteAt(token, from + n));
    this.#phones.commit();
    this.#sent[token] = from + bytes;
  }
}

const tcpOfKernel = (): { again: number; invalid: number } => {
  const { segmentsRetransmitted, segmentsInvalid } = kernelCounters((path) => readFileSync(path, 'utf8'));
  return { again: segmentsRetransmitted ?? 0, invalid: segmentsInvalid ?? 0 };
};

describe('the TCP of phones and that of the kernel', { skip: whyNoTun() }, () => {
  it('bring every byte over a link that loses, reorders and doubles packets, once and in order', (test) => {
    enterTestNamespace(PHONES);
    const { phones, shard, network, tcpCounters, close } = makeEnds();
    const talk = new Talk(phones);
    const answers = echo(shard);
    for (let token = 0; token < PHONES; token++) assert.ok(phones.connect(0, token));
    for (const end = Date.now() + PATIENCE_MILLIS; talk.done < PHONES; ) {
      assert.ok(Date.now() < end, `${talk.done} of ${PHONES} phones are through`);
      phones.poll(talk, POLL_LIMIT);
      phones.flush();
      shard.poll(answers, POLL_LIMIT);
      shard.flush();
    }
    const kernel = tcpOfKernel();
    const [link] = network.linkCounters;
    const lost = link?.[NetworkCounter.lost] ?? 0;
    const again = (tcpCounters[TcpCounter.segmentsRetransmitted] ?? 0) + kernel.again;
    close();
    test.diagnostic(`${lost} packets thrown away, ${again} segments sent again, ${kernel.again} of them by the kernel`);
    assert.ok(lost > PHONES, 'the link loses packets');
    assert.equal(kernel.invalid, 0);
    assert.ok(again <= SENT_AGAIN_PER_LOST_MAX * lost, `${again} segments were sent again for ${lost} lost packets`);
  });
});
