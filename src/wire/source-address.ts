/**
 * The loopback address from which a phone connects, by arithmetic. Under Linux all of 127.0.0.0/8 is this machine.
 * Phones are spread over many addresses, because the kernel's search for a free port becomes slow long before the ports
 * of an address are used up.
 *
 *     number of the address  n  =  512 · (row div ports per address) + lane
 *     127.a.b.c    c = 1 + n mod 254      b = n div 254 mod 256      a = 1 + n div (254 · 256)
 *
 * No two lanes share an address, c is never 0 or 255, and 127.0.x.y, where switches listen, is never used. Other
 * systems have only 127.0.0.1.
 */
import { assert } from '../base/assert.ts';

/** Maximum of lanes with addresses of their own. A population has as many cells, and each lane has at least one. */
export const SOURCE_LANES_MAX = 512;

const LAST_OCTETS = 254;
const MIDDLE_OCTETS = 256;
const FIRST_OCTETS = 255;
const LOOPBACK_NET = 127;

/** Number of addresses that each lane can use. */
export const SOURCES_PER_LANE_MAX = Math.floor((LAST_OCTETS * MIDDLE_OCTETS * FIRST_OCTETS) / SOURCE_LANES_MAX);

/** The address of a lane's row as 32 bits, the first octet in the highest byte, as in a sockaddr in network order. */
export function sourceAddressBits(lane: number, row: number, portsPerSource: number): number {
  const index = Math.floor(row / portsPerSource);
  assert(lane >= 0 && lane < SOURCE_LANES_MAX, 'the lane is below SOURCE_LANES_MAX');
  assert(index < SOURCES_PER_LANE_MAX, 'the plan checks that each lane has enough addresses');
  const serial = index * SOURCE_LANES_MAX + lane;
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
