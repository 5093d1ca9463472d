/**
 * Finds a short list of faults that still fails, by delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating
 * Failure-Inducing Input", 2002): takes out halves, then quarters, and so on, as long as the run without them fails the
 * same check. At the end no single fault can be left out, unless the limit of runs was reached or the search was
 * stopped.
 */
import type { Fault } from './faults/fault-kinds.ts';

export interface ShrunkFaults {
  readonly faults: readonly Fault[];
  /** Runs that it took. */
  readonly runs: number;
  /** Whether no single fault can be left out. */
  readonly isShortest: boolean;
}

/**
 * @param faults a list that fails.
 * @param fails whether a shorter list still fails in the same way.
 * @param runsMax bounds the time.
 * @param isStopped is asked before each run; then the list stays as it is.
 */
export async function shrinkFaults(
  faults: readonly Fault[],
  fails: (faults: readonly Fault[]) => boolean | Promise<boolean>,
  runsMax: number,
  isStopped: () => boolean | Promise<boolean> = () => false,
): Promise<ShrunkFaults> {
  let kept = faults;
  let runs = 0;
  const stillFails = (list: readonly Fault[]): boolean | Promise<boolean> => {
    runs++;
    return fails(list);
  };
  if (await isStopped()) return { faults: kept, runs, isShortest: false };
  if (kept.length > 0 && (await stillFails([]))) return { faults: [], runs, isShortest: true };
  for (let parts = 2; kept.length > 1; ) {
    const size = Math.ceil(kept.length / parts);
    let shorter: readonly Fault[] | undefined;
    for (let start = 0; start < kept.length && shorter === undefined; start += size) {
      if (runs >= runsMax || (await isStopped())) return { faults: kept, runs, isShortest: false };
      const rest = [...kept.slice(0, start), ...kept.slice(start + size)];
      if (await stillFails(rest)) shorter = rest;
    }
    if (shorter !== undefined) {
      kept = shorter;
      parts = Math.max(2, parts - 1);
    } else if (size === 1) return { faults: kept, runs, isShortest: true };
    else parts = Math.min(kept.length, parts * 2);
  }
  return { faults: kept, runs, isShortest: true };
}
