import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  BLOCK_SOURCES,
  BLOCKS_MAX,
  firstSource,
  kernelAddress,
  SWITCH_ADDRESS,
  SWITCH_HOST,
} from './device-addresses.ts';

const dotted = (bits: number): string => [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');

describe('the addresses of a run', () => {
  it('are a block of 10.0.0.0/8 for each lane, and an address for the switch', () => {
    assert.equal(dotted(kernelAddress(0)), '10.0.0.1');
    assert.equal(dotted(kernelAddress(BLOCKS_MAX - 1)), '10.254.0.1');
    assert.equal(dotted(firstSource(7)), '10.7.1.0');
    assert.equal(dotted(firstSource(7) + BLOCK_SOURCES - 1), '10.7.255.254', 'the last is that of broadcasts');
    assert.equal(dotted(SWITCH_ADDRESS), SWITCH_HOST);
  });

  it('are of no lane beyond the last block, which is of the switch', () => {
    assert.throws(() => kernelAddress(BLOCKS_MAX));
    assert.throws(() => firstSource(-1));
  });
});
