/** Shared by `run` and `drive`: their options, and the way from a plan to a result and an exit code. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Argv } from 'yargs';
import { problemText } from '../../../plan/preflight.ts';
import type { PlanProblem } from '../../../plan/sockets/plan-check.ts';
import { summarize } from '../../../report/run/summarize.ts';
import { summaryMarkdown } from '../../../report/run/summary-markdown.ts';
import { PauseRequests } from '../../../run/phases/control/pause-requests.ts';
import { executeOrder } from '../../../run/phases/execute-step.ts';
import type { RunOrder } from '../../../run/phases/order/run-order.ts';
import { ResultFolder } from '../../../run/series/result-folder.ts';
import { ParentStream } from '../../../run/streams/parent-stream.ts';
import { RunStreams, streamedRun } from '../../../run/streams/run-streams.ts';
import { lossNotice } from '../../../verdict/record/switch-fault.ts';
import { type LoadArguments, loadOptions } from '../../options/load-options.ts';
import { type PageFormatArguments, pageFormatOption, printAs } from '../../options/output-format.ts';
import { type StreamArguments, sayOnStderr, streamOptions, streamOrders } from '../../options/stream-options.ts';
import type { RepeatCommand } from '../../pages/repeat-command.ts';
import { pageSource, runPageHtml } from '../../pages/run-page-html.ts';
import { writePage } from '../../pages/write-page.ts';
import { exitCodeOf } from '../../terminal/exit-code.ts';
import { INTERRUPTED, Interruption } from '../../terminal/interruption.ts';
import { openRunView } from '../../terminal/open-run-view.ts';
import { SILENT } from '../../terminal/run-view.ts';
import { terminalPalette } from '../../terminal/terminal-palette.ts';

export interface RunReportArguments extends LoadArguments, PageFormatArguments, StreamArguments {
  readonly out: string;
  readonly quiet: boolean;
}

export const RUN_EXIT_CODES =
  'Exit codes: 0 success, 1 a threshold failed, 2 usage or configuration, 3 the measurement is invalid, 130 and 143 on signals.';

/** Options that change the scenario, and options for the result. */
export function reportOptions<Arguments>(yargs: Argv<Arguments>): Argv<Arguments & RunReportArguments> {
  return streamOptions(pageFormatOption(loadOptions(yargs)))
    .option('out', { type: 'string', default: 'results', describe: 'Parent of the result folder' })
    .option('quiet', { type: 'boolean', default: false, describe: 'No progress on stderr' });
}

/**
 * Runs a plan, stores the result with its page, and prints it.
 *
 * @param repeat how to repeat the run, if the result does not say it.
 * @returns the exit code.
 * @throws RESULT_INVALID, when the result is printed.
 */
export async function runAndReport(
  order: RunOrder,
  advice: readonly PlanProblem[],
  args: RunReportArguments,
  repeat?: RepeatCommand,
): Promise<number> {
  let report = sayOnStderr;
  const streams = await RunStreams.open(streamOrders(args), (text) => report(text), ParentStream.open());
  const folder = await ResultFolder.create(args.out, order.id);
  let view = SILENT;
  const interruption = new Interruption(() => {
    view.ending();
    view.note(INTERRUPTED);
  });
  const pauses = new PauseRequests();
  if (!args.quiet) view = await openRunView(order, { pauses, interruption });
  if (!args.quiet) report = (text) => view.note(text);
  try {
    for (const problem of advice) view.note(`note:\n${problemText(problem)}`);
    const loss = lossNotice(order.plan.settings);
    if (loss !== null) view.note(`note: ${loss}`);
    const result = await executeOrder(order, streams.listenTo(streamedRun(order), view), interruption.signal, pauses);
    await streams.close();
    view.close();
    const { path, fault } = await folder.write(result);
    const page = (): string => runPageHtml(result, pageSource(basename(path), readFileSync(path)), repeat);
    await writePage(folder, page);
    printAs(args.format, {
      text: () => summarize(result, path, terminalPalette(process.stdout, process.env)),
      json: () => JSON.stringify(result, null, 1),
      markdown: () => summaryMarkdown(result),
      html: page,
    });
    if (fault !== null) throw fault;
    return interruption.exitCode ?? exitCodeOf(result);
  } catch (error) {
    view.close();
    await folder.discard();
    throw error;
  } finally {
    await streams.close();
    interruption.close();
  }
}
