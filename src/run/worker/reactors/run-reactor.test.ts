import assert from 'node:assert/strict';
import { it } from 'node:test';
import { VirtualClock } from '../../../simulate/world/virtual-clock.ts';
import { type IdleSettings, type Reactor, runReactor, type Sleeper } from './run-reactor.ts';

const IDLE: IdleSettings = { spins: 4, napMicros: 200, parkMicros: 10_000 };
/** Time that a turn takes. */
const TURN_MICROS = 1;

/** The delay of each event, and the number of sleeps, in a loop whose time passes only in sleeps and turns. */
function run(dueMicros: readonly number[]): { late: number[]; sleeps: number } {
  const clock = new VirtualClock();
  const left = [...dueMicros];
  const late: number[] = [];
  let sleeps = 0;
  const reactor: Reactor = {
    doWork: () => {
      clock.advance(TURN_MICROS);
      let done = 0;
      for (; (left[0] ?? Number.POSITIVE_INFINITY) <= clock.nowMicros(); done++)
        late.push(clock.nowMicros() - (left.shift() ?? 0));
      return done;
    },
    hasInput: () => false,
    untilDueMicros: (most) => Math.max(0, Math.min(most, (left[0] ?? Number.POSITIVE_INFINITY) - clock.nowMicros())),
  };
  const rest = (micros: number): void => {
    sleeps++;
    clock.advance(micros);
  };
  const sleeper: Sleeper = { sleep: (_, micros) => rest(micros), nap: rest };
  runReactor(
    reactor,
    sleeper,
    IDLE,
    () => {},
    () => left.length === 0,
  );
  return { late, sleeps };
}

it('wakes when something is due, whether it naps or sleeps', () => {
  const { late } = run([300, 370, 520, 2000, 30_000]);
  assert.ok(Math.max(...late) <= 2 * TURN_MICROS, `late by ${late.join()}`);
});

it('gathers what is due so soon that waking for each would cost more', () => {
  const often = Array.from({ length: 1000 }, (_, n) => 1000 + n * 10);
  const { late, sleeps } = run(often);
  assert.ok(sleeps < 100, `${sleeps} sleeps`);
  assert.ok(Math.max(...late) <= IDLE.napMicros, `late by ${Math.max(...late)}`);
});
