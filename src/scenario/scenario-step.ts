/** The steps of a scenario, each a complete scenario of its own. */
import { TrunklineError } from '../base/errors.ts';
import type { Published } from './keys/published-keys.ts';
import { asSentence, nearest } from './nearest.ts';
import { ANYWHERE, type ChooseReal, checkScenario, parseScenario, type Scenario, scenarioSource } from './scenario.ts';
import type { YamlSource } from './yaml-source.ts';

export interface ScenarioStep {
  readonly name: string;
  readonly published: Published | null;
  /** With the settings of the step, and without `steps`. */
  readonly scenario: Scenario;
}

/**
 * Parses the steps of a scenario; empty if it has none.
 *
 * @param file name of the file, for messages.
 * @param settings `a.b=c` each; they override the settings of a step.
 * @throws SCENARIO_INVALID, SETTING_INVALID or THRESHOLD_INVALID, with the errors of all steps.
 */
export function parseSteps(
  text: string,
  file: string,
  settings: readonly string[] = [],
  chooseReal: ChooseReal = ANYWHERE,
): ScenarioStep[] {
  const { steps } = parseScenario(text, file, settings, chooseReal).settings;
  const faults: TrunklineError[] = [];
  const read = steps.flatMap(({ name, set, published }, index) => {
    try {
      const source = scenarioSource(text, file);
      for (const setting of settings) source.set(setting);
      if (steps.findIndex((step) => step.name === name) < index) throw nameTaken(source, index, name);
      source.setForStep(index, name, set);
      for (const setting of settings) source.set(setting); // overrides what the step sets
      source.remove('steps');
      return [{ name, published: published ?? null, scenario: checkScenario(source, chooseReal) }];
    } catch (error) {
      if (!(error instanceof TrunklineError)) throw error;
      faults.push(error);
      return [];
    }
  });
  const [first] = faults;
  if (first === undefined) return read;
  throw new TrunklineError(first.code, faults.map((fault) => fault.message).join('\n'));
}

/**
 * The steps with these names, in the order of the scenario; all steps if no name is given.
 * @throws ARGUMENT_INVALID if there is no step of a name.
 */
export function chooseSteps<Step extends { readonly name: string }>(
  steps: readonly Step[],
  names: readonly string[],
): readonly Step[] {
  const known = steps.map((step) => step.name);
  for (const name of names) {
    if (known.includes(name)) continue;
    const list = known.length === 0 ? 'there are no steps' : `the steps are ${known.join(', ')}`;
    throw new TrunklineError('ARGUMENT_INVALID', asSentence(`--step ${name}: ${list}${nearest(name, known)}`));
  }
  return names.length === 0 ? steps : steps.filter((step) => names.includes(step.name));
}

function nameTaken(source: YamlSource, index: number, name: string): TrunklineError {
  const place = source.place(['steps', index, 'name']);
  return new TrunklineError('SCENARIO_INVALID', `${place}: another step is named "${name}" as well`);
}
