import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { ErrorNumber } from './error-number.ts';
import { whyNoSystemCalls } from './system-calls.ts';
import { systemRefusal } from './system-refusal.ts';

/** Repeats an action in a process with few descriptors until it throws. @returns the error's code and message. */
function exhausted(module: string, action: string): { code: string; message: string } {
  const path = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href);
  const script = `
    const { loadSystemCalls } = await import(${path('./system-calls.js')});
    const made = await import(${path(module)});
    const calls = loadSystemCalls();
    try {
      for (let n = 0; n < 1000; n++) ${action};
    } catch ({ code, message }) {
      process.stdout.write(JSON.stringify({ code, message }));
    }`;
  const command = 'ulimit -n 64; exec "$0" --input-type=module -e "$1"';
  const { stdout, stderr } = spawnSync('bash', ['-c', command, process.execPath, script], { encoding: 'utf8' });
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout);
}

describe('what the system refuses', { skip: whyNoSystemCalls() ?? false }, () => {
  for (const [what, module, action] of [
    ['an epoll instance', './epoll-set.js', 'new made.EpollSet(calls, 8, 1)'],
    ['a bell of a thread (eventfd)', './event-doorbell.js', 'made.openBellDescriptor(calls)'],
  ] as const)
    it(`is an operating error with its remedy, where descriptors run out for ${what}`, () => {
      const { code, message } = exhausted(module, action);
      assert.equal(code, 'SYSTEM_REFUSED');
      assert.ok(message.startsWith(`The system refused ${what}: EMFILE (24).`), message);
      assert.match(message, /ulimit -n/);
    });

  it('says what to do for every error that is known', () => {
    for (const errno of [...Object.values(ErrorNumber), 9999]) {
      const { code, message } = systemRefusal('a thing', errno);
      assert.equal(code, 'SYSTEM_REFUSED');
      assert.match(message, /ulimit|sysctl|--set|--transport/);
    }
  });
});
