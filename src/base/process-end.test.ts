/** What an error says of a process that ended before its time. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { processEnd } from './process-end.ts';

it('the end of a process is its exit code or signal, and after SIGKILL what may have caused it', () => {
  assert.equal(processEnd(3, null), '(exit code 3)');
  assert.equal(processEnd(null, 'SIGSEGV'), '(SIGSEGV)');
  assert.match(processEnd(null, 'SIGKILL'), /^\(SIGKILL\)\. .*when memory runs out: free memory, or use fewer phones$/);
});
