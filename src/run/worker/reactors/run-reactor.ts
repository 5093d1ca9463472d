/**
 * The loop of a worker thread around a reactor: work, check for commands, and sleep if there is nothing to do. The
 * reactor defines what work is; the loop decides what to do when there is none.
 *
 * A turn allocates nothing. Times are whole microseconds from now, which V8 stores as small integers: a double passed
 * to a call would be allocated on the heap, and a mostly idle thread makes thousands of turns per second.
 */
import { at } from '../../../base/assert.ts';
import { KeptNumber } from '../../../base/kept-number.ts';

const MICROS_PER_MILLI = 1000;

export interface Reactor {
  /** Does the pending work. @returns 0 if there was none. */
  doWork(): number;
  /** Whether input has arrived; checked once more before the thread sleeps. */
  hasInput(): boolean;
  /** Whole microseconds until something is due: 0 if something is, `microsMax` if nothing is due within that time. */
  untilDueMicros(microsMax: number): number;
}

/** How a thread sleeps until another thread has work for it. */
export interface Sleeper {
  /** Sleeps for at most a number of microseconds, unless there is work already. */
  sleep(hasWork: () => boolean, micros: number): void;
  /** Sleeps for a number of microseconds or slightly longer, without being woken earlier. */
  nap(micros: number): void;
}

/** Maximum of different nap lengths, and the smallest step between two. */
const NAPS_MAX = 64;
const NAP_STEP_MICROS = 10;

/**
 * Naps on a word that no other thread knows, so nothing ends them early. Their lengths in milliseconds are not
 * integers, so each number is created once and kept, and the length of a nap is rounded up to the next of them.
 * @param microsMax the longest nap.
 */
export function napper(microsMax: number): (micros: number) => void {
  const pillow = new Int32Array(new SharedArrayBuffer(4));
  const step = Math.max(NAP_STEP_MICROS, Math.ceil(microsMax / NAPS_MAX));
  const lengths = Array.from(
    { length: Math.ceil(microsMax / step) + 1 },
    (_, n) => new KeptNumber((n * step) / MICROS_PER_MILLI),
  );
  const nap = (micros: number): void => {
    Atomics.wait(pillow, 0, 0, at(lengths, Math.ceil(micros / step)).value);
  };
  return nap; // a function with a name, which profiles show
}

export interface IdleSettings {
  /** Turns without work before the thread goes to sleep. */
  readonly spins: number;
  /**
   * Length of the first sleep, which no doorbell ends; 0 for none. Waking a thread costs more than processing a
   * message, so under load it is cheaper to let work accumulate for a short time. The sleep ends when something is due,
   * unless it is due almost at once.
   */
  readonly napMicros: number;
  /** The longest sleep. */
  readonly parkMicros: number;
}

/** Minimum of a sleep; a shorter one would cost more than it saves. */
const SLEEP_MICROS_MIN = 20;
/**
 * Work that is due within this time does not shorten a nap: it waits for the end of the nap, together with work that
 * arrives meanwhile. With 20 µs, a lane needed 50 % more processor time at 20,000 messages/s, and no message left any
 * earlier.
 */
const GATHERING_MICROS = 50;

/** Runs until `stopped` returns true. */
export function runReactor(
  reactor: Reactor,
  sleeper: Sleeper,
  idle: IdleSettings,
  pollCommands: () => void,
  stopped: () => boolean,
): void {
  const hasInput = (): boolean => reactor.hasInput();
  // Settings may be integers that are stored as doubles, and passing a double to a sleep would allocate each time.
  const napMicros = idle.napMicros | 0;
  const parkMicros = idle.parkMicros | 0;
  let idleTurns = 0;
  while (!stopped()) {
    pollCommands();
    if (reactor.doWork() > 0) {
      idleTurns = 0;
      continue;
    }
    idleTurns++;
    if (idleTurns <= idle.spins) continue;
    const untilDue = reactor.untilDueMicros(parkMicros);
    if (idleTurns === idle.spins + 1 && napMicros > 0) {
      sleeper.nap(untilDue < GATHERING_MICROS ? napMicros : Math.min(napMicros, untilDue));
      continue;
    }
    if (untilDue >= SLEEP_MICROS_MIN) sleeper.sleep(hasInput, untilDue);
    else if (napMicros > 0) idleTurns = idle.spins;
  }
}
