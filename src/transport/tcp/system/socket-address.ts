/**
 * Addresses as the kernel takes them.
 *
 *     sockaddr_in    0 family u16 · 2 port u16, network order · 4 address, 4 bytes · 8 zeros     16 bytes
 *     sockaddr_in6   0 family u16 · 2 port u16 · 4 flow u32 · 8 address, 16 bytes · 24 scope     28 bytes
 */
import { isIP, isIPv6, SocketAddress } from 'node:net';
import { assert } from '../../../base/assert.ts';
import { Linux } from './system-calls.ts';

/** An address of either family: `127.0.0.1` or `::1`, never a name. */
export function encodeAddress(host: string, port: number): Uint8Array {
  assert(isIP(host) !== 0, `an address, not a name: ${host}`);
  return isIPv6(host) ? encodeVersion6(host, port) : encodeVersion4(host, port);
}

/** The family of an encoded address. */
export function addressFamily(address: Uint8Array): number {
  return new DataView(address.buffer, address.byteOffset).getUint16(0, true);
}

/** The port of an address that the kernel wrote. */
export function portOf(address: Uint8Array): number {
  return new DataView(address.buffer, address.byteOffset).getUint16(2, false);
}

function encodeVersion4(host: string, port: number): Uint8Array {
  const address = new Uint8Array(16);
  const view = new DataView(address.buffer);
  view.setUint16(0, Linux.AF_INET, true);
  view.setUint16(2, port, false);
  host.split('.').forEach((part, i) => {
    address[4 + i] = Number(part);
  });
  return address;
}

function encodeVersion6(host: string, port: number): Uint8Array {
  const address = new Uint8Array(28);
  const view = new DataView(address.buffer);
  view.setUint16(0, Linux.AF_INET6, true);
  view.setUint16(2, port, false);
  groupsOf(host).forEach((group, i) => {
    view.setUint16(8 + 2 * i, group, false);
  });
  return address;
}

/** The eight groups of an IPv6 address, `::` filled in; a dotted tail counts as two groups. */
function groupsOf(host: string): number[] {
  const { address } = new SocketAddress({ address: host, family: 'ipv6' });
  const plain = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) => {
    const pair = (high: string, low: string): string => (Number(high) * 256 + Number(low)).toString(16);
    return `${pair(a, b)}:${pair(c, d)}`;
  });
  const [head = '', tail] = plain.split('::');
  const parse = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  if (tail === undefined) return parse(head);
  const [front, back] = [parse(head), parse(tail)];
  return [...front, ...new Array<number>(8 - front.length - back.length).fill(0), ...back];
}
