/**
 * The exact command that repeats a run. It is derived from the result, and checked: the scenario that the command
 * names, with its settings, must have the hash of the scenario that ran. If it has not, since the file has changed or
 * cannot be found, the command contains the whole scenario.
 */
import { TrunklineError } from '../../base/errors.ts';
import type { Result } from '../../result/result-schema.ts';
import { scenarioHash } from '../../run/phases/order/scenario-hash.ts';
import { parseScenario } from '../../scenario/scenario.ts';
import { parseSteps } from '../../scenario/scenario-step.ts';
import { findText, SCENARIOS, shippedNames } from '../options/shipped-files.ts';

export interface RepeatCommand {
  readonly commands: readonly string[];
  /** How the settings differ from the scenario, as sentences. */
  readonly differences: readonly string[];
}

type Profile = NonNullable<Result['profile']>;

const PROGRAM = 'trunkline';
const SAFE_WORD = /^[\w./:=,@%+-]+$/;

/** A command line, quoted for a POSIX shell. */
export function shellCommand(words: readonly string[]): string {
  return [PROGRAM, ...words]
    .map((word) => (SAFE_WORD.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}

/** The command for a result of `run` or `profile`. */
export function repeatCommand({ scenario, profile }: Result): RepeatCommand {
  const [verb, ...options]: [string, ...string[]] = profile === null ? ['run'] : profileWords(profile);
  const name = scenario.file.replace(/^scenarios\/(.+)\.yaml$/, '$1');
  const place = shippedNames(SCENARIOS).includes(name) ? name : scenario.file;
  try {
    const { file, text } = findText(SCENARIOS, place);
    // Of several scenarios in one command each is a step, whose file has none of this name.
    const stepWith = (settings: readonly string[]): unknown =>
      parseSteps(text, file, settings).find((one) => one.name === scenario.step?.name)?.scenario.written;
    const isStep = stepWith([]) !== undefined;
    const step = isStep ? ['--step', scenario.step?.name ?? ''] : [];
    const writtenWith = (settings: readonly string[]): unknown =>
      isStep ? stepWith(settings) : parseScenario(text, file, settings).written;
    const differences = differencesOf(writtenWith([]), scenario.written);
    const settings = differences.map(({ key, found }) => `${key}=${JSON.stringify(found)}`);
    if (scenarioHash(writtenWith(settings)) === scenario.hash) {
      const sets = settings.flatMap((setting) => ['--set', setting]);
      return {
        commands: [shellCommand([verb, place, ...step, ...sets, ...options])],
        differences: differences.map(
          ({ key, expected, found }) =>
            `${key}: ${JSON.stringify(found)}; the scenario has ${expected === undefined ? 'no such key' : JSON.stringify(expected)}`,
        ),
      };
    }
  } catch (error) {
    if (!(error instanceof TrunklineError)) throw error; // the file is gone, or has become invalid
  }
  return wholeScenario(scenario.written, verb, options);
}

/** The command and its options; those of `profile` are written out, so that they hold whatever its defaults are. */
function profileWords({
  phase,
  intervalMicros,
  allocationBytes,
  threads,
  otherThreads,
}: Profile): [string, ...string[]] {
  const names = otherThreads.length === 0 ? [] : threads.flatMap((name) => ['--thread', name]);
  const sampling = ['--interval', `${intervalMicros}us`, '--allocations', `${allocationBytes}B`];
  return ['profile', '--phase', phase, ...sampling, ...names];
}

function wholeScenario(written: unknown, verb: string, options: readonly string[]): RepeatCommand {
  return {
    commands: [
      "cat > scenario.yaml <<'END_OF_SCENARIO'",
      JSON.stringify(written, null, 1),
      'END_OF_SCENARIO',
      shellCommand([verb, './scenario.yaml', ...options]),
    ],
    differences: ['The file of the scenario is not here or has changed: the command contains the scenario as it ran.'],
  };
}

interface Difference {
  readonly key: string;
  /** Undefined where the scenario has no such key. */
  readonly expected: unknown;
  readonly found: unknown;
}

/** The leaves of `found` that are not in `expected`; an array is a leaf. */
function differencesOf(expected: unknown, found: unknown, path: readonly string[] = []): Difference[] {
  if (!isMap(found)) {
    const isSame = JSON.stringify(expected) === JSON.stringify(found);
    return isSame ? [] : [{ key: path.join('.'), expected, found }];
  }
  return Object.entries(found).flatMap(([key, value]) =>
    differencesOf(isMap(expected) ? expected[key] : undefined, value, [...path, key]),
  );
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
