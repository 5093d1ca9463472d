/** Numbers with units in a scenario, against the sums and products that they stand for, and at their bounds. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { z } from 'zod';
import { bytes, count, durationMicros, durationOrNone, rate, share } from './scalars.ts';

const read = (schema: z.ZodType, text: string | number): unknown => schema.safeParse(text).data;
const message = (schema: z.ZodType, text: string | number): string | undefined =>
  schema.safeParse(text).error?.issues[0]?.message;

const UNITS = [
  ['h', 3600e6],
  ['m', 60e6],
  ['s', 1e6],
  ['ms', 1e3],
  ['us', 1],
] as const;
const isNear = (found: unknown, expected: number): boolean =>
  typeof found === 'number' && Math.abs(found - expected) <= 1e-9 * expected;

describe('a duration', () => {
  it('is the sum of its parts, in any unit and with decimals', () => {
    const parts = fc.array(fc.tuple(fc.nat(999), fc.constantFrom('', '.5', '.25'), fc.constantFrom(...UNITS)), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(parts, (list) => {
        const text = list.map(([whole, decimals, [unit]]) => `${whole}${decimals}${unit}`).join('');
        const micros = list.reduce(
          (sum, [whole, decimals, [, factor]]) => sum + Number(`${whole}${decimals}`) * factor,
          0,
        );
        for (const schema of [durationMicros(), durationOrNone()]) assert.ok(isNear(read(schema, text), micros), text);
      }),
    );
  });

  it('with anything else in it is none', () => {
    const junk = fc.constantFrom('x', '-', ' ', '5', 'd', 'S', ',', '1e3s', '.s', '--', '5 s 5');
    fc.assert(
      fc.property(junk, fc.constantFrom('5s', '1h30m', '250ms'), fc.boolean(), (extra, text, isBefore) => {
        const spoilt = isBefore ? `${extra}${text}` : `${text}${extra}`;
        // Spaces around it are no part of it, and digits before it are part of its first number.
        if (extra === ' ' || (isBefore && (extra === '5' || extra === '1e3s'))) return;
        assert.equal(read(durationMicros(), spoilt), undefined, spoilt);
      }),
    );
    assert.equal(read(durationMicros(), 'none'), undefined, 'none only where it is allowed');
  });
});

describe('a count, a rate and a size', () => {
  const digits = fc.integer({ min: 1, max: 999_999 });

  it('are their number times their unit, with underscores anywhere after the first digit', () => {
    fc.assert(
      fc.property(digits, fc.nat(5), fc.nat(9), (number, place, which) => {
        const [plain, at] = [String(number), 1 + (place % String(number).length)];
        const text = `${plain.slice(0, at)}_${plain.slice(at)}`;
        const [letter, factor] = (
          [
            ['', 1],
            ['k', 1e3],
            ['K', 1e3],
            ['M', 1e6],
            ['m', 1e6],
            ['G', 1e9],
          ] as const
        )[which % 6] ?? ['', 1];
        assert.equal(read(count(), text + letter), number * factor);
        assert.equal(read(rate(), `${text}${letter}/s`), number * factor);
        const sizes = [
          ['B', 1],
          ['kB', 1e3],
          ['KiB', 2 ** 10],
          ['MB', 1e6],
          ['MiB', 2 ** 20],
          ['GiB', 2 ** 30],
        ] as const;
        const [unit, size] = sizes[which % 6] ?? ['B', 1];
        assert.equal(read(bytes(), text + unit), number * size);
        assert.equal(read(bytes(), text + letter), undefined, 'a size without a unit could be anything');
      }),
    );
  });

  it('are whole where things are counted, and need not be where they happen', () => {
    for (const text of ['1.5', '0.0005k', 1.5]) assert.equal(read(count(), text), undefined, String(text));
    assert.equal(read(count(), '1.5k'), 1500);
    assert.equal(read(rate(), '0.5/s'), 0.5);
  });

  it('are within their bounds, ends included, and one beyond names both', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), (min, width) => {
        const max = min + width;
        const schema = count({ min, max });
        assert.deepEqual([read(schema, min), read(schema, max)], [min, max]);
        const beyond = `a whole number such as 1000, 250k or 1M, from ${min} to ${max}`;
        assert.equal(message(schema, max + 1), beyond);
        if (min > 0) assert.equal(message(schema, min - 1), beyond);
        const least = message(durationMicros({ min: max + 1 }), `${max}us`);
        assert.equal(
          least?.endsWith(`, of at least ${max + 1 === 1000 ? '1ms' : max + 1 === 2000 ? '2ms' : `${max + 1}us`}`),
          true,
        );
      }),
    );
  });
});

describe('the bounds of a time and of a size', () => {
  it('are named as a scenario has them, so that the value can be taken from the message', () => {
    const bound = fc.oneof(
      fc.nat(5000),
      fc.nat(5000).map((n) => n * 1000),
      fc.nat(100).map((n) => n * 60e6),
      fc.nat(100).map((n) => n * 3600e6),
      fc.nat(64).map((n) => n * 1024),
      fc.nat(64).map((n) => n * 2 ** 30),
    );
    fc.assert(
      fc.property(bound, bound, (a, b) => {
        const [min, max] = [Math.min(a, b) + 1, Math.max(a, b) + 1];
        for (const [schema, beyond] of [
          [durationMicros({ min, max }), `${max + 1}us`],
          [durationOrNone({ min, max }), `${max + 1}us`],
          [bytes({ min, max }), `${max + 1}B`],
        ] as const) {
          const [, least = '', most = ''] = /, from (\w+) to (\w+)$/.exec(message(schema, beyond) ?? '') ?? [];
          assert.deepEqual([read(schema, least), read(schema, most)], [min, max], `${least} ${most}`);
        }
      }),
    );
  });

  it('have the largest unit that they are a multiple of', () => {
    const times = { 1000: '1ms', 1500: '1500us', 900e6: '15m', 3600e6: '1h', 90e6: '90s', 1: '1us' };
    for (const [micros, text] of Object.entries(times))
      assert.match(message(durationMicros({ min: Number(micros) }), '0') ?? '', new RegExp(`at least ${text}$`));
    const sizes = { 1023: '1023B', 65536: '64KiB', [2 ** 20]: '1MiB', [3 * 2 ** 30]: '3GiB' };
    for (const [size, text] of Object.entries(sizes))
      assert.match(message(bytes({ min: Number(size) }), '0B') ?? '', new RegExp(`at least ${text}$`));
    assert.match(message(durationMicros({ max: 1e6 }), '2s') ?? '', /from 0us to 1s$/);
    assert.match(message(bytes({ max: 1024 }), '2MiB') ?? '', /from 0B to 1KiB$/);
  });
});

describe('a share', () => {
  it('is the same as a number and in percent, and is from nothing to all', () => {
    fc.assert(
      fc.property(fc.nat(10_000), (hundredths) => {
        const percent = hundredths / 100;
        assert.ok(isNear(read(share(), `${percent}%`), percent / 100) || percent === 0);
        assert.ok(isNear(read(share(), `${percent} %`), Number(read(share(), percent / 100))) || percent === 0);
      }),
    );
    for (const text of ['100.01%', 1.01, '-1%', '5%%', '%', 'all', '1e-2'])
      assert.equal(read(share(), text), undefined, String(text));
  });
});
