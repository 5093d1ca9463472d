import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressRequest, deviceRequest, linkUpRequest, noQueueRequest, readAnswer } from './netlink-messages.ts';

/** Bytes of a message, written field by field. */
const bytesOf = (...parts: readonly string[]): string => parts.join('').replaceAll(' ', '');
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

// Seen with `strace -e trace=sendmsg -xx` of iproute2 6.1, but for sequence numbers, and attributes that only describe
// limits.
describe('requests to the routing socket', () => {
  it('ask for a device by its name', () => {
    const header = '28000000 1200 0100 07000000 00000000';
    const link = '00 00 0000 00000000 00000000 00000000';
    const name = '0700 0300 6c6f00 00';
    assert.equal(hex(deviceRequest(7, 'lo')), bytesOf(header, link, name));
  });

  it('switch a device on, with a queue of a length, or as it is', () => {
    const link = '00 00 0000 03000000 01000000 01000000';
    const queue = '0800 0d00 00000100';
    assert.equal(hex(linkUpRequest(1, 3, 65_536)), bytesOf('28000000 1000 0500 01000000 00000000', link, queue));
    assert.equal(hex(linkUpRequest(1, 3, null)), bytesOf('20000000 1000 0500 01000000 00000000', link));
  });

  it('give a device an address and its network', () => {
    const header = '28000000 1400 0505 02000000 00000000';
    const address = '02 10 00 00 04000000';
    assert.equal(
      hex(addressRequest(2, 4, 0x0a020001, 16)),
      bytesOf(header, address, '0800 0200 0a020001', '0800 0100 0a020001'),
    );
  });

  it('take the queue from a device', () => {
    const header = '30000000 2400 0505 03000000 00000000';
    const queue = '00 000000 05000000 00000000 ffffffff 00000000';
    assert.equal(hex(noQueueRequest(3, 5)), bytesOf(header, queue, '0c00 0100 6e6f717565756500'));
  });

  it('refuse a name that no device can have', () => {
    assert.throws(() => deviceRequest(1, 'a-name-of-sixteen'));
  });
});

describe('answers of the routing socket', () => {
  const answer = (text: string) => readAnswer(Buffer.from(bytesOf(text), 'hex'));

  it('are errors with their number, or none', () => {
    const request = '28000000 1200 0100 07000000 00000000';
    assert.deepEqual(answer(`24000000 0200 0000 07000000 00000000 edffffff${request}`), {
      sequence: 7,
      errno: 19,
      deviceIndex: null,
    });
    assert.deepEqual(answer(`24000000 0200 0000 08000000 00000000 00000000${request}`), {
      sequence: 8,
      errno: 0,
      deviceIndex: null,
    });
  });

  it('describe a device', () => {
    const device = '28000000 1000 0000 09000000 01020304 00000403 0c000000 49000100 00000000 0700 0300 6c6f0000';
    assert.deepEqual(answer(device), { sequence: 9, errno: 0, deviceIndex: 12 });
  });

  it('are nothing if they are cut off or of another kind', () => {
    assert.equal(readAnswer(new Uint8Array(0)), null);
    assert.equal(answer('24000000 0200 0000 07000000 00000000'), null, 'its end is missing');
    assert.equal(answer('04000000 0200 0000 07000000 00000000 00000000'), null, 'shorter than a header');
    assert.equal(answer('14000000 1800 0000 07000000 00000000 00000000'), null, 'a route');
    assert.equal(answer('14000000 1000 0000 07000000 00000000 00000000'), null, 'half a device');
  });
});
