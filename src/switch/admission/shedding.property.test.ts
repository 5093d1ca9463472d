import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { INPUT_MARKS } from '../../wire/transport.ts';
import { SWITCH_COUNTERS, SwitchCounter } from '../terms/switch-counters.ts';
import { InputWait, type MarkedInput } from './input-wait.ts';
import { Shed, Shedding } from './shedding.ts';

const BOUND_MICROS = 50_000;
/** The parts of the bound at which presence, typing, logins and messages are shed. */
const BOUNDS = [12_500, 25_000, 31_250, 37_500, 50_000];

/** A queue that knows when each input came: the model, which the estimate has to do without. */
class TimedQueue implements MarkedInput {
  readonly arrivals: number[] = [];
  #taken = 0;
  readonly #marks: number[] = [];
  readonly inputMarks = {
    set: (mark: number): void => {
      assert.ok(mark >= 0 && mark < INPUT_MARKS);
      this.#marks[mark] = this.#taken + this.arrivals.length;
    },
    isTaken: (mark: number): boolean => this.#taken >= (this.#marks[mark] ?? Number.NaN),
  };

  hasInput(): boolean {
    return this.arrivals.length > 0;
  }

  take(limit: number): void {
    this.#taken += this.arrivals.splice(0, limit).length;
  }

  oldestAge(nowMicros: number): number {
    return nowMicros - (this.arrivals[0] ?? nowMicros);
  }
}

interface Turn {
  readonly micros: number;
  readonly arriving: number;
  readonly taken: number;
}

/** Phases of overload, relief and rest, so that waits rise above the bound and fall again. */
const turns = fc
  .array(
    fc.record({
      length: fc.integer({ min: 1, max: 60 }),
      micros: fc.integer({ min: 1, max: 4000 }),
      arriving: fc.integer({ min: 0, max: 40 }),
      taken: fc.integer({ min: 0, max: 40 }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((phases) => phases.flatMap(({ length, ...turn }) => Array.from({ length }, (): Turn => turn)));

/** Calls `look` at the beginning of each turn that finds input which an earlier turn has left. */
function play(
  queue: TimedQueue,
  steps: readonly Turn[],
  begin: (now: Float64Array) => void,
  end: () => void,
  look: (nowMicros: number, turnMicros: number) => void,
): void {
  const now = new Float64Array(1);
  for (const { micros, arriving, taken } of steps) {
    const before = now[0] ?? 0;
    const hadInput = queue.hasInput();
    for (let n = 1; n <= arriving; n++) queue.arrivals.push(before + (micros * n) / arriving);
    now[0] = before + micros;
    begin(now);
    if (hadInput) look(before + micros, micros);
    queue.take(taken);
    end();
  }
}

it('knows the longest wait to an eighth of the bound, without a time stamp per input', () => {
  fc.assert(
    fc.property(turns, (steps) => {
      const queue = new TimedQueue();
      const wait = new InputWait(queue, BOUND_MICROS);
      const longestTurn = Math.max(...steps.map(({ micros }) => micros));
      let hasBeenLong = false;
      play(
        queue,
        steps,
        (now) => wait.begin(now),
        () => {
          wait.end();
          if (!queue.hasInput()) hasBeenLong = false;
        },
        (nowMicros) => {
          const age = queue.oldestAge(nowMicros);
          assert.ok(wait.micros + longestTurn >= age, `${wait.micros} is less than ${age}`);
          // A wait above the bound has used up all marks: it is known to be long until there are new ones.
          hasBeenLong ||= wait.micros >= 0.8 * BOUND_MICROS;
          const most = age + BOUND_MICROS / INPUT_MARKS + 2 * longestTurn;
          if (!hasBeenLong) assert.ok(wait.micros <= most, `${wait.micros} is more than ${most}`);
        },
      );
    }),
    { numRuns: 50 },
  );
});

it('without marks, knows how long it is since a turn left no input', () => {
  const queue = new TimedQueue();
  const wait = new InputWait({ hasInput: () => queue.hasInput() }, BOUND_MICROS);
  const waits: number[] = [];
  const busy = Array.from({ length: 4 }, () => ({ micros: 1000, arriving: 3, taken: 2 }));
  const steps = [...busy, { micros: 1000, arriving: 0, taken: 9 }, { micros: 90_000, arriving: 1, taken: 1 }];
  play(
    queue,
    steps,
    (now) => {
      wait.begin(now);
      waits.push(wait.micros);
    },
    () => wait.end(),
    () => {},
  );
  assert.deepEqual(waits, [0, 1000, 2000, 3000, 4000, 0], 'a shard that slept has let nothing wait');
});

const TIMES = [
  SwitchCounter.shedPresenceMicros,
  SwitchCounter.shedTypingMicros,
  SwitchCounter.shedReadReceiptsMicros,
  SwitchCounter.shedLoginsMicros,
  SwitchCounter.shedMessagesMicros,
];

it('sheds presence first, then typing, read receipts, logins and messages, and counts the time of each as a model does', () => {
  fc.assert(
    fc.property(turns, (steps) => {
      const counters = new Float64Array(SWITCH_COUNTERS.length);
      const queue = new TimedQueue();
      const shedding = new Shedding(BOUND_MICROS, queue, counters);
      // The same queue again: a mark belongs to one observer.
      const same = new TimedQueue();
      const wait = new InputWait(same, BOUND_MICROS);
      const model = BOUNDS.map(() => ({ micros: 0, isShed: false }));
      const waits: number[] = [];
      const note = (now: Float64Array): void => {
        wait.begin(now);
        waits.push(wait.micros);
      };
      play(
        same,
        steps,
        note,
        () => wait.end(),
        () => {},
      );
      let turn = 0;
      const look = (now: Float64Array): void => {
        shedding.begin(now);
        const waited = waits[turn] ?? 0;
        for (const [kind, one] of model.entries()) {
          if (one.isShed) one.micros += steps[turn]?.micros ?? 0;
          one.isShed = waited >= (BOUNDS[kind] ?? 0);
          assert.equal(shedding.isShed(kind), one.isShed, `kind ${kind} at a wait of ${waited}`);
        }
        for (const kind of [Shed.TYPING, Shed.READ_RECEIPTS, Shed.LOGINS, Shed.MESSAGES])
          if (shedding.isShed(kind)) assert.ok(shedding.isShed(kind - 1), 'what people miss less is shed before');
        turn++;
      };
      play(
        queue,
        steps,
        look,
        () => shedding.end(),
        () => {},
      );
      assert.deepEqual(
        TIMES.map((counter) => counters[counter]),
        model.map((one) => one.micros),
      );
    }),
    { numRuns: 50 },
  );
});
