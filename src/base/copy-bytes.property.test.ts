import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { copyBytes } from './copy-bytes.ts';

it('copies bytes as an array of bytes does, any of them, and touches none beside', () => {
  const bytes = fc.uint8Array({ minLength: 0, maxLength: 64 });
  fc.assert(
    fc.property(bytes, fc.nat(9), fc.nat(9), (data, from, to) => {
      const source = new Uint8Array(from + data.length + 5).fill(0xaa);
      source.set(data, from);
      const target = new Uint8Array(to + data.length + 5).fill(0x55);
      const expected = Uint8Array.from(target);
      expected.set(data, to);
      // A NaN has many encodings: all of them must come through.
      copyBytes(new DataView(source.buffer), from, new DataView(target.buffer), to, data.length);
      assert.deepEqual(target, expected);
    }),
  );
});

it('keeps every encoding of a NaN', () => {
  const source = Uint8Array.of(1, 0, 0xf0, 0x7f, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0, 0, 0xf4, 0x7f);
  const target = new Uint8Array(source.length);
  copyBytes(new DataView(source.buffer), 0, new DataView(target.buffer), 0, source.length);
  assert.deepEqual(target, source);
});
