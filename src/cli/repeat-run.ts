/** `trunkline run --repeat N`: the same scenario in N fresh processes, and how far they agree. */
import { repeatSummary } from '../report/repeat-summary.ts';
import { exitCodeOf } from './exit-code.ts';
import { scenarioSide, withSeries } from './series-command.ts';
import { paletteFor } from './terminal-palette.ts';

export interface RepeatArguments {
  readonly scenario: string;
  readonly set: readonly string[];
  readonly transport: string | undefined;
  readonly out: string;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly resume: string | undefined;
}

/** @returns the exit code: that of the worst run. */
export async function repeatRun(args: RepeatArguments, times: number): Promise<number> {
  const transport = args.transport === undefined ? [] : [`transport=${args.transport}`];
  const side = await scenarioSide('run', args.scenario, [...transport, ...args.set]);
  const seriesArguments = { out: args.out, quiet: args.quiet, warmUps: 0, resume: args.resume, seed: 0 };
  const plan = { name: 'repeat', sides: [side], blocks: times };
  return withSeries(seriesArguments, plan, async (series, run) => {
    if (!(await run(times))) return 0;
    const results = series.results(0, times);
    const output = args.json
      ? JSON.stringify(results, null, 1)
      : repeatSummary(results, series.folder, paletteFor(process.stdout, process.env));
    process.stdout.write(`${output}\n`);
    return Math.max(...results.map(exitCodeOf));
  });
}
