import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseAddressBlock } from './address-block.ts';

const octet = fc.integer({ min: 0, max: 255 });

describe('a block of addresses', () => {
  it('has the addresses that agree in the bits of its prefix, and no others', () => {
    fc.assert(
      fc.property(octet, octet, octet, octet, fc.nat(32), fc.nat(2 ** 32 - 1), (a, b, c, d, prefix, other) => {
        const size = 2n ** BigInt(32 - prefix);
        const bits = BigInt(a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d);
        const first = (bits / size) * size;
        const text = [24n, 16n, 8n, 0n].map((shift) => (first >> shift) & 255n).join('.');
        const block = parseAddressBlock(`${text}/${prefix}`);
        assert.ok(block !== null);
        const isInside = other >= block.first && other <= block.last;
        assert.equal(isInside, BigInt(other) / size === first / size);
        assert.ok(Number(bits) >= block.first && Number(bits) <= block.last);
      }),
    );
  });

  for (const text of [
    '127.1.0.0',
    '127.1.0/16',
    '127.1.0.0/33',
    '127.256.0.0/16',
    '127.1.0.1/24',
    ' 127.1.0.0/16',
    'x',
  ])
    it(`is none: '${text}'`, () => assert.equal(parseAddressBlock(text), null));
});
