/** The token bucket of logins against a naive model, and the pauses that it tells. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { LoginAdmission } from './login-admission.ts';

class TestClock {
  micros = 0;
  nowMicros(): number {
    return this.micros;
  }
  tell(into: Float64Array): void {
    into[0] = this.micros;
  }
}

const bucket = fc.record({ perSecond: fc.integer({ min: 1, max: 100_000 }), burst: fc.integer({ min: 1, max: 300 }) });

describe('the admission of logins', () => {
  it('admits as a bucket does that is filled token by token', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 30_000 }), { maxLength: 300 });
    fc.assert(
      fc.property(bucket, gaps, ({ perSecond, burst }, micros) => {
        const clock = new TestClock();
        const admission = new LoginAdmission(clock, { perSecond, burst });
        let tokens = burst;
        for (const gap of micros) {
          clock.micros += gap;
          tokens = Math.min(burst, tokens + (gap * perSecond) / 1e6);
          admission.beginTurn();
          const admits = admission.admits();
          // Within a rounding error of a whole token both answers are right.
          if (Math.abs(tokens - 1) > 1e-3) assert.equal(admits, tokens >= 1, `${tokens} tokens`);
          if (!admits) continue;
          admission.take();
          tokens = Math.max(0, tokens - 1);
        }
      }),
    );
  });

  it('spreads those that it refuses over the time that the bucket needs for them', () => {
    fc.assert(
      fc.property(bucket, fc.integer({ min: 1, max: 2000 }), ({ perSecond, burst }, waiting) => {
        const admission = new LoginAdmission(new TestClock(), { perSecond, burst });
        for (; admission.admits(); admission.take());
        const pauses = Array.from({ length: waiting }, () => admission.pauseMillis());
        pauses.forEach((pause, n) => {
          const micros = ((n + 1) * 1e6) / perSecond;
          assert.ok(pause * 1000 >= micros - 1 && pause * 1000 <= micros + 1001, `${n}: ${pause} ms, not ${micros} us`);
        });
      }),
    );
  });

  it('admits all who return when they were told to, each of them the first time', () => {
    fc.assert(
      fc.property(bucket, fc.integer({ min: 1, max: 2000 }), ({ perSecond, burst: more }, phones) => {
        const burst = more + 1 + Math.ceil(perSecond / 1000); // those of one millisecond return together
        const clock = new TestClock();
        const admission = new LoginAdmission(clock, { perSecond, burst });
        const returns: number[] = [];
        for (let n = 0; n < phones; n++) {
          if (admission.admits()) admission.take();
          else returns.push(admission.pauseMillis() * 1000);
        }
        for (const micros of returns) {
          clock.micros = micros;
          admission.beginTurn();
          assert.ok(admission.admits(), `at ${micros} us`);
          admission.take();
        }
      }),
    );
  });

  it('reads the clock once per turn, and goes on after a long rest with one burst', () => {
    const clock = new TestClock();
    const admission = new LoginAdmission(clock, { perSecond: 10, burst: 3 });
    const admitted = (): number => {
      let count = 0;
      for (; count < 100 && admission.admits(); count++) admission.take();
      return count;
    };
    assert.equal(admitted(), 3);
    clock.micros = 3600e6;
    assert.equal(admitted(), 0, 'in the same turn');
    admission.beginTurn();
    assert.equal(admitted(), 3);
  });
});
