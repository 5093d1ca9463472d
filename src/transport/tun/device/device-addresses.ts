/**
 * The addresses inside the network namespace of a run. Everything is in 10.0.0.0/8, which nobody else uses there:
 *
 *     10.L.0.0/16     the block of lane L: its device routes it, so an answer reaches the lane that asked
 *     10.L.0.1        the kernel's own address on that device
 *     10.L.1.0 …      the phones, 65,279 addresses
 *     10.255.0.1      the switch, on the loopback device
 */
import { assert } from '../../../base/assert.ts';

const NETWORK = 10 << 24;
/** Lanes with a block of their own; the last block belongs to the switch. */
export const BLOCKS_MAX = 255;
/** Length of the prefix of a block. */
export const BLOCK_PREFIX_BITS = 16;
/** Addresses of phones in a block: all but the first 256, and the last, to which the kernel broadcasts. */
export const BLOCK_SOURCES = 65_536 - 256 - 1;
const FIRST_SOURCE = 256;

/** The address of the switch, its first octet in the highest byte, and as text. */
export const SWITCH_ADDRESS = NETWORK | (255 << 16) | 1;
export const SWITCH_HOST = '10.255.0.1';

/** The name of a lane's device. */
export function deviceName(lane: number): string {
  return `phones${lane}`;
}

/** The kernel's address on the device of a lane. */
export function kernelAddress(lane: number): number {
  assert(lane >= 0 && lane < BLOCKS_MAX, 'the plan gives each lane a block');
  return NETWORK | (lane << 16) | 1;
}

/** The first address of a lane's phones; the others follow. */
export function firstSource(lane: number): number {
  assert(lane >= 0 && lane < BLOCKS_MAX, 'the plan gives each lane a block');
  return NETWORK | (lane << 16) | FIRST_SOURCE;
}
