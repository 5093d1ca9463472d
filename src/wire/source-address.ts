/**
 * From which address a phone connects over loopback, by arithmetic. All of 127.0.0.0/8 is this
 * machine, so phones are spread over addresses: the kernel's search for a free port gets slow long
 * before one address has none left.
 *
 *     number of the address  n  =  512 · (row div ports of an address) + lane
 *     127.a.b.c    c = 1 + n mod 254      b = n div 254 mod 256      a = 1 + n div (254 · 256)
 *
 * So no two lanes share an address, c is never 0 or 255, and 127.0.x.y, where switches listen, is
 * never given. Under Linux only: elsewhere 127.0.0.1 is all there is.
 */
import { assert } from '../base/assert.ts';

/** Lanes that have addresses of their own: the cells of a population, of which each lane has one at least. */
export const SOURCE_LANES_MOST = 512;

const LAST_OCTETS = 254;
const MIDDLE_OCTETS = 256;
const FIRST_OCTETS = 255;
const LOOPBACK_NET = 127;

/** Addresses that each lane can have. */
export const SOURCES_PER_LANE_MOST = Math.floor((LAST_OCTETS * MIDDLE_OCTETS * FIRST_OCTETS) / SOURCE_LANES_MOST);

/** The address of a lane's row as 32 bits, the first octet highest: what a sockaddr takes, in network order. */
export function sourceAddressBits(lane: number, row: number, portsPerSource: number): number {
  const index = Math.floor(row / portsPerSource);
  assert(lane >= 0 && lane < SOURCE_LANES_MOST, 'a lane has addresses');
  assert(index < SOURCES_PER_LANE_MOST, 'the plan has checked that the addresses of a lane suffice');
  const serial = index * SOURCE_LANES_MOST + lane;
  const last = 1 + (serial % LAST_OCTETS);
  const rest = Math.floor(serial / LAST_OCTETS);
  const first = 1 + Math.floor(rest / MIDDLE_OCTETS);
  return ((LOOPBACK_NET << 24) | (first << 16) | ((rest % MIDDLE_OCTETS) << 8) | last) >>> 0;
}

/** The address of a lane's row as `127.a.b.c`. */
export function sourceAddressOf(lane: number, row: number, portsPerSource: number): string {
  const bits = sourceAddressBits(lane, row, portsPerSource);
  return `${bits >>> 24}.${(bits >>> 16) & 255}.${(bits >>> 8) & 255}.${bits & 255}`;
}
