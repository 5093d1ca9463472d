/** Questions about sockets of the kernel, against the layouts of its headers and against the kernel itself. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { describe, it } from 'node:test';
import { loadSystemCalls } from '../../tcp/system/system-calls.ts';
import { addressBits } from '../phone-addresses.ts';
import { askRoundTrips, readRoundTrip, socketRequest } from './socket-diagnosis.ts';

const LOOPBACK = addressBits('127.0.0.1');

/** An answer with an attribute of another kind before the one that is looked for. */
function answer(infoBytes: number, smoothedMicros: number): Uint8Array {
  const info = 88 + 8;
  const view = new DataView(new ArrayBuffer(info + 4 + infoBytes));
  view.setUint32(0, view.byteLength, true);
  view.setUint16(4, 20, true);
  view.setUint16(88, 5, true);
  view.setUint16(90, 8, true);
  view.setUint16(info, 4 + infoBytes, true);
  view.setUint16(info + 2, 2, true);
  if (infoBytes >= 152) {
    view.setUint32(info + 4 + 68, smoothedMicros, true);
    view.setUint32(info + 4 + 148, 11, true);
  }
  return new Uint8Array(view.buffer);
}

describe('questions about sockets', () => {
  it('name both ends in the order of the network', () => {
    const bytes = socketRequest({
      address: LOOPBACK,
      port: 0x1234,
      otherAddress: addressBits('10.1.2.3'),
      otherPort: 0x5678,
    });
    assert.equal(bytes.length, 72);
    assert.deepEqual([...bytes.subarray(24, 32)], [0x12, 0x34, 0x56, 0x78, 127, 0, 0, 1]);
    assert.deepEqual([...bytes.subarray(44, 48)], [10, 1, 2, 3]);
    assert.deepEqual([...bytes.subarray(64)], Array(8).fill(255));
  });

  it('are answered with round trips, or with none', () => {
    assert.deepEqual(readRoundTrip(answer(232, 1500)), { smoothedMicros: 1500, shortestMicros: 11 });
    assert.equal(readRoundTrip(answer(232, 0)), null, 'nothing was measured yet');
    assert.equal(readRoundTrip(answer(104, 1500)), null, 'a kernel that says less');
    const whole = answer(232, 1500);
    for (let bytes = 0; bytes < whole.length; bytes++) assert.equal(readRoundTrip(whole.subarray(0, bytes)), null);
  });

  it('find a socket of this machine, and leave out one that is not there', async () => {
    const server = createServer((socket) => socket.end('x')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const bound = server.address();
    assert.ok(bound !== null && typeof bound === 'object');
    const client = connect({ port: bound.port, host: '127.0.0.1', allowHalfOpen: true });
    await once(client, 'data');
    const socket = {
      address: LOOPBACK,
      port: client.localPort ?? 0,
      otherAddress: LOOPBACK,
      otherPort: bound.port,
    };
    const nobody = { ...socket, otherAddress: addressBits('192.0.2.1') };
    const found = askRoundTrips(loadSystemCalls(), [nobody, socket]);
    client.destroy();
    server.close();
    if (found === null) return; // a kernel without sock_diag
    assert.deepEqual(
      found.map(([n]) => n),
      [1],
    );
    const [, roundTrip] = found[0] ?? [0, null];
    assert.ok(roundTrip !== null && roundTrip.smoothedMicros > 0 && roundTrip.shortestMicros <= 10e6);
  });
});
