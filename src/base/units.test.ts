import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
  formatBytes,
  formatCount,
  formatCountOf,
  formatMicros,
  formatShare,
  formatShort,
  parseBytes,
  parseCount,
  parseDurationMicros,
  parseRate,
  roundDown,
} from './units.ts';

it('reads counts, rates, durations and sizes', () => {
  assert.deepEqual(['1k', '2_000_000', '1.5M', '3g', 17].map(parseCount), [1000, 2e6, 1.5e6, 3e9, 17]);
  assert.deepEqual(['50k/s', '10 /s', 5].map(parseRate), [50_000, 10, 5]);
  assert.deepEqual(['1h30m', '10s', '250ms', '20us', '0'].map(parseDurationMicros), [5400e6, 10e6, 250_000, 20, 0]);
  assert.deepEqual(['64B', '1KiB', '1MB', '1.5GiB'].map(parseBytes), [64, 1024, 1e6, 1.5 * 2 ** 30]);
});

it('refuses what is none of them, a size without a unit included', () => {
  for (const text of ['', 'x', '1kk', '-1', '1 2']) assert.equal(parseCount(text), null, text);
  for (const text of ['', '10', '10x', 's', '1h x', '-1s']) assert.equal(parseDurationMicros(text), null, text);
  for (const text of ['', '64', '64k', '64 b', 'B']) assert.equal(parseBytes(text), null, text);
  assert.equal(parseBytes(65), null);
});

it('writes figures with their units', () => {
  assert.equal(formatCount(1234567), '1,234,567');
  assert.deepEqual(
    [formatCountOf(1, 'seed'), formatCountOf(2000, 'seed'), formatCountOf(0, 'mailbox', 'mailboxes')],
    ['1 seed', '2,000 seeds', '0 mailboxes'],
  );
  assert.deepEqual([0, 412_345, 1_030_000, 999.6, 5e9].map(formatShort), ['0', '412k', '1.03M', '1.00k', '5.00G']);
  assert.deepEqual([0, 850, 1200, 3.5e6, 999.7].map(formatMicros), ['0 µs', '850 µs', '1.20 ms', '3.50 s', '1.00 ms']);
  assert.deepEqual([40, 1024, 23.5 * 2 ** 20].map(formatBytes), ['40.0 B', '1.00 KiB', '23.5 MiB']);
  assert.deepEqual([0.379, 0.001].map(formatShare), ['37.9 %', '0.10 %']);
});

it('rounds suggestions down to two digits, small ones to whole numbers', () => {
  assert.deepEqual([2_261_856, 999, 57, 9.6, 0].map(roundDown), [2_200_000, 990, 57, 9, 0]);
});
