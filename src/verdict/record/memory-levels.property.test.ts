import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { LEVELS_MIN, lineDifference, type MemoryLine, memoryLevels, memoryLine } from './memory-levels.ts';
import type { MemoryReading } from './memory-reading.ts';

const readingsOf = (levels: readonly number[], rss: (connections: number) => number): MemoryReading[] =>
  levels.map((connections) => ({ connections, rssBytes: rss(connections) }) as MemoryReading); // no other is read

const rssOf = ({ rssBytes }: MemoryReading): number => rssBytes;

describe('the levels at which memory is read', () => {
  it('rise to all phones, each once, and span a factor of eight where there are phones enough', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2e6 }), fc.integer({ min: 2, max: 20 }), (online, levels) => {
        const found = memoryLevels(online, levels);
        assert.ok(found.length >= 1 && found.length <= levels);
        assert.equal(found.at(-1), online);
        assert.ok(
          found.every((level, i) => level > (found[i - 1] ?? 0)),
          found.join(),
        );
        if (online < 1000) return;
        assert.equal(found.length, levels);
        assert.ok(Math.abs((found[0] ?? 0) - online / 8) <= 2);
      }),
    );
  });

  it('are no powers of two, at which tables grow, but for the last, which is given', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 2 ** 21 }), (online) => {
        const before = memoryLevels(online, 6).slice(0, -1);
        assert.ok(
          before.every((level) => (level & (level - 1)) !== 0 || level >= online),
          before.join(),
        );
      }),
    );
    assert.ok(memoryLevels(2 ** 20, 6).includes(2 ** 17 + 1));
  });
});

describe('the line through readings of memory', () => {
  it('finds the slope and base that were put in, whatever one reading in six is off by', () => {
    const figures = fc.record({
      online: fc.integer({ min: 2000, max: 1e6 }),
      perConnection: fc.integer({ min: 1, max: 10_000 }),
      base: fc.integer({ min: 0, max: 1e9 }),
      outlier: fc.nat(5),
      by: fc.integer({ min: 0, max: 1e6 }),
    });
    fc.assert(
      fc.property(figures, ({ online, perConnection, base, outlier, by }) => {
        const levels = memoryLevels(online, 6);
        const exact = memoryLine(
          readingsOf(levels, (n) => base + perConnection * n),
          rssOf,
          1,
        );
        assert.ok(Math.abs((exact?.bytesPerConnection ?? 0) - perConnection) < 1e-6 * perConnection);
        assert.ok(Math.abs((exact?.baseBytes ?? 0) - base) <= 1 + 1e-6 * base);
        assert.equal(exact?.isLinear, true);
        const off = levels[outlier];
        const line = memoryLine(
          readingsOf(levels, (n) => base + perConnection * n + (n === off ? by : 0)),
          rssOf,
          1,
        );
        const found = line?.bytesPerConnection ?? Number.NaN;
        assert.ok(Math.abs(found - perConnection) <= 0.0001 * perConnection + 1e-6, `${found} for ${perConnection}`);
        assert.ok((line?.lowBytesPerConnection ?? 0) <= found && (line?.highBytesPerConnection ?? 0) >= found);
      }),
      { numRuns: 30 },
    );
  });

  it('is none with too few levels, with one level six times, or where a reading is missing', () => {
    const levels = memoryLevels(10_000, LEVELS_MIN);
    const line = (of: readonly number[]): MemoryLine | null =>
      memoryLine(
        readingsOf(of, (n) => n),
        rssOf,
        1,
      );
    assert.notEqual(line(levels), null);
    assert.equal(line(levels.slice(1)), null);
    assert.equal(line(Array.from({ length: 6 }, () => 500)), null);
    const partly = memoryLine(
      readingsOf(levels, (n) => n),
      ({ connections }) => (connections === levels[3] ? null : connections),
      1,
    );
    assert.equal(partly, null);
  });
});

describe('the difference of two lines', () => {
  const line = (bytes: number, low: number, high: number, isLinear = true): MemoryLine => ({
    bytesPerConnection: bytes,
    lowBytesPerConnection: low,
    highBytesPerConnection: high,
    baseBytes: 100 * bytes,
    isLinear,
    bytes: [1, 2],
  });

  it('is as wide as both intervals at their worst, and what belongs to the first is added', () => {
    const left = lineDifference(line(500, 480, 530), line(200, 190, 215), 64);
    assert.deepEqual(left, {
      bytesPerConnection: 364,
      lowBytesPerConnection: 480 - 215 + 64,
      highBytesPerConnection: 530 - 190 + 64,
      baseBytes: 30_000,
      isLinear: true,
      bytes: [],
    });
  });

  it('is linear only where both are, and none where either is not there', () => {
    assert.equal(lineDifference(line(2, 1, 3), line(1, 1, 1, false), 0)?.isLinear, false);
    assert.equal(lineDifference(null, line(1, 1, 1), 0), null);
    assert.equal(lineDifference(line(1, 1, 1), null, 0), null);
  });
});
