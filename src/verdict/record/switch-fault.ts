/**
 * What a run has found out about one fault of the process of its switch. Times that are null were not reached in the
 * run.
 */
import { formatMicros } from '../../base/units.ts';
import type { DeclaredFault } from '../../scenario/keys/faults-key.ts';
import type { ScenarioSettings } from '../../scenario/scenario-schema.ts';
import type { Interval } from './interval.ts';

/** Shares of the sessions before a fault whose return is timed. */
export const BACK_SHARES = [0.5, 0.9, 0.99] as const;

export interface SwitchFault {
  readonly declared: DeclaredFault;
  /** On the clock of the run. */
  readonly atMicros: number;
  /** Phones that were logged in when it happened. */
  readonly sessions: number;
  /** From the fault until the switch listened again, or was continued. */
  presentMicros: number | null;
  /** Of that: the time in which a store was read back; null without one. */
  restoreMicros: number | null;
  restoredEntries: number | null;
  /** From the fault until so many of the sessions were back; see {@link BACK_SHARES}. */
  readonly backMicros: [number | null, number | null, number | null];
  /** From the fault until the first ✓ after it. */
  acknowledgedMicros: number | null;
}

/**
 * The intervals that no fault touches, until 99 % of its sessions are back: guards on the load leave out the others.
 */
export function calmOfFaults(intervals: readonly Interval[], faults: readonly SwitchFault[]): Interval[] {
  return intervals.filter(({ atSeconds, seconds }) => {
    const [from, to] = [(atSeconds - seconds) * 1e6, atSeconds * 1e6];
    return faults.every(({ atMicros, backMicros }) => {
      const [, , whole] = backMicros;
      return to <= atMicros || (whole !== null && from >= atMicros + whole);
    });
  });
}

/** Whether the scenario kills a switch that may lose acknowledged messages then. */
export function mayLoseMessages({
  faults,
  switch: { durability },
}: Pick<ScenarioSettings, 'faults' | 'switch'>): boolean {
  return durability !== 'fsync' && faults.some(({ kill }) => kill !== undefined);
}

/** What a kill of the switch loses by design, to be said before a run; null if it loses nothing. */
export function lossNotice(settings: Pick<ScenarioSettings, 'faults' | 'switch'>): string | null {
  if (!mayLoseMessages(settings)) return null;
  const { durability, store } = settings.switch;
  const what =
    durability === 'async'
      ? `acknowledged messages of the last ${formatMicros(store.loss.time)} and of one sync`
      : 'all messages that wait in its mailboxes or are on their way';
  return `switch.durability=${durability}: a kill of the switch (faults) loses ${what}. They are counted, and the run is not valid if there are any. --set switch.durability=fsync loses none.`;
}
