import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { systemCallNames, whyNoSystemCalls } from '../../transport/tcp/system/system-calls.ts';
import { SourceNames } from './source-names.ts';

const SOURCE = new URL('../../../src/transport/tcp/system/system-calls.ts', import.meta.url);
const frame = (
  functionName: string,
  url = '',
): { functionName: string; url: string; lineNumber: number; columnNumber: number } => ({
  functionName,
  url,
  lineNumber: -1,
  columnNumber: -1,
});

/** The name of a function that a caller calls, both in a profile. */
function named(caller: string, url: string, callee: string): string {
  const nodes = [
    { id: 1, callFrame: frame(caller, url), children: [2] },
    { id: 2, callFrame: frame(callee) },
  ];
  new SourceNames().apply({ nodes });
  return nodes[1]?.callFrame.functionName ?? '';
}

describe('the names of system calls in a profile', { skip: whyNoSystemCalls() ?? false }, () => {
  it('are known of every function that is declared to koffi', () => {
    const declared = [...readFileSync(SOURCE, 'utf8').matchAll(/'(?:int|void\*) (\w+)\(/g)].map(
      ([, name]) => name ?? '',
    );
    assert.ok(declared.length > 20 && declared.includes('madvise'), declared.join());
    // epoll_wait is bound only where there is no epoll_pwait2
    assert.deepEqual(
      declared.filter((name) => !systemCallNames().has(name) && name !== 'epoll_wait'),
      [],
    );
  });

  it('say which function called, since V8 knows all of them by one name', () => {
    assert.equal(named('ringEnter', 'src/transport/tcp/system/system-calls.ts', 'munmap'), 'system call of ringEnter');
    assert.equal(named('advise', 'src/run/worker/memory/huge-page-memory.ts', 'madvise'), 'system call of advise');
    assert.equal(named('epollWait', 'src/transport/tcp/system/system-calls.ts', 'sizeof'), 'system call of epollWait');
    assert.equal(named('epollWait', 'src/transport/tcp/system/system-calls.ts', 'poll'), 'system call of epollWait');
    assert.equal(named('(root)', '', 'munmap'), 'system call of an unknown function');
  });

  it('are not given to functions of JavaScript that have the same name', () => {
    assert.equal(named('doWork', 'src/driver/lane.ts', 'bind'), 'bind');
    assert.equal(named('ringEnter', 'src/transport/tcp/system/system-calls.ts', 'set'), 'set');
  });
});
