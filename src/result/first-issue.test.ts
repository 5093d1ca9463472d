import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { firstIssue } from './first-issue.ts';
import { countOf, figureOrNull } from './sections/schema-terms.ts';

const schema = z.strictObject({
  peak: countOf.nullable(),
  threads: z.array(z.strictObject({ name: z.string(), share: figureOrNull })),
  ended: z.enum(['complete', 'failed']),
});
const RIGHT = { peak: 3, threads: [{ name: 'shard-0', share: 0.5 }], ended: 'complete' };

/** What is said of a value that is wrong in one place. */
function said(change: object): string {
  const value: unknown = { ...RIGHT, ...change };
  const { error } = schema.safeParse(value);
  return error === undefined ? 'nothing' : firstIssue(error, value);
}

describe('what a schema refuses', () => {
  it('is named with its field, what was expected and what was found', () => {
    const cases: readonly [change: object, says: string][] = [
      [{}, 'nothing'],
      [{ peak: 12.5 }, 'peak: expected int, found 12.5'],
      [{ peak: -1 }, 'peak: Too small: expected number to be >=0, found -1'],
      [{ peak: '3' }, 'peak: expected number, found "3"'],
      [{ peak: undefined }, 'peak: expected number, found nothing'],
      [{ threads: {} }, 'threads: expected array, found an object'],
      [{ threads: [RIGHT.threads[0], { name: [], share: 1 }] }, 'threads.1.name: expected string, found an array'],
      [{ threads: [null] }, 'threads.0: expected object, found null'],
      [{ ended: 'later' }, 'ended: Invalid option: expected one of "complete"|"failed", found "later"'],
      [{ more: 1 }, 'Unrecognized key: "more"'],
      [{ threads: [{ ...RIGHT.threads[0], more: 1 }] }, 'threads.0: Unrecognized key: "more"'],
    ];
    for (const [change, says] of cases) assert.equal(said(change), says, JSON.stringify(change));
  });

  it('is shortened where it is long', () => {
    assert.equal(said({ peak: 'x'.repeat(1000) }), `peak: expected number, found "${'x'.repeat(59)}`);
  });
});
