/** Makes the report of a series of simulations: shrinks its first failures, and writes a file that repeats each. */
import { setImmediate } from 'node:timers/promises';
import { SIMULATION_SCHEMA, type SimulationReport } from '../../../analysis/simulation/simulation-schema.ts';
import { buildDigest } from '../../../measure/build-digest.ts';
import { fingerprint } from '../../../measure/fingerprint.ts';
import type { Environment } from '../../../result/sections/environment-schema.ts';
import type { ResultFolder } from '../../../run/series/result-folder.ts';
import type { Scenario } from '../../../scenario/scenario.ts';
import { PHONE_PHASES } from '../../../simulate/checks/phone-phase.ts';
import { FAULT_NAMES, type Fault } from '../../../simulate/faults/fault-kinds.ts';
import { REPLAY_SCHEMA, replayText } from '../../../simulate/replay-file.ts';
import { shrinkFaults } from '../../../simulate/shrink-faults.ts';
import { faultsOf, type SimulationSettings, simulate } from '../../../simulate/simulate.ts';
import type { FailedSeed, SimulationSums } from '../../../simulate/simulation-sums.ts';
import { ownCommand } from '../../options/own-command.ts';

/** Failures that are shrunk: each takes many runs. */
const SHRUNK_MAX = 3;
const RUNS_MAX = 200;

type Failure = SimulationReport['failures'][number];

/**
 * @param signal ends the search for fewer faults.
 * @param say is told what is being done.
 * @returns the failures for the report.
 * @throws OUTPUT_UNWRITABLE.
 */
export async function writeReplays(
  failed: readonly FailedSeed[],
  scenario: Scenario,
  settings: SimulationSettings,
  folder: ResultFolder,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<Failure[]> {
  const failures: Failure[] = [];
  const checks = new Set<string>();
  for (const { seed, violation, drawnFaults } of failed) {
    const { check } = violation;
    // Another failure of the same check is likely to have the same cause.
    const isShrunk = check !== 'replay' && !checks.has(check) && checks.size < SHRUNK_MAX;
    const common = { seed, ...violation, drawnFaults };
    if (!isShrunk) {
      failures.push({ ...common, shortestFaults: null, replay: null });
      continue;
    }
    checks.add(check);
    say(`seed ${seed} failed (${check}): searching for the fewest faults that suffice …`);
    const fails = (faults: readonly Fault[]): boolean =>
      simulate(settings, seed, faults).violations[0]?.check === check;
    const isStopped = async (): Promise<boolean> => {
      await setImmediate(); // a signal may come between two runs
      return signal.aborted;
    };
    const drawn = faultsOf(settings, seed);
    const { faults, isShortest } = await shrinkFaults(drawn, fails, RUNS_MAX, isStopped);
    const outcome = simulate(settings, seed, faults);
    const { trunkline, commit, isDirty, v8 } = fingerprint();
    const name = `seed-${seed}.json`;
    const replay = await folder.writeText(
      name,
      replayText({
        schema: REPLAY_SCHEMA,
        trunkline,
        commit,
        isDirty,
        buildDigest: buildDigest(),
        v8,
        scenario: scenario.written,
        seed,
        faults: [...faults],
        drawnFaults,
        isShortest,
        violation: outcome.violations[0] ?? violation,
        digest: outcome.digest,
      }),
    );
    failures.push({ ...common, shortestFaults: faults.length, replay });
  }
  return failures;
}

export interface SimulationRun {
  readonly scenario: string;
  readonly firstSeed: number;
  readonly processes: number;
  readonly elapsedMillis: number;
  readonly environment: Environment;
}

export function simulationReport(
  sums: SimulationSums,
  failures: readonly Failure[],
  { scenario, firstSeed, processes, elapsedMillis, environment }: SimulationRun,
): SimulationReport {
  const { seeds, repeated, differed, failedSeeds, events } = sums;
  const { messages, shown, refused, waiting, open, forgotten, toGroups, repairs } = sums;
  return {
    schema: SIMULATION_SCHEMA,
    scenario,
    environment,
    firstSeed,
    seeds,
    repeated,
    differed,
    failedSeeds,
    failures,
    events,
    messages,
    shown,
    refused,
    waiting,
    open,
    forgotten,
    toGroups,
    repairs,
    virtualSeconds: sums.virtualMicros / 1e6,
    processorSeconds: sums.spentMillis / 1000,
    elapsedSeconds: elapsedMillis / 1000,
    processes,
    phases: PHONE_PHASES,
    faults: FAULT_NAMES.map((kind, n) => ({ kind, injected: sums.injected[n] ?? 0, phones: sums.coverage[n] ?? [] })),
    command: ownCommand(),
  };
}
