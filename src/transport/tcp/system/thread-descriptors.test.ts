import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openDescriptors } from '../../../measure/leftovers.test-suite.ts';
import { openBellDescriptor } from './event-doorbell.ts';
import { loadSystemCalls, whyNoSystemCalls } from './system-calls.ts';
import { closeInherited, ThreadDescriptors } from './thread-descriptors.ts';

describe('descriptors of threads', { skip: whyNoSystemCalls() ?? false }, () => {
  it('are those opened since, but no files: their numbers may be another file tomorrow', () => {
    const calls = loadSystemCalls();
    const bell = openBellDescriptor(calls);
    const count = openDescriptors().size;
    const descriptors = new ThreadDescriptors();
    assert.deepEqual(descriptors.list(), []);
    const [one, other] = [openBellDescriptor(calls), openBellDescriptor(calls)];
    const file = openSync(fileURLToPath(import.meta.url), 'r');
    assert.deepEqual(
      descriptors.list(),
      [one, other].sort((a, b) => a - b),
    );
    closeInherited(calls, descriptors.list());
    assert.deepEqual(descriptors.list(), [], 'and can be let go of');
    closeSync(file);
    assert.equal(openDescriptors().size, count);
    calls.close(bell);
  });
});
