/** What is written with a unit, read back; and figures against the formatter of the language. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  formatBytes,
  formatCount,
  formatLatency,
  formatMicros,
  formatShare,
  formatShort,
  parseBytes,
  parseCount,
  parseDurationMicros,
  parseRate,
  roundDown,
} from './units.ts';

/** Three significant digits are right to half of one in a hundred. */
const ROUNDING = 0.0051;
const amount = fc.double({ min: 0.001, max: 1e11, noNaN: true, noDefaultInfinity: true });

function isNear(read: number | null, value: number): boolean {
  // Below 1 there are three decimals.
  return read !== null && Math.abs(read - value) <= Math.max(ROUNDING * value, 0.000_51);
}

describe('a figure with its unit', () => {
  it('is read back as what it was, to three digits', () => {
    fc.assert(
      fc.property(amount, (value) => {
        const micros = formatMicros(value).replace(' ', '');
        assert.ok(isNear(parseDurationMicros(micros), value), micros);
        assert.ok(isNear(parseBytes(formatBytes(value)), value), formatBytes(value));
        assert.ok(isNear(parseCount(formatShort(value)), value), formatShort(value));
        assert.ok(isNear(parseRate(`${formatShort(value)}/s`), value), formatShort(value));
      }),
    );
  });

  it('never takes more than four digits, whatever it is rounded to', () => {
    const around = [1, 10, 100, 1000, 1e6, 1e9, 2 ** 10, 2 ** 20, 2 ** 30].flatMap((edge) =>
      [0.994, 0.9949, 0.995, 0.9995, 0.99951, 1, 1.0001].map((factor) => edge * factor),
    );
    for (const value of around) {
      for (const text of [formatShort(value), formatMicros(value), formatBytes(value)])
        assert.ok(text.replace(/\D/g, '').length <= 4, `${value} is ${text}`); // 1023 B and 0.994 are the longest
      for (const text of [formatShort(value), formatMicros(value)])
        assert.doesNotMatch(text, /^1000(?! s)/, `${value}: there the next unit begins`);
    }
  });

  it('has the sign of its value', () => {
    fc.assert(
      fc.property(amount, (value) => {
        for (const format of [formatShort, formatMicros, formatBytes])
          assert.equal(format(-value), `-${format(value)}`);
      }),
    );
  });

  it('is told as never, or as beyond the range, where it is', () => {
    assert.equal(formatMicros(Number.POSITIVE_INFINITY), 'never');
    assert.deepEqual([formatLatency(5e6, 268e6), formatLatency(268e6, 268e6)], ['5.00 s', '>268 s']);
  });
});

describe('a count', () => {
  it('is written as the language does in English, and not as the machine is set', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 50), max: 2 ** 50 }), (value) => {
        assert.equal(formatCount(value), value.toLocaleString('en-US'));
      }),
    );
  });

  it('is read with underscores and a factor, and in no other way', () => {
    fc.assert(
      fc.property(fc.nat(999_999), fc.constantFrom('', 'k', 'K', 'm', 'M', 'g', 'G'), (value, suffix) => {
        const factor = { '': 1, k: 1e3, m: 1e6, g: 1e9 }[suffix.toLowerCase()] ?? 0;
        const grouped = formatCount(value).replaceAll(',', '_');
        assert.equal(parseCount(`${grouped}${suffix}`), value * factor);
        assert.equal(parseCount(` ${value} ${suffix} `), value * factor);
        assert.equal(parseCount(`${value},000${suffix}`), null, 'a comma means something else elsewhere');
        assert.equal(parseCount(`-${value}${suffix}`), null);
        assert.equal(parseCount(`${value}${suffix}${suffix}x`), null);
      }),
    );
  });
});

describe('a duration', () => {
  const part = fc.tuple(fc.nat(999), fc.constantFrom('us', 'µs', 'ms', 's', 'm', 'h'));
  const micros: Readonly<Record<string, number>> = { us: 1, µs: 1, ms: 1e3, s: 1e6, m: 60e6, h: 3600e6 };

  it('is the sum of its parts', () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
        const text = parts.map(([digits, unit]) => `${digits}${unit}`).join('');
        const sum = parts.reduce((total, [digits, unit]) => total + digits * (micros[unit] ?? 0), 0);
        assert.equal(parseDurationMicros(text), sum);
        for (const broken of [`${text}x`, `x${text}`, `${text} ${text}`, `-${text}`, `${text}5`])
          assert.equal(parseDurationMicros(broken), null, broken);
      }),
    );
  });
});

describe('a suggestion', () => {
  it('is not above what it is made of, not a tenth below it, and has two digits', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e12, noNaN: true }), (value) => {
        const down = roundDown(value);
        assert.ok(down <= value && down >= value * 0.9 - 1, `${value} becomes ${down}`);
        if (value >= 10) assert.match(String(down), /^\d\d0*$/);
      }),
    );
  });
});

describe('a share', () => {
  it('is a percentage, with another decimal where it is small', () => {
    assert.deepEqual([1, 0.5, 0.1, 0.0999, 0.0001, 0, -0.05].map(formatShare), [
      '100.0 %',
      '50.0 %',
      '10.0 %',
      '9.99 %',
      '0.01 %',
      '0.00 %',
      '-5.00 %',
    ]);
  });
});
