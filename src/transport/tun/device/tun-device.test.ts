import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { parseNetworkTables } from '../../../measure/kernel-counters.ts';
import { openBellDescriptor } from '../../tcp/system/event-doorbell.ts';
import { loadSystemCalls } from '../../tcp/system/system-calls.ts';
import { NO_BUFFER, PacketCounter } from '../packets/packet-port.ts';
import { firstSource, kernelAddress, SWITCH_ADDRESS, SWITCH_HOST } from './device-addresses.ts';
import { datagram, echoRequest, hasRightSums, Protocol, packetOf, syn } from './packets.test-suite.ts';
import { TUN_BUFFERS, TunDevice } from './tun-device.ts';
import { enterTestNamespace, whyNoTun } from './tun-here.test-suite.ts';

const skip = whyNoTun();
const LANE = 3;
const PHONE = firstSource(LANE);
const ENDS = { from: PHONE, to: kernelAddress(LANE) };
const PATIENCE_MILLIS = 20_000;

function makeDevice(hasChecksums: boolean, queuePackets = 1000, bell: number | null = null): TunDevice {
  const settings = { name: 'phones3', kernelAddress: kernelAddress(LANE), queuePackets, hasChecksums };
  return new TunDevice(loadSystemCalls(), settings, bell);
}

function write(device: TunDevice, packet: Buffer): void {
  const at = device.claim();
  assert.notEqual(at, NO_BUFFER);
  new Uint8Array(device.output.buffer).set(packet, at);
  device.commit(packet.length);
}

/** The packets that arrive until there are `count`. */
function read(device: TunDevice, count: number): Buffer[] {
  const packets: Buffer[] = [];
  for (const end = Date.now() + PATIENCE_MILLIS; packets.length < count; ) {
    assert.ok(Date.now() < end, `${packets.length} of ${count} packets came`);
    const arrived = device.exchange();
    for (let n = 0; n < arrived; n++) {
      packets.push(Buffer.from(Buffer.from(device.input.buffer, device.start(n), device.bytes(n))));
    }
    if (arrived === 0) device.wait(1000);
  }
  return packets;
}

const kernelCounter = (name: string): number =>
  parseNetworkTables(readFileSync('/proc/net/snmp', 'utf8')).get(name) ?? Number.NaN;

describe('a TUN device', { skip }, () => {
  before(() => enterTestNamespace());

  for (const hasChecksums of [true, false]) {
    describe(hasChecksums ? 'with checksums' : 'without checksums', () => {
      let device: TunDevice;
      before(() => {
        device = makeDevice(hasChecksums);
      });
      after(() => device.shutdown());

      it('carries batches to the kernel and back, in order', () => {
        const batches = 3;
        for (let n = 0; n < batches * TUN_BUFFERS; n++) {
          if (device.claim() === NO_BUFFER) device.flush();
          write(device, echoRequest(ENDS, n, Buffer.from(`packet ${n}`)));
        }
        device.flush();
        // The kernel's queue ends at 1000 packets: those behind it are dropped, as in a network.
        const answers = read(device, 1000);
        answers.forEach((answer, n) => {
          assert.equal(answer.readUInt32BE(16), PHONE);
          assert.equal(answer.readUInt8(20), 0, 'an echo reply');
          assert.equal(answer.readUInt16BE(26), n);
          assert.equal(answer.subarray(28).toString(), `packet ${n}`);
          assert.ok(hasRightSums(answer));
        });
        assert.equal(device.exchange(), 0);
        assert.equal(device.hasInput(), false);
        assert.equal(device.counters[PacketCounter.packetsOut], batches * TUN_BUFFERS);
        assert.equal(device.counters[PacketCounter.packetsIn], 1000);
        assert.equal(device.counters[PacketCounter.packetsRefused], 0);
      });

      it('carries datagrams of the longest size both ways', async () => {
        const socket = createSocket('udp4');
        socket.bind(0, SWITCH_HOST);
        await once(socket, 'listening');
        const { port } = socket.address();
        const content = Buffer.alloc(device.packetBytesMax - 28, 'long');
        write(device, datagram({ from: PHONE, to: SWITCH_ADDRESS }, { from: 999, to: port }, content));
        device.flush();
        const [message, sender] = (await once(socket, 'message')) as [Buffer, { address: string; port: number }];
        assert.ok(message.equals(content));
        assert.deepEqual([sender.address, sender.port], ['10.3.1.0', 999]);
        await new Promise((sent) => socket.send(message, sender.port, sender.address, sent));
        const [answer] = read(device, 1);
        socket.close();
        assert.equal(answer?.readUInt16BE(20), port);
        assert.ok(answer?.subarray(28).equals(content));
        if (hasChecksums) assert.ok(answer !== undefined && hasRightSums(answer));
      });

      it('is answered where a segment has the right sum', () => {
        write(device, syn(ENDS, { from: 1000, to: 9 }));
        const [answer] = read(device, 1);
        assert.equal(answer?.readUInt8(20 + 13), 0x14, 'nobody listens there: RST and ACK');
        if (hasChecksums) assert.ok(answer !== undefined && hasRightSums(answer));
      });

      it(hasChecksums ? 'is not answered where its sum is wrong' : 'is answered where a segment has no sum', () => {
        const refused = kernelCounter('Tcp.InCsumErrors');
        const segment = syn(ENDS, { from: 1000, to: 9 });
        segment.writeUInt16BE(0, 20 + 16);
        write(device, segment);
        if (!hasChecksums) {
          assert.equal(read(device, 1).length, 1);
          return;
        }
        assert.equal(device.exchange(), 0);
        assert.equal(kernelCounter('Tcp.InCsumErrors') - refused, 1);
      });

      it('counts what the kernel refuses to take, and goes on', () => {
        const [refused = 0, out = 0] = [PacketCounter.packetsRefused, PacketCounter.packetsOut].map(
          (place) => device.counters[place],
        );
        const strange = packetOf(Protocol.ICMP, ENDS, Buffer.alloc(8));
        strange.writeUInt8(0x95, 0); // version 9
        write(device, strange);
        write(device, echoRequest(ENDS, 1, Buffer.alloc(0)));
        assert.equal(read(device, 1).length, 1);
        assert.equal(device.counters[PacketCounter.packetsRefused], refused + 1);
        assert.equal(device.counters[PacketCounter.packetsOut], out + 1);
      });

      it('has a buffer for each packet of a batch, and again after it was sent', () => {
        for (let n = 0; n < TUN_BUFFERS; n++) write(device, echoRequest(ENDS, n, Buffer.alloc(0)));
        assert.equal(device.claim(), NO_BUFFER);
        device.flush();
        const at = device.claim();
        assert.notEqual(at, NO_BUFFER);
        assert.equal(device.claim(), at, 'a buffer that was not committed is claimed again');
        read(device, TUN_BUFFERS);
      });
    });
  }

  it('ends a sleep when a packet is there, and when the bell rings', () => {
    const calls = loadSystemCalls();
    const bell = openBellDescriptor(calls);
    const device = makeDevice(false, 1000, bell);
    const forever = 100e6;
    write(device, echoRequest(ENDS, 1, Buffer.alloc(0)));
    device.flush();
    device.wait(forever);
    assert.equal(read(device, 1).length, 1);
    calls.write(bell, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0), 8);
    device.wait(forever);
    device.shutdown();
    calls.close(bell);
  });

  it('is refused a second device of its name, with what to do', () => {
    const device = makeDevice(false);
    assert.throws(() => makeDevice(false), { code: 'TRANSPORT_UNAVAILABLE', message: /phones3.*transport=tcp/ });
    device.shutdown();
    makeDevice(false).shutdown();
  });
});
