import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SOURCE_LANES_MAX, SOURCES_PER_LANE_MAX, sourceAddressBits, sourceAddressOf } from './source-address.ts';

const lanes = fc.nat(SOURCE_LANES_MAX - 1);
const indices = fc.nat(SOURCES_PER_LANE_MAX - 1);

describe('source addresses', () => {
  it('are addresses of hosts in 127.1.0.0 to 127.255.255.254', () => {
    fc.assert(
      fc.property(lanes, indices, fc.integer({ min: 1, max: 28_000 }), (lane, index, ports) => {
        const octets = sourceAddressOf(lane, index * ports, ports)
          .split('.')
          .map(Number);
        const [net = 0, a = 0, b = -1, c = 0] = octets;
        assert.equal(octets.length, 4);
        assert.equal(net, 127);
        assert.ok(a >= 1 && a <= 255 && b >= 0 && b <= 255 && c >= 1 && c <= 254, octets.join('.'));
        const bits = sourceAddressBits(lane, index * ports, ports);
        assert.equal(bits, net * 2 ** 24 + a * 2 ** 16 + b * 2 ** 8 + c);
      }),
    );
  });

  it('differ between lanes and between addresses of a lane', () => {
    fc.assert(
      fc.property(lanes, indices, lanes, indices, (lane, index, otherLane, otherIndex) => {
        const isSame = lane === otherLane && index === otherIndex;
        assert.equal(sourceAddressBits(lane, index, 1) === sourceAddressBits(otherLane, otherIndex, 1), isSame);
      }),
    );
  });

  it('are all different for every lane of a large plan', () => {
    const seen = new Set<number>();
    for (let lane = 0; lane < SOURCE_LANES_MAX; lane++) {
      for (let index = 0; index < 40; index++) seen.add(sourceAddressBits(lane, index, 1));
    }
    assert.equal(seen.size, SOURCE_LANES_MAX * 40);
  });

  it('bear so many rows as they have ports, and no more', () => {
    assert.equal(sourceAddressOf(3, 0, 2000), sourceAddressOf(3, 1999, 2000));
    assert.notEqual(sourceAddressOf(3, 1999, 2000), sourceAddressOf(3, 2000, 2000));
    assert.equal(sourceAddressOf(0, 0, 2000), '127.1.0.1');
  });
});
