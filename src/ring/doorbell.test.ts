import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Doorbell } from './doorbell.ts';

const makeBell = (): Doorbell => new Doorbell(new Int32Array(new SharedArrayBuffer(4)), 0);
const nothing = (): boolean => false;

/** Counts wake-ups. */
function waker(): { readonly wake: () => void; times: number } {
  const made = {
    times: 0,
    wake: (): void => {
      made.times++;
    },
  };
  return made;
}

async function untilWoken(woken: { times: number }): Promise<void> {
  for (let turn = 0; turn < 10_000 && woken.times === 0; turn++) await nextTurn();
  assert.equal(woken.times, 1);
}

describe('a doze', () => {
  it('does not begin when there is work already', () => {
    assert.equal(
      makeBell().doze(() => true, assert.fail),
      false,
    );
  });

  it('does not begin when the bell rings after the last look for work', () => {
    const bell = makeBell();
    const ringing = (): boolean => {
      bell.ring();
      return false;
    };
    assert.equal(bell.doze(ringing, assert.fail), false);
  });

  it('ends when the bell rings', async () => {
    const bell = makeBell();
    const woken = waker();
    assert.equal(bell.doze(nothing, woken.wake), true);
    bell.ring();
    await untilWoken(woken);
  });

  it('ends when the bell rings after its last look, with a waiter left behind by an earlier doze', async () => {
    const bell = makeBell();
    const woken = waker();
    assert.equal(bell.doze(nothing, woken.wake), true);
    bell.rise(); // something else woke it
    const ringing = (): boolean => {
      bell.ring();
      return false;
    };
    assert.equal(bell.doze(ringing, woken.wake), true);
    await untilWoken(woken);
    assert.equal(bell.doze(nothing, woken.wake), true, 'and there is a waiter again');
    bell.ring();
    woken.times = 0;
    await untilWoken(woken);
  });

  it('does not hear a bell that rings while its owner is awake', async () => {
    const bell = makeBell();
    const woken = waker();
    bell.doze(nothing, woken.wake);
    bell.rise();
    bell.ring();
    for (let turn = 0; turn < 100; turn++) await nextTurn();
    assert.equal(woken.times, 0);
    bell.dismiss();
    await untilWoken(woken);
  });
});
