import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { TimingWheel, WHEEL_NONE } from './timing-wheel.ts';

const ROWS = 12;
const BUCKETS = 16;

it('gives each row when its tick has come, never before, as a list of deadlines would', () => {
  const step = fc.record({ row: fc.nat(ROWS - 1), ahead: fc.integer({ min: 0, max: BUCKETS - 1 }), pass: fc.nat(20) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
      const rows = new Int32Array(ROWS * 3);
      const wheel = new TimingWheel({ words: rows, stride: 3, at: 2 }, BUCKETS, 0);
      const deadlines = new Map<number, number>();
      let tick = 0;
      for (const { row, ahead, pass } of steps) {
        if (!wheel.holds(row)) {
          wheel.insert(row, tick + ahead);
          deadlines.set(row, tick + Math.max(1, ahead));
        }
        assert.equal(wheel.holds(row), true);
        tick += pass;
        for (let due = wheel.expire(tick); due !== WHEEL_NONE; due = wheel.expire(tick)) {
          const deadline = deadlines.get(due);
          assert.ok(deadline !== undefined, `row ${due} was in the wheel, once`);
          assert.ok(deadline <= tick, `row ${due} was due at ${deadline}, given at ${tick}`);
          deadlines.delete(due);
        }
        for (const [left, deadline] of deadlines) assert.ok(deadline > tick, `row ${left} was due at ${deadline}`);
      }
    }),
  );
});

it('gives a row beyond its reach early, not never', () => {
  const wheel = new TimingWheel({ words: new Int32Array(3), stride: 3, at: 2 }, BUCKETS, 0);
  wheel.insert(0, 1000);
  assert.equal(wheel.expire(BUCKETS - 2), WHEEL_NONE);
  assert.equal(wheel.expire(BUCKETS - 1), 0);
  assert.equal(wheel.holds(0), false);
});

it('refuses a row that is in a bucket', () => {
  const wheel = new TimingWheel({ words: new Int32Array(3), stride: 3, at: 2 }, BUCKETS, 0);
  wheel.insert(0, 3);
  assert.throws(() => wheel.insert(0, 4), /at most one bucket/);
});
