import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressFamily, encodeAddress, portOf } from './socket-address.ts';
import { Linux } from './system-calls.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('encodeAddress', () => {
  it('writes a sockaddr_in', () => {
    const address = encodeAddress('127.1.2.254', 5222);
    assert.equal(hex(address), `0200${'1466'}7f0102fe${'00'.repeat(8)}`);
    assert.equal(addressFamily(address), Linux.AF_INET);
    assert.equal(portOf(address), 5222);
  });

  const version6: [host: string, groups: string][] = [
    ['::', '0'.repeat(32)],
    ['::1', `${'0'.repeat(31)}1`],
    ['2001:db8::', `20010db8${'0'.repeat(24)}`],
    ['2001:db8::8:1', `20010db8${'0'.repeat(16)}00080001`],
    ['2001:DB8:1:2:3:4:5:6', '20010db8000100020003000400050006'],
    ['2001:db8::3:4:5:6:7', '20010db8000000030004000500060007'],
    ['::ffff:192.0.2.1', `${'0'.repeat(20)}ffffc0000201`],
    ['64:ff9b::192.0.2.33', `0064ff9b${'0'.repeat(16)}c0000221`],
  ];
  for (const [host, groups] of version6) {
    it(`writes a sockaddr_in6 for ${host}`, () => {
      const address = encodeAddress(host, 65_535);
      assert.equal(hex(address), `0a00ffff00000000${groups}00000000`);
      assert.equal(addressFamily(address), Linux.AF_INET6);
      assert.equal(portOf(address), 65_535);
    });
  }

  it('takes no names', () => {
    assert.throws(() => encodeAddress('localhost', 1), /an address, not a name: localhost/);
  });

  it('reads a port from a view into a larger buffer', () => {
    const whole = new Uint8Array(40);
    whole.set(encodeAddress('::1', 443), 12);
    assert.equal(portOf(whole.subarray(12)), 443);
    assert.equal(addressFamily(whole.subarray(12)), Linux.AF_INET6);
  });
});
