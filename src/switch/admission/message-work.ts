/**
 * Work that a shard does for each message that it takes from a phone, in addition to its own: what a server of a
 * product does besides switching, such as checks for spam. It makes the shard the bottleneck of a run where driver and
 * switch share the cores. Only messages that are new and within the bounds cost it, not those that are refused.
 */
import type { Clock } from '../../base/clock.ts';

export interface MessageWork {
  /** Duration of the work for one message, in microseconds, above 0. */
  readonly micros: number;
  /** Does the work for one message. */
  spend(): void;
}

/**
 * Longest work of one turn, in microseconds: a turn takes as much input as that allows, so that timers and output do
 * not wait.
 */
const TURN_WORK_MICROS = 2000;

/** Inputs from phones that a shard may take per turn with this work. @param inputsPerTurn the limit without it. */
export function inputsWithWork(inputsPerTurn: number, work: MessageWork | undefined): number {
  if (work === undefined) return inputsPerTurn;
  return Math.max(1, Math.min(inputsPerTurn, Math.floor(TURN_WORK_MICROS / work.micros)));
}

/** Work that occupies the thread: it reads the clock until the time has passed. */
export function spinningWork(micros: number, clock: Clock): MessageWork {
  const now = new Float64Array(1);
  return {
    micros,
    spend: () => {
      clock.tell(now);
      const until = (now[0] as number) + micros; // its only element
      while ((now[0] as number) < until) clock.tell(now);
    },
  };
}
