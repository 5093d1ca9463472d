/** Converts the scenarios of a command line to one run, or to a series of runs. */
import { TrunklineError } from '../../base/errors.ts';
import type { StepMark } from '../../result/result-schema.ts';
import type { Published } from '../../scenario/keys/published-keys.ts';
import { parseScenario, type Scenario } from '../../scenario/scenario.ts';
import { chooseSteps, parseSteps } from '../../scenario/scenario-step.ts';
import { unusedInAll } from '../../scenario/unused-keys.ts';
import { findScenario } from './find-scenario.ts';
import { realTransport } from './real-transport.ts';
import { noteUnusedKeys } from './scenario-notes.ts';

export interface SeriesStep extends StepMark {
  readonly scenario: Scenario;
  readonly file: string;
}

export interface StepSeries {
  readonly name: string;
  readonly steps: readonly SeriesStep[];
}

/** A scenario without steps. */
export interface OneRun {
  readonly scenario: Scenario;
  readonly file: string;
  readonly series: null;
}

interface FoundRun {
  readonly name: string;
  readonly published: Published | null;
  readonly scenario: Scenario;
  readonly file: string;
}

const SERIES_NAME_CHARACTERS_MAX = 64;

/**
 * Reads scenarios. Several scenarios, or one with steps, make a series.
 *
 * @param settings `a.b=c` each, applied to every run.
 * @param only names of the steps to run; empty for all.
 * @throws TrunklineError if a scenario cannot be found or is invalid, or if there is no such step.
 */
export async function findRuns(
  scenarios: readonly string[],
  settings: readonly string[],
  only: readonly string[],
): Promise<OneRun | { readonly series: StepSeries }> {
  const texts = await Promise.all(scenarios.map(findScenario));
  const found = texts.map(({ file, text }) => ({ file, text, steps: parseSteps(text, file, settings, realTransport) }));
  checkNames(found.map(({ file, text }) => ({ file, name: parseScenario(text, file, settings, realTransport).name })));
  const [first] = found;
  if (first === undefined) throw new TrunklineError('ARGUMENT_INVALID', 'Expected a scenario.');
  if (found.length === 1 && first.steps.length === 0 && only.length === 0) {
    const scenario = parseScenario(first.text, first.file, settings, realTransport);
    noteUnusedKeys(scenario.unused);
    return { scenario, file: first.file, series: null };
  }
  const runs = found.flatMap(({ file, text, steps }): FoundRun[] => {
    if (found.length === 1) return steps.map((step) => ({ ...step, file }));
    const { name } = parseScenario(text, file, settings, realTransport);
    if (steps.length > 0) return steps.map((step) => ({ ...step, name: `${name} ${step.name}`, file }));
    return [{ name, published: null, scenario: parseScenario(text, file, settings, realTransport), file }];
  });
  const steps = runs.map((run, i): SeriesStep => ({ ...run, number: i + 1, of: runs.length }));
  const name = [...new Set(runs.map((run) => run.scenario.name))].join('-').slice(0, SERIES_NAME_CHARACTERS_MAX);
  const chosen = chooseSteps(steps, only);
  for (const { file } of found) {
    const ofFile = (some: readonly SeriesStep[]): Scenario[] =>
      some.flatMap((step) => (step.file === file ? [step.scenario] : []));
    noteUnusedKeys(unusedInAll(ofFile(steps), ofFile(chosen)));
  }
  return { series: { name, steps: chosen } };
}

/**
 * Reads one scenario, which must have no steps.
 * @throws ARGUMENT_INVALID if it has; also what {@link findRuns} throws.
 */
export async function findOneRun(scenario: string, settings: readonly string[]): Promise<OneRun> {
  const found = await findRuns([scenario], settings, []);
  if (found.series === null) return found;
  const { steps } = found.series;
  throw new TrunklineError(
    'ARGUMENT_INVALID',
    `${scenario}: expected a scenario without steps, found ${steps.length}, from "${steps[0]?.name}" on: choose one without, or give the settings of a step with --set.`,
  );
}

/** Results of two scenarios with the same name could not be distinguished. @throws ARGUMENT_INVALID. */
function checkNames(scenarios: readonly { readonly file: string; readonly name: string }[]): void {
  for (const [i, { file, name }] of scenarios.entries()) {
    const before = scenarios.slice(0, i).find((one) => one.name === name);
    if (before === undefined) continue;
    const what =
      before.file === file
        ? `found ${file} twice: use --repeat N to run it several times`
        : `found "${name}" in ${before.file} and in ${file}: change the key 'name' of one`;
    throw new TrunklineError('ARGUMENT_INVALID', `Expected scenarios of different names, ${what}.`);
  }
}
