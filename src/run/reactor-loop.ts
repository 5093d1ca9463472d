/**
 * The loop of a worker thread around a reactor: work, look for commands, and sleep when there is
 * nothing to do. The reactor decides what work is; this decides what to do with none.
 *
 * A turn allocates nothing. Times in it are whole microseconds from now, which V8 keeps in a word: a
 * double that crosses a call is an object, and a thread with little to do takes thousands of turns a second.
 */
import { KeptNumber } from '../base/kept-number.ts';

export interface Reactor {
  /** Does what there is to do; 0 for nothing. */
  doWork(): number;
  /** Whether input has come; asked once more before going to sleep. */
  hasInput(): boolean;
  /** Whole microseconds until something is due: 0 if it is, `mostMicros` if it is not within those. */
  untilDueMicros(mostMicros: number): number;
}

/** How a thread sleeps until someone has work for it. */
export interface Sleeper {
  /** Sleeps at most so many whole microseconds, unless there is work already. */
  sleep(hasWork: () => boolean, micros: number): void;
}

export interface IdleSettings {
  /** Turns without work before the thread goes to sleep. */
  readonly spins: number;
  /**
   * The first sleep, which no doorbell ends; 0 for none. Waking a thread costs more than a
   * message does, so under load a short wait that gathers work is cheaper for everyone.
   */
  readonly napMicros: number;
  /** The longest sleep. */
  readonly parkMicros: number;
}

/** Sleeping for less than this takes longer than it is worth. */
const SHORTEST_PARK_MICROS = 20;

/** Runs until `stopped` says so. */
export function runReactor(
  reactor: Reactor,
  sleeper: Sleeper,
  idle: IdleSettings,
  pollCommands: () => void,
  stopped: () => boolean,
): void {
  const hasInput = (): boolean => reactor.hasInput();
  const pillow = new Int32Array(new SharedArrayBuffer(4));
  const napMillis = new KeptNumber(idle.napMicros / 1000);
  let idleTurns = 0;
  while (!stopped()) {
    pollCommands();
    if (reactor.doWork() > 0) {
      idleTurns = 0;
      continue;
    }
    idleTurns++;
    if (idleTurns <= idle.spins) continue;
    if (idleTurns === idle.spins + 1 && idle.napMicros > 0) {
      Atomics.wait(pillow, 0, 0, napMillis.value);
      continue;
    }
    const parkMicros = reactor.untilDueMicros(idle.parkMicros);
    if (parkMicros >= SHORTEST_PARK_MICROS) sleeper.sleep(hasInput, parkMicros);
    else if (idle.napMicros > 0) idleTurns = idle.spins;
  }
}
