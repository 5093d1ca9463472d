/** `trunkline ladder`: runs a tuning ladder from its file to its report, over several sessions if necessary. */
import type { Argv, CommandModule } from 'yargs';
import { concludeLadder, type LadderRun } from '../../../analysis/ladder/conclude-ladder.ts';
import type { LadderOutcome } from '../../../analysis/ladder/ladder-schema.ts';
import {
  type Ladder,
  type LadderTurn,
  ladderTurns,
  ladderVariants,
  parseLadderFile,
} from '../../../analysis/ladder/parse-ladder-file.ts';
import { TrunklineError } from '../../../base/errors.ts';
import { parseDurationMicros } from '../../../base/units.ts';
import { ladderMarkdown } from '../../../report/ladder/ladder-markdown.ts';
import { parseScenario } from '../../../scenario/scenario.ts';
import { unusedInAll } from '../../../scenario/unused-keys.ts';
import { checkOutputs } from '../../options/check-outputs.ts';
import { findScenario, type ScenarioText } from '../../options/find-scenario.ts';
import { type PageFormat, pageFormatOption } from '../../options/output-format.ts';
import { ownCommand } from '../../options/own-command.ts';
import { realTransport, realTransportSentence } from '../../options/real-transport.ts';
import { noteUnusedKeys, sayScenarioNotes } from '../../options/scenario-notes.ts';
import { findText, LADDERS } from '../../options/shipped-files.ts';
import { reportOutcome } from '../../pages/report-outcome.ts';
import { ExitCode } from '../../terminal/exit-code.ts';
import { Interruption } from '../../terminal/interruption.ts';
import { openSeriesView } from '../../terminal/open-series-view.ts';
import { type SeriesView, SILENT_SERIES } from '../../terminal/series-view.ts';
import { LadderRuns } from './ladder-runs.ts';

export interface LadderArguments {
  readonly ladder: string;
  readonly for: string | undefined;
  readonly out: string;
  readonly format: PageFormat;
  readonly quiet: boolean;
}

const EXAMPLES: readonly (readonly [string, string])[] = [
  ['$0 ladder ws-to-tcp', 'Run all rungs, and report each'],
  ['$0 ladder ./mine.yaml --for 2m', 'Start no run after two minutes; the same command continues later'],
];

export function ladderCommand(): CommandModule<object, LadderArguments> {
  return {
    command: 'ladder <ladder>',
    describe:
      'Run a tuning ladder: compare each rung with the previous and the first, then remove each change from the last',
    builder,
    handler: async (args) => {
      process.exitCode = await climb(args);
    },
  };
}

function builder(yargs: Argv<object>): Argv<LadderArguments> {
  return pageFormatOption(yargs)
    .positional('ladder', {
      type: 'string',
      demandOption: true,
      describe: 'A shipped ladder, such as ws-to-tcp, or a YAML file of rungs',
    })
    .option('for', {
      type: 'string',
      describe: 'Start no run after this time, such as 2m; the same command continues later',
    })
    .option('out', { type: 'string', default: 'results', describe: 'Parent of the folder of the ladder' })
    .option('quiet', { type: 'boolean', default: false, describe: 'No progress on stderr' })
    .example(EXAMPLES.map(([command, text]) => [command, text] as [string, string]))
    .epilogue('Exit codes: 0 complete, 2 usage, 3 no rung could be compared, 4 runs remain, 130 and 143 on signals.');
}

async function climb(args: LadderArguments): Promise<number> {
  const { text, file } = findText(LADDERS, args.ladder);
  const ladder = parseLadderFile(text, file);
  const scenario = await findScenario(ladder.scenario);
  checkRungs(ladder, scenario);
  checkOutputs(args);
  const until = args.for === undefined ? Number.POSITIVE_INFINITY : performance.now() + duration(args.for) / 1000;
  sayScenarioNotes(args.quiet);
  const chosen = realTransportSentence();
  const texts = [text, scenario.text, ...(chosen === null ? [] : [chosen])];
  const runs = await LadderRuns.open(args.out, ladder, texts);
  try {
    return await climbOn(runs, ladder, until, args);
  } finally {
    await runs.close();
  }
}

/** @param until time of `performance.now()` after which no run starts. */
async function climbOn(runs: LadderRuns, ladder: Ladder, until: number, args: LadderArguments): Promise<number> {
  const turns = ladderTurns(ladder);
  const done: LadderRun[] = [];
  for (const turn of turns) {
    const run = await runs.kept(turn);
    if (run !== null) done.push(run);
  }
  const isDone = ({ round, variant }: LadderTurn): boolean =>
    done.some((run) => run.round === round && run.variant === variant.name);
  let view: SeriesView = SILENT_SERIES;
  const interruption = new Interruption(() =>
    view.note('Interrupted: the same command continues later. Interrupt again to stop immediately.'),
  );
  view = await openSeriesView('ladder', args.quiet, interruption);
  try {
    view.note(`${done.length} of ${turns.length} runs are in ${runs.folder}`);
    for (const [i, turn] of turns.entries()) {
      if (isDone(turn)) continue;
      const now = `run ${i + 1} of ${turns.length}: round ${turn.round + 1}, ${turn.variant.name}`;
      const estimate = done.length === 0 ? [] : [concludeLadder(ladder, done, turns.length, '').sentence];
      const mayRun = !interruption.signal.aborted && performance.now() < until;
      if (mayRun) view.starts({ now, runs: { ended: done.length, all: turns.length }, estimate });
      const run = mayRun ? await runs.run(turn, interruption.signal) : null;
      if (run === null) break;
      done.push(run);
      view.note(`${i + 1} of ${turns.length}: round ${turn.round + 1}, ${turn.variant.name}: ${runWords(run)}`);
    }
  } finally {
    view.close();
    interruption.close();
  }
  const outcome = concludeLadder(ladder, done, turns.length, ownCommand());
  await runs.write('ladder.md', ladderMarkdown(outcome));
  await reportOutcome(outcome, runs.folder, args);
  return interruption.exitCode ?? exitCode(outcome);
}

function exitCode({ isComplete, rungs }: LadderOutcome): number {
  if (!isComplete) return ExitCode.INCONCLUSIVE;
  const isCompared = rungs.some(({ withFirst }) => withFirst !== null && withFirst.invalidReason === null);
  return isCompared ? ExitCode.FINE : ExitCode.INVALID;
}

/** Every variant must be a valid scenario before the first one runs. Notes what none of them uses. */
function checkRungs(ladder: Ladder, { text, file }: ScenarioText): void {
  const scenarios = ladderVariants(ladder).map((variant) => {
    try {
      return parseScenario(text, file, variant.settings, realTransport);
    } catch (error) {
      if (!(error instanceof TrunklineError)) throw error;
      const place = ladder.rungs[variant.rung]?.place ?? ladder.name;
      throw new TrunklineError('LADDER_INVALID', `${place}: ${variant.name}: ${error.message}`);
    }
  });
  noteUnusedKeys(unusedInAll(scenarios, scenarios));
}

function runWords({ result, failure }: LadderRun): string {
  if (result === null) return `failed: ${failure ?? ''}`;
  return result.validity.isValid ? 'valid' : 'not valid';
}

function duration(text: string): number {
  const micros = parseDurationMicros(text);
  if (micros !== null && micros > 0) return micros;
  throw new TrunklineError('ARGUMENT_INVALID', `--for: expected a duration such as 2m, found "${text}".`);
}
