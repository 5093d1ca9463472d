/** Options of a gate that stores its runs as a baseline, or is compared with a stored one. */
import type { Argv } from 'yargs';
import { type Baseline, makeBaseline } from '../../analysis/gate/baseline.ts';
import { TrunklineError } from '../../base/errors.ts';
import { fingerprint } from '../../measure/fingerprint.ts';
import type { Result } from '../../result/result-schema.ts';
import type { SeriesSide } from '../../run/series/series.ts';
import { parseScenario } from '../../scenario/scenario.ts';
import { readStoredBaseline, writeStoredBaseline } from './stored-baseline.ts';

export interface BaselineArguments {
  readonly baseline: string | undefined;
  readonly saveBaseline: string | undefined;
}

export function baselineOptions<Before>(yargs: Argv<Before>): Argv<Before & BaselineArguments> {
  return yargs
    .option('baseline', {
      type: 'string',
      requiresArg: true,
      describe: 'Folder of stored baselines in place of a base that runs beside the candidate: unpaired, weaker',
    })
    .option('save-baseline', {
      type: 'string',
      requiresArg: true,
      describe:
        'Store the runs of the candidate in this folder, unless the gate fails; without a base only the candidate runs',
    }) as unknown as Argv<Before & BaselineArguments>; // yargs turns save-baseline into saveBaseline
}

/** @throws ARGUMENT_INVALID if another base is given beside the stored one. */
export function checkBaseline({ baseline }: BaselineArguments, hasBase: boolean): void {
  if (baseline === undefined || !hasBase) return;
  throw new TrunklineError(
    'ARGUMENT_INVALID',
    '--baseline: expected no other base, found --base-revision, --base-set or a second scenario. Remove one of them.',
  );
}

/**
 * The stored baseline for a candidate, read before the candidate runs.
 *
 * @throws BASELINE_MISSING, BASELINE_MISMATCH or RESULT_UNREADABLE.
 */
export function baselineFor(folder: string, candidate: SeriesSide): Baseline {
  const { name: scenario } = parseScenario(candidate.scenarioText, candidate.name, candidate.settings);
  const { machineClass } = fingerprint();
  return readStoredBaseline(folder, { scenario, scenarioHash: candidate.scenarioHash, machineClass });
}

/** Stores the valid runs of a candidate. @throws BASELINE_INVALID, OUTPUT_UNWRITABLE, RESULT_INVALID. */
export async function saveBaseline(folder: string, candidates: readonly Result[], quiet: boolean): Promise<void> {
  const baseline = makeBaseline(candidates, new Date());
  const { path, fault } = await writeStoredBaseline(folder, baseline);
  if (!quiet) process.stderr.write(`${baseline.results.length} runs are stored as the baseline ${path}\n`);
  if (fault !== null) throw fault;
}
