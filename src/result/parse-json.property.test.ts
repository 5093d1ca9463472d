/** Stored files that were cut off, damaged or are something else: refused with the file's name, and never half read. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { madeResult } from '../analysis/comparison/made-results.test-suite.ts';
import { TrunklineError } from '../base/errors.ts';
import { parseJson } from './parse-json.ts';
import { parseBareResult, parseResult } from './parse-result.ts';

function errorOf(read: () => unknown): TrunklineError {
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof TrunklineError, String(error));
    return error;
  }
  return assert.fail('an error was expected');
}

const text = JSON.stringify(madeResult());

describe('stored JSON', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) =>
        assert.deepEqual(parseJson(JSON.stringify(value), 'x'), JSON.parse(JSON.stringify(value))),
      ),
    );
  });

  it('is refused wherever it was cut off, with its name and what may have happened', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length - 1 }), (length) => {
        const { code, message } = errorOf(() => parseJson(text.slice(0, length), 'runs/a/result.json'));
        assert.equal(code, 'RESULT_UNREADABLE');
        assert.match(message, /^runs\/a\/result\.json: not JSON \(cut off\?\): ./);
      }),
    );
  });
});

describe('a stored result', () => {
  it('of any other JSON is refused with what was expected, whole or bare', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 2 }), (value) => {
        for (const parse of [parseResult, parseBareResult]) {
          const { code, message } = errorOf(() => parse(JSON.stringify(value), 'a.json'));
          assert.equal(code, 'RESULT_UNREADABLE');
          assert.match(
            message,
            /^a\.json: expected schema trunkline\.result\/1, found .*(?:Name a result\.json|Update trunkline|Use the version)/s,
          );
        }
      }),
    );
  });

  it('without one of its parts is refused by the name of that part', () => {
    const optional = [
      'shardLoop',
      'http',
      'groups',
      'profile',
      'overload',
      'misfits',
      'network',
      'platforms',
      'presence',
      'events',
      'storms',
      'faults',
      'content',
      'durability',
    ]; // results from before it are read
    for (const key of Object.keys(madeResult()).filter((one) => one !== 'schema' && !optional.includes(one))) {
      const rest = Object.fromEntries(Object.entries(madeResult()).filter(([name]) => name !== key));
      const { message } = errorOf(() => parseResult(JSON.stringify(rest), 'a.json'));
      assert.ok(message.startsWith(`a.json: not a whole result: ${key}: `), message);
    }
  });
});
