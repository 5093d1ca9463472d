/** Shared by all commands that run a series: options, progress, and handling of Ctrl-C. */

import { randomInt } from 'node:crypto';
import type { Argv } from 'yargs';
import { TrunklineError } from '../../../base/errors.ts';
import { formatCount } from '../../../base/units.ts';
import { printable } from '../../../report/text/printable.ts';
import type { Result } from '../../../result/result-schema.ts';
import { scenarioHash } from '../../../run/phases/order/scenario-hash.ts';
import { Series, type SeriesListener, type SeriesSide } from '../../../run/series/series.ts';
import { SeriesStreams } from '../../../run/streams/series-streams.ts';
import { findScenario } from '../../options/find-scenario.ts';
import { ownBuild } from '../../options/own-build.ts';
import { parseForOthers } from '../../options/real-transport.ts';
import { noteUnusedKeys, sayScenarioNotes } from '../../options/scenario-notes.ts';
import { type StreamArguments, sayOnStderr, streamOptions, streamOrders } from '../../options/stream-options.ts';
import { ExitCode } from '../../terminal/exit-code.ts';
import { Interruption } from '../../terminal/interruption.ts';
import { openSeriesView } from '../../terminal/open-series-view.ts';
import { type SeriesView, SILENT_SERIES } from '../../terminal/series-view.ts';

/** A warm-up run, so that the first counted run does not read everything from disk. */
const DEFAULT_WARM_UPS = 1;
const WARM_UPS_MAX = 20;
const SEED_MAX = 2 ** 31 - 1;

export interface SeriesArguments extends StreamArguments {
  readonly out: string;
  readonly quiet: boolean;
  readonly warmUps: number;
  readonly resume: string | undefined;
  readonly seed: number | undefined;
}

export function seriesOptions<Before>(yargs: Argv<Before>): Argv<Before & SeriesArguments> {
  return streamOptions(yargs)
    .option('out', { type: 'string', default: 'results', describe: 'Parent of the folder of the series' })
    .option('quiet', { type: 'boolean', default: false, describe: 'No progress on stderr' })
    .option('warm-ups', {
      type: 'number',
      default: DEFAULT_WARM_UPS,
      describe: 'Warm-up runs before the first run, not counted',
    })
    .option('resume', {
      type: 'string',
      describe: 'Continue the series in this folder; the other arguments must be the same',
    })
    .option('seed', {
      type: 'number',
      describe: 'Seed for the order of the two sides; random by default',
    }) as unknown as Argv<Before & SeriesArguments>; // yargs turns warm-ups into warmUps
}

/**
 * A side of a series, from its scenario.
 *
 * @param build the build that runs it; by default the one that is running.
 * @throws SCENARIO_UNKNOWN, SCENARIO_INVALID and the like; ARGUMENT_INVALID for a scenario with steps.
 */
export async function scenarioSide(
  name: string,
  scenario: string,
  settings: readonly string[],
  build = ownBuild(),
): Promise<SeriesSide> {
  const { file, text } = await findScenario(scenario);
  const { scenario: here, settings: pinned } = parseForOthers(text, file, settings);
  const { written, settings: parsed } = here;
  if (parsed.steps.length > 0) {
    throw new TrunklineError(
      'ARGUMENT_INVALID',
      `${file}: expected a scenario without steps, found ${parsed.steps.length}: put what the step sets into a scenario of its own.`,
    );
  }
  noteUnusedKeys(here.unused);
  return { name, build, scenarioText: text, settings: pinned, scenarioHash: scenarioHash(written) };
}

export interface SeriesPlan {
  readonly name: string;
  readonly sides: readonly SeriesSide[];
  readonly blocks: number;
  /** What the runs so far say, for those who watch; one line each. */
  readonly estimate: (series: Series) => readonly string[];
}

/**
 * Starts or resumes a series and calls `work`. If the series is interrupted, says how to continue it.
 *
 * @param work receives a function that runs up to a number of blocks and returns false if it was interrupted.
 */
export async function withSeries(
  args: SeriesArguments,
  plan: SeriesPlan,
  work: (series: Series, run: (blocks: number) => Promise<boolean>) => Promise<number>,
): Promise<number> {
  checkWhole('--warm-ups', args.warmUps, WARM_UPS_MAX);
  checkWhole('--seed', args.seed ?? 0, SEED_MAX);
  sayScenarioNotes(args.quiet);
  const { estimate, ...planned } = plan;
  const order = { ...planned, warmUps: args.warmUps, seed: args.seed ?? randomInt(SEED_MAX + 1) };
  let report = sayOnStderr;
  const streams = await SeriesStreams.open(streamOrders(args), (text) => report(text));
  const series =
    args.resume === undefined ? await Series.create(args.out, order) : await Series.resume(args.resume, order);
  let view: SeriesView = SILENT_SERIES;
  const interruption = new Interruption(() =>
    view.note('Interrupted: discarding this run, keeping the earlier ones. Interrupt again to stop immediately.'),
  );
  view = await openSeriesView(plan.name, args.quiet, interruption);
  if (!args.quiet) report = (text) => view.note(text);
  if (plan.sides.length > 1) view.note(`order of the sides by seed ${series.seed}; --seed ${series.seed} repeats it`);
  const progress = seriesProgress(view, plan.blocks * plan.sides.length, () => estimate(series));
  const listener = streams.isWanted ? streamed(progress, streams, plan.sides.length > 1) : progress;
  const kept = (): void => {
    view.close();
    const all = plan.blocks * plan.sides.length;
    process.stderr.write(
      `${series.count(plan.blocks)} of ${all} runs are stored; continue with the same command and --resume ${printable(series.folder)}\n`,
    );
  };
  let isCut = false;
  try {
    const code = await work(series, async (blocks) => {
      const isWhole = await series.run(blocks, listener, interruption.signal);
      isCut = !isWhole;
      view.rest(); // what follows may print
      return isWhole;
    });
    if (!isCut) return code;
    kept();
    return interruption.exitCode ?? ExitCode.INTERRUPTED;
  } catch (error) {
    if (series.count(plan.blocks) > 0) kept();
    throw error;
  } finally {
    await streams.close();
    view.close();
    interruption.close();
    await series.close();
  }
}

function checkWhole(option: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= max) return;
  throw new TrunklineError('ARGUMENT_INVALID', `${option}: expected a whole number up to ${max}, found ${value}.`);
}

/** Passes on the intervals of each run that counts, too. @param isSided whether there are two sides. */
function streamed(progress: SeriesListener, streams: SeriesStreams, isSided: boolean): SeriesListener {
  return {
    warmUp: (number, of) => progress.warmUp(number, of),
    starts: (planned, of, side) => {
      streams.starts({ side: isSided ? side : null, number: planned.index + 1, of });
      progress.starts(planned, of, side);
    },
    ends: (planned, result) => {
      streams.ends();
      progress.ends(planned, result);
    },
    interval: (line) => streams.line(line),
  };
}

/** @param all runs of the series; a gate may need fewer. */
function seriesProgress(view: SeriesView, all: number, estimate: () => readonly string[]): SeriesListener {
  const verdictOf = ({ validity }: Result): string => (validity.isValid ? 'valid' : 'NOT VALID');
  let ended = 0;
  return {
    warmUp: (number, of) => view.starts({ now: `warm-up ${number} of ${of}`, runs: { ended, all }, estimate: [] }),
    starts: ({ index, block }, of, side) => {
      ended = index;
      const now = `run ${index + 1} of ${of}: ${side}, block ${block + 1}`;
      view.starts({ now, runs: { ended, all: of }, estimate: estimate() });
    },
    ends: ({ index }, result) => {
      ended = index + 1;
      view.note(`run ${index + 1}: ${verdictOf(result)}, ${formatCount(result.connections.held)} held`);
    },
  };
}
