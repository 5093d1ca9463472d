/** Runs a seed, twice where that is asked for: the two runs must do the same. */
import { faultsOf, type SimulationOutcome, type SimulationSettings, simulate } from './simulate.ts';

/** @param times 1 or 2. */
export function simulateSeed(settings: SimulationSettings, seed: number, times: number): SimulationOutcome {
  const faults = faultsOf(settings, seed);
  const outcome = simulate(settings, seed, faults);
  if (times < 2) return outcome;
  const again = simulate(settings, seed, faults);
  if (again.digest === outcome.digest) return outcome;
  const text = `The digest of seed ${seed} was ${outcome.digest}, and ${again.digest} when it was run again.`;
  return { ...outcome, violations: [{ check: 'replay', text, atMicros: 0 }, ...outcome.violations] };
}
