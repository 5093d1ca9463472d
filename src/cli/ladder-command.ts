/** `trunkline ladder`: a tuning ladder from its file to its report, in as many sittings as it takes. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { concludeLadder, type LadderOutcome, type LadderRun } from '../analysis/ladder.ts';
import { type Ladder, type LadderTurn, ladderTurns, ladderVariants, parseLadder } from '../analysis/ladder-file.ts';
import { TrunklineError } from '../base/errors.ts';
import { parseDurationMicros } from '../base/units.ts';
import { ladderMarkdown } from '../report/ladder-markdown.ts';
import { outcomeJson } from '../report/outcome-json.ts';
import { parseResult } from '../result/parse-result.ts';
import { freshRun } from '../run/fresh-run.ts';
import { parseScenario } from '../scenario/scenario.ts';
import { ExitCode } from './exit-code.ts';
import { findScenario, type ScenarioText } from './find-scenario.ts';
import { Interruption } from './interruption.ts';
import { OWN_ENTRY } from './own-entry.ts';

export interface LadderArguments {
  readonly ladder: string;
  readonly for: string | undefined;
  readonly out: string;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** Digits that tell a ladder from one of the same name whose text, or scenario, was changed. */
const DIGEST_DIGITS = 8;
const EXAMPLES: readonly (readonly [string, string])[] = [
  ['$0 ladder scenarios/ladders/ws-to-tcp.yaml', 'Climb it, and report each rung'],
  ['$0 ladder ./mine.yaml --for 2m', 'Begin no run after two minutes; the same command goes on later'],
];

export function ladderCommand(): CommandModule<object, LadderArguments> {
  return {
    command: 'ladder <ladder>',
    describe: 'Climb a tuning ladder: each rung against the one before and the first, and without each knob',
    builder,
    handler: async (args) => {
      process.exitCode = await climb(args);
    },
  };
}

function builder(yargs: Argv<object>): Argv<LadderArguments> {
  return yargs
    .positional('ladder', { type: 'string', demandOption: true, describe: 'Path of a YAML file of rungs' })
    .option('for', {
      type: 'string',
      describe: 'Begin no run after so long, such as 2m; the same command goes on later',
    })
    .option('out', { type: 'string', default: 'results', describe: 'Folder in which the folder of the ladder is made' })
    .option('json', { type: 'boolean', default: false, describe: 'Print the outcome as JSON instead of Markdown' })
    .option('quiet', { type: 'boolean', default: false, describe: 'No progress on stderr' })
    .example(EXAMPLES.map(([command, text]) => [command, text] as [string, string]))
    .epilogue(
      'Exit codes: 0 climbed to the end, 2 usage, 3 no rung could be compared, 4 runs are still to come, 130 and 143 on signals.',
    );
}

async function climb(args: LadderArguments): Promise<number> {
  const text = await readLadder(args.ladder);
  const ladder = parseLadder(text, args.ladder);
  const scenario = await findScenario(ladder.scenario);
  checkRungs(ladder, scenario);
  const digest = createHash('sha256').update(text).update(scenario.text).digest('hex').slice(0, DIGEST_DIGITS);
  const folder = join(args.out, `ladder-${ladder.name}-${digest}`);
  await makeFolder(join(folder, 'runs'));
  const until = args.for === undefined ? Number.POSITIVE_INFINITY : performance.now() + duration(args.for) / 1000;
  const note = (line: string): void => {
    if (!args.quiet) process.stderr.write(`${line}\n`);
  };
  const turns = ladderTurns(ladder);
  const runs: LadderRun[] = [];
  const interruption = new Interruption(() =>
    note('Interrupted: the same command goes on later. Once more stops at once.'),
  );
  try {
    for (const [i, turn] of turns.entries()) {
      const mayRun = !interruption.signal.aborted && performance.now() < until;
      const run =
        (await keptRun(folder, turn)) ?? (mayRun ? await newRun(folder, ladder, turn, interruption.signal) : null);
      if (run === null) continue;
      runs.push(run);
      note(`${i + 1} of ${turns.length}: round ${turn.round + 1}, ${turn.variant.name}: ${runWords(run)}`);
    }
  } finally {
    interruption.close();
  }
  const outcome = concludeLadder(ladder, runs, turns.length);
  await print(outcome, folder, args.json);
  return interruption.exitCode ?? exitCode(outcome);
}

function exitCode({ isComplete, rungs }: LadderOutcome): number {
  if (!isComplete) return ExitCode.INCONCLUSIVE;
  const isCompared = rungs.some(({ withFirst }) => withFirst !== null && withFirst.invalidReason === null);
  return isCompared ? ExitCode.FINE : ExitCode.INVALID;
}

async function readLadder(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new TrunklineError('LADDER_INVALID', `${path}: expected a YAML file of rungs that can be read: ${cause}`);
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new TrunklineError('OUTPUT_UNWRITABLE', `Expected a folder that can be written at ${path}: ${cause}.`);
  }
}

/** Every variant must be a scenario before the first of them runs. */
function checkRungs(ladder: Ladder, { text, file }: ScenarioText): void {
  for (const variant of ladderVariants(ladder)) {
    try {
      parseScenario(text, file, variant.settings);
    } catch (error) {
      if (!(error instanceof TrunklineError)) throw error;
      const place = ladder.rungs[variant.rung]?.place ?? ladder.name;
      throw new TrunklineError('LADDER_INVALID', `${place}: ${variant.name}: ${error.message}`);
    }
  }
}

function runPath(folder: string, { round, variant }: LadderTurn): string {
  return join(folder, `${String(round + 1).padStart(3, '0')}-${variant.name}.json`);
}

/** A run of an earlier sitting; null if there was none. */
async function keptRun(folder: string, turn: LadderTurn): Promise<LadderRun | null> {
  const path = runPath(folder, turn);
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return null;
  const kept = JSON.parse(text) as { result: unknown; failure: string | null }; // as newRun wrote it
  const result = kept.result === null ? null : parseResult(JSON.stringify(kept.result), path);
  return { variant: turn.variant.name, round: turn.round, result, failure: kept.failure };
}

/** Null where it was interrupted: then it is run again. */
async function newRun(
  folder: string,
  ladder: Ladder,
  turn: LadderTurn,
  interrupted: AbortSignal,
): Promise<LadderRun | null> {
  const { variant, round } = turn;
  const out = join(folder, 'runs');
  const order = { entry: OWN_ENTRY, scenario: ladder.scenario, settings: variant.settings, out };
  const outcome = await freshRun(order, interrupted).then(
    (result) => ({ result, failure: null }),
    (error: unknown) => {
      if (!(error instanceof TrunklineError)) throw error;
      return { result: null, failure: error.message };
    },
  );
  if (interrupted.aborted) return null;
  const path = runPath(folder, turn);
  await writeFile(`${path}.part`, JSON.stringify(outcome));
  await rename(`${path}.part`, path);
  return { variant: variant.name, round, ...outcome };
}

function runWords({ result, failure }: LadderRun): string {
  if (result === null) return `failed: ${failure ?? ''}`;
  return result.validity.isValid ? 'valid' : 'not valid';
}

async function print(outcome: LadderOutcome, folder: string, isJson: boolean): Promise<void> {
  const json = outcomeJson(outcome);
  const markdown = ladderMarkdown(outcome);
  await writeFile(join(folder, 'ladder.json'), json);
  await writeFile(join(folder, 'ladder.md'), markdown);
  process.stdout.write(isJson ? json : `${markdown}\n${join(folder, 'ladder.md')}\n`);
}

function duration(text: string): number {
  const micros = parseDurationMicros(text);
  if (micros !== null && micros > 0) return micros;
  throw new TrunklineError('ARGUMENT_INVALID', `--for: expected a length of time such as 2m, found "${text}".`);
}
