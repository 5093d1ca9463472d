import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { it } from 'node:test';
import { setTimerSlack } from './set-timer-slack.ts';
import { currentThreadId } from './thread-cpu.ts';

const FILE = `/proc/${currentThreadId()}/timerslack_ns`;

it('sets how late the kernel may wake this thread', {
  skip: existsSync(FILE) ? false : 'the kernel does not report it',
}, () => {
  const read = (): string => readFileSync(FILE, 'utf8').trim();
  const before = read();
  setTimerSlack(1234);
  assert.equal(read(), '1234');
  setTimerSlack(Number(before));
  assert.equal(read(), before);
});
