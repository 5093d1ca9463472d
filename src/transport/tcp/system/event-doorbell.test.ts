/** When a bell writes to its descriptor: exactly if its owner sleeps, or is about to, and only once for each sleep. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checkLeftovers } from '../../../measure/leftovers.test-suite.ts';
import { EpollSet } from './epoll-set.ts';
import { EventDoorbell, openBellDescriptor } from './event-doorbell.ts';
import { Linux, loadSystemCalls, type SystemCalls, whyNoSystemCalls } from './system-calls.ts';

const WORD = 2;
const DESCRIPTOR = 9;
const SLEEP_MICROS = 1234;

/** A bell whose writes are counted. */
class Bell {
  readonly words = new Int32Array(new SharedArrayBuffer(16));
  readonly bell: EventDoorbell;
  writes = 0;

  constructor() {
    const write = (descriptor: number, from: Uint8Array, bytes: number): number => {
      assert.deepEqual([descriptor, [...from], bytes], [DESCRIPTOR, [1, 0, 0, 0, 0, 0, 0, 0], 8]);
      this.writes++;
      return bytes;
    };
    this.bell = new EventDoorbell({ write } as SystemCalls, this.words, WORD, DESCRIPTOR); // it makes no other call
  }
}

describe('a bell', () => {
  it('costs no system call while its owner is awake', () => {
    const one = new Bell();
    one.bell.ring();
    const timesOut = (): void => {};
    one.bell.sleep(() => false, timesOut, SLEEP_MICROS);
    one.bell.ring();
    assert.equal(one.writes, 0);
  });

  it('wakes a sleeper once, however often it is rung, and leaves the words of others alone', () => {
    const one = new Bell();
    one.words.fill(7);
    one.words[WORD] = 0;
    let slept = 0;
    const wait = (micros: number): void => {
      slept = micros;
      for (let n = 0; n < 5; n++) one.bell.ring();
    };
    one.bell.sleep(() => false, wait, SLEEP_MICROS);
    assert.deepEqual([slept, one.writes], [SLEEP_MICROS, 1]);
    one.bell.ring();
    assert.equal(one.writes, 1, 'it is awake again');
    assert.deepEqual([...one.words], [7, 7, 0, 7]);
  });

  it('does not let its owner sleep where there is work already, and is rung for what comes after that was asked', () => {
    const one = new Bell();
    one.bell.sleep(
      () => true,
      () => assert.fail('there is work'),
      SLEEP_MICROS,
    );
    let waits = 0;
    const isRung = (): boolean => {
      one.bell.ring(); // a producer between the question and the sleep
      return false;
    };
    one.bell.sleep(isRung, () => waits++, SLEEP_MICROS);
    assert.deepEqual([one.writes, waits], [1, 1]);
  });

  it('loses no work whenever producers come: whatever is published is seen before a sleep, or ends it', () => {
    const moment = fc.constantFrom('before', 'at the question', 'asleep', 'after');
    fc.assert(
      fc.property(fc.array(fc.array(moment, { maxLength: 4 }), { maxLength: 20 }), (turns) => {
        const one = new Bell();
        let work = 0;
        for (const moments of turns) {
          const come = (when: string): void => {
            for (const each of moments) {
              if (each !== when) continue;
              work++;
              one.bell.ring();
            }
          };
          come('before');
          let hasSlept = false;
          const written = one.writes;
          const hasWork = (): boolean => {
            const found = work > 0;
            come('at the question');
            return found;
          };
          const wait = (): void => {
            hasSlept = true;
            come('asleep');
            if (work > 0) assert.equal(one.writes, written + 1, 'the descriptor ends the sleep');
          };
          one.bell.sleep(hasWork, wait, SLEEP_MICROS);
          if (moments.includes('before')) assert.equal(hasSlept, false);
          work = 0; // the owner does all of it
          come('after');
        }
      }),
    );
  });
});

describe('the descriptor of a bell', { skip: whyNoSystemCalls() ?? false }, () => {
  checkLeftovers();

  it('ends each sleep in epoll, though nobody reads it', () => {
    const calls = loadSystemCalls();
    const descriptor = openBellDescriptor(calls);
    const epoll = new EpollSet(calls, 4, 1);
    const words = new Int32Array(new SharedArrayBuffer(4));
    const bell = new EventDoorbell(calls, words, 0, descriptor);
    epoll.add(descriptor, 5, 6, Linux.EPOLLIN | Linux.EPOLLET);
    const found: number[] = [];
    const wait = (micros: number): void => {
      bell.ring();
      epoll.fetch(micros, () => true); // returns at once, although an hour is allowed
      while (epoll.next()) found.push(epoll.place);
    };
    for (let n = 0; n < 3; n++) bell.sleep(() => false, wait, 3600e6);
    assert.deepEqual(found, [5, 5, 5]);
    epoll.close();
    calls.close(descriptor);
  });
});
