/**
 * The loop around a reactor whose input comes from Node's event loop. It works as in run-reactor, but between two turns
 * it returns to Node's event loop, so that sockets are read.
 */
import type { EventSleeper } from './event-sleeper.ts';
import type { IdleSettings, Reactor } from './run-reactor.ts';

const MICROS_PER_MILLI = 1000;
/**
 * Timers of Node have a resolution of one millisecond and may be one millisecond late. So a sleep ends this long before
 * something is due; the rest of the time passes in naps, between which sockets are read.
 */
const TIMER_SLACK_MILLIS = 1;
const NAP_MICROS = 50;
/** Length of the sleep if something is due but cannot be done until sockets have room. */
const BLOCKED_MILLIS = 1;
/** How far ahead due work is searched for; every sleep is shorter. */
const HORIZON_MICROS = 1e9;

/**
 * Runs until `stopped` returns true. The promise resolves then; it rejects with any error of the reactor. The loop
 * continues while commands are being answered.
 */
export function runEventReactor(
  reactor: Reactor,
  sleeper: EventSleeper,
  idle: IdleSettings,
  pollCommands: () => void,
  stopped: () => boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const hasInput = (): boolean => reactor.hasInput();
    const pillow = new Int32Array(new SharedArrayBuffer(4));
    let idleTurns = 0;

    const nap = (micros: number): void => {
      Atomics.wait(pillow, 0, 0, micros / MICROS_PER_MILLI);
      setImmediate(turn);
    };
    const rest = (): void => {
      const dueMicros = reactor.untilDueMicros(HORIZON_MICROS);
      if (idleTurns === idle.spins + 1 && idle.napMicros > 0) {
        nap(Math.min(idle.napMicros, dueMicros));
        return;
      }
      const dueMillis = Math.floor(dueMicros / MICROS_PER_MILLI) - TIMER_SLACK_MILLIS;
      if (dueMicros === 0) sleeper.sleep(hasInput, BLOCKED_MILLIS, turn);
      else if (dueMillis < 1) nap(Math.min(NAP_MICROS, dueMicros));
      else sleeper.sleep(hasInput, Math.min(dueMillis, idle.parkMicros / MICROS_PER_MILLI), turn);
    };
    const work = (): void => {
      pollCommands();
      if (stopped()) {
        sleeper.end();
        resolve();
        return;
      }
      idleTurns = reactor.doWork() > 0 ? 0 : idleTurns + 1;
      if (idleTurns <= idle.spins) setImmediate(turn);
      else rest();
    };
    const turn = (): void => {
      try {
        work();
      } catch (error) {
        sleeper.end();
        reject(error);
      }
    };
    turn();
  });
}
