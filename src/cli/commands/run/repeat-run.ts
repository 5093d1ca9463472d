/** `trunkline run --repeat N`: runs a scenario in N fresh processes, and reports medians and ranges. */
import { TrunklineError } from '../../../base/errors.ts';
import { runEstimatesSoFar } from '../../../report/comparison/estimates-so-far.ts';
import { repeatSummary } from '../../../report/run/repeat-summary.ts';
import { markdownBlock } from '../../../report/text/markdown.ts';
import { PLAIN } from '../../../report/text/palette.ts';
import { ResultFolder } from '../../../run/series/result-folder.ts';
import type { Series } from '../../../run/series/series.ts';
import { type PageFormat, printAs } from '../../options/output-format.ts';
import type { StreamArguments } from '../../options/stream-options.ts';
import { repeatPageHtml } from '../../pages/series-page-html.ts';
import { writePage } from '../../pages/write-page.ts';
import { exitCodeOf } from '../../terminal/exit-code.ts';
import { terminalPalette } from '../../terminal/terminal-palette.ts';
import { scenarioSide, withSeries } from './with-series.ts';

export interface RepeatArguments extends StreamArguments {
  readonly out: string;
  readonly format: PageFormat;
  readonly quiet: boolean;
  readonly resume: string | undefined;
}

/** A larger number is a typing error. */
const TIMES_MAX = 1000;

/**
 * @param settings `a.b=c` each.
 * @returns the exit code: that of the worst run.
 * @throws ARGUMENT_INVALID for an invalid number of runs.
 */
export async function repeatRun(
  scenario: string,
  settings: readonly string[],
  times: number,
  args: RepeatArguments,
): Promise<number> {
  if (!Number.isInteger(times) || times < 1 || times > TIMES_MAX)
    throw new TrunklineError('ARGUMENT_INVALID', `--repeat: expected 1 to ${TIMES_MAX} runs, found ${times}.`);
  const side = await scenarioSide('run', scenario, settings);
  const seriesArguments = {
    out: args.out,
    quiet: args.quiet,
    warmUps: 0,
    resume: args.resume,
    seed: 0,
    stream: args.stream,
  };
  const plan = {
    name: 'repeat',
    sides: [side],
    blocks: times,
    estimate: (series: Series) => runEstimatesSoFar(series.results(0, times)),
  };
  return withSeries(seriesArguments, plan, async (series, run) => {
    if (!(await run(times))) return 0;
    const results = series.results(0, times);
    const page = (): string => repeatPageHtml(results, series.folder);
    await writePage(ResultFolder.existing(series.folder), page);
    printAs(args.format, {
      text: () => repeatSummary(results, series.folder, terminalPalette(process.stdout, process.env)),
      json: () => JSON.stringify(results, null, 1),
      markdown: () => markdownBlock(repeatSummary(results, series.folder, PLAIN)),
      html: page,
    });
    return Math.max(...results.map(exitCodeOf));
  });
}
