import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isErrorCode, TrunklineError } from './errors.ts';

describe('an error', () => {
  it('says by its code who has to act', () => {
    const cause = new Error('why');
    const error = new TrunklineError('SCENARIO_INVALID', 'expected this, found that', { cause });
    assert.deepEqual([error.kind, error.name, error.cause], ['usage', 'TrunklineError', cause]);
    assert.equal(new TrunklineError('WORKER_FAILED', 'shard-1 threw').kind, 'run');
    assert.equal(new TrunklineError('RESULT_INVALID', 'expected this, found that').kind, 'bug');
  });

  it('is known by its code when it comes from another process, and nothing else is', () => {
    assert.equal(isErrorCode('SIDE_FAILED'), true);
    for (const other of ['side_failed', 'toString', '__proto__', '', undefined, 5])
      assert.equal(isErrorCode(other), false);
  });
});
