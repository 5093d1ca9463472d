import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { keysAt } from '../keys-at.ts';
import { nearest } from '../nearest.ts';
import { bytes, count, durationMicros, durationOrNone, rate, share } from './scalars.ts';

const valuesOf = (schema: z.ZodType, texts: readonly (string | number)[]): unknown[] =>
  texts.map((text) => schema.safeParse(text).data);
const complaintOf = (schema: z.ZodType, value: unknown): string =>
  schema.safeParse(value).error?.issues[0]?.message ?? '';

describe('values of a scenario', () => {
  it('are read in the units of the file, and kept in those of the program', () => {
    assert.deepEqual(valuesOf(count(), ['1k', 17, '2_000']), [1000, 17, 2000]);
    assert.deepEqual(valuesOf(rate(), ['50k/s', 5]), [50_000, 5]);
    assert.deepEqual(valuesOf(durationMicros(), ['1.5s', '1h30m', 0]), [1.5e6, 5400e6, 0]);
    assert.deepEqual(valuesOf(durationOrNone(), ['none', '10s']), [Number.POSITIVE_INFINITY, 10e6]);
    assert.deepEqual(valuesOf(bytes(), ['64B', '1MiB']), [64, 2 ** 20]);
    assert.deepEqual(valuesOf(share(), ['5%', 0.05, '100 %', 0, 1]), [0.05, 0.05, 1, 0, 1]);
  });

  it('are refused with what was expected, and with the bounds where only these are missed', () => {
    assert.equal(complaintOf(count({ min: 2 }), 'many'), 'a whole number such as 1000, 250k or 1M');
    assert.equal(complaintOf(count({ min: 2 }), 1), 'a whole number such as 1000, 250k or 1M, of at least 2');
    assert.equal(complaintOf(count({ min: 2, max: 9 }), '10'), 'a whole number such as 1000, 250k or 1M, from 2 to 9');
    assert.match(complaintOf(count(), 1.5), /a whole number/);
    assert.match(complaintOf(share(), '101%'), /a share such as 0\.05 or 5%, from 0 to 1/);
    assert.match(complaintOf(share(), '-5%'), /a share/);
    for (const nothing of [null, undefined, true, [], {}, Number.NaN]) {
      for (const schema of [count(), rate(), durationMicros(), durationOrNone(), bytes(), share()])
        assert.notEqual(complaintOf(schema, nothing), '', String(nothing));
    }
  });

  it('take their bounds themselves', () => {
    for (const [schema, value] of [
      [count({ min: 3, max: 5 }), 3],
      [count({ min: 3, max: 5 }), 5],
      [durationMicros({ min: 200_000 }), '200ms'],
    ] as const)
      assert.equal(schema.safeParse(value).success, true);
  });
});

describe('the word that was meant', () => {
  const words = ['count', 'offline', 'heartbeat', 'session', 'contacts'];

  it('is found for each with one letter wrong, missing, doubled, or in another case', () => {
    for (const word of words) {
      for (let at = 0; at < word.length; at++) {
        const before = word.slice(0, at);
        for (const typed of [
          `${before}x${word.slice(at + 1)}`,
          `${before}${word.slice(at + 1)}`,
          `${before}${word[at]}${word.slice(at)}`,
        ])
          assert.equal(nearest(typed, words), `; did you mean "${word}"?`, typed);
      }
    }
    assert.equal(nearest('Count', words), '; did you mean "count"?');
  });

  it('is not guessed where nothing is near, or there is nothing to choose from', () => {
    for (const typed of ['zzzzzz', 'messagesPerSecond']) assert.equal(nearest(typed, words), '', typed);
    assert.equal(nearest('count', []), '');
  });
});

describe('the keys of a schema', () => {
  const schema = z.object({
    name: z.string(),
    inner: z.object({ a: z.number(), b: z.object({ c: z.number() }).optional() }).prefault({ a: 1 }),
    list: z.array(z.object({ first: z.number() })).default([]),
  });

  it('are found at any depth, through lists, defaults and what may be missing', () => {
    assert.deepEqual(keysAt(schema, []), ['name', 'inner', 'list']);
    assert.deepEqual(keysAt(schema, ['inner']), ['a', 'b']);
    assert.deepEqual(keysAt(schema, ['inner', 'b']), ['c']);
    assert.deepEqual(keysAt(schema, ['list', 3]), ['first']);
  });

  it('are none of a value, and none where there is nothing', () => {
    for (const path of [['name'], ['inner', 'a', 'x'], ['nowhere'], ['toString']])
      assert.deepEqual(keysAt(schema, path), []);
  });
});
