/** Phones that wait for room: none is forgotten and none served out of turn, however many they are. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { BareLane } from '../bare-lane.test-suite.ts';
import { OwedRound } from '../owed-round.ts';
import { OwedActions } from './owed-actions.ts';
import { NO_CONNECTION, PhoneState } from './phone-table.ts';

const CAPACITY = 2 ** 16;
/** Three of these are more than the queue holds. */
const FILL = { push: 30_000, shift: 0 };

describe('the queue of phones that wait for room', () => {
  it('does what a list of bounded length does', () => {
    const step = fc.record({ push: fc.nat(30_000), shift: fc.nat(30_000) });
    let overflows = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12, size: 'max' }), (steps) => {
        const queue = new OwedActions();
        const naive: number[] = [];
        let served = 0;
        let wasFull = false;
        let row = 0;
        for (const { push, shift } of steps) {
          for (let n = 0; n < push; n++, row++) {
            queue.push(row);
            if (naive.length - served < CAPACITY) naive.push(row);
            else wasFull = true;
          }
          assert.equal(queue.length, naive.length - served);
          assert.equal(queue.wasFull, wasFull);
          for (let n = Math.min(shift, queue.length); n > 0; n--) {
            if (queue.first() !== naive[served++]) assert.fail(`place ${served - 1} is out of turn`);
            queue.shift();
          }
        }
        if (wasFull) overflows++;
      }),
      { numRuns: 10, examples: [[[FILL, FILL, FILL, { push: 1, shift: 30_000 }, FILL]]] },
    );
    assert.ok(overflows > 0, 'the queue was full at times');
  });
});

describe('the round over phones that found the queue full', () => {
  const mark = fc.constantFrom('leaving', 'leaving for good', 'answer', 'login', 'connecting', 'online', 'idle');

  /** Marks a row. @returns whether its phone has something to do. */
  function put(lane: BareLane, row: number, what: string): boolean {
    const { phones } = lane.state;
    phones.setConnection(row, what === 'connecting' || what === 'idle' ? NO_CONNECTION : row);
    phones.setOwesAnswer(row, what === 'answer');
    const states: Record<string, number> = {
      leaving: PhoneState.LEAVING,
      'leaving for good': PhoneState.LEAVING_FOR_GOOD,
      login: PhoneState.CONNECTING,
      connecting: PhoneState.CONNECTING,
      idle: PhoneState.IDLE,
    };
    phones.setState(row, states[what] ?? PhoneState.ONLINE);
    return what === 'leaving' || what === 'leaving for good' || what === 'answer' || what === 'login';
  }

  it('finds all that have something to do and no other, once the queue is empty', () => {
    const marked = fc.uniqueArray(fc.tuple(fc.nat(8999), mark), {
      maxLength: 60,
      size: 'max',
      selector: ([row]) => row,
    });
    fc.assert(
      fc.property(marked, (marks) => {
        const lane = new BareLane(9000); // more rows than one turn looks at
        const { owed } = lane.state;
        const round = new OwedRound(lane.state);
        const owing = marks.filter(([row, what]) => put(lane, row, what)).map(([row]) => row);
        assert.equal(round.doWork(), 0, 'nobody found the queue full: there is no reason to look');
        owed.push(7);
        owed.wasFull = true;
        assert.equal(round.doWork(), 0, 'the queue comes first');
        owed.shift();
        const found: number[] = [];
        for (let turns = 0; round.doWork() > 0; turns++) {
          assert.ok(turns < 10, 'it is one round');
          for (; owed.length > 0; owed.shift()) found.push(owed.first());
        }
        assert.deepEqual(
          found,
          owing.sort((a, b) => a - b),
        );
        assert.equal(owed.wasFull, false);
      }),
      { numRuns: 40 },
    );
  });
});
