/**
 * A series of runs: the steps of a scenario, or several scenarios, each in processes of its own, with one table of all
 * of them at the end. A step that does not fit the machine ends the series; a step that fails does not.
 */

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { TrunklineError } from '../../../base/errors.ts';
import { problemText } from '../../../plan/preflight.ts';
import { stepLine, stepsMarkdown, stepsText } from '../../../report/run/steps-text.ts';
import type { Result } from '../../../result/result-schema.ts';
import {
  parseSteps,
  STEPS_SCHEMA,
  type StepEntry,
  type Steps,
  stepFigures,
  stepOutcome,
  stepPublished,
} from '../../../result/steps-schema.ts';
import { PauseRequests } from '../../../run/phases/control/pause-requests.ts';
import { executeStep } from '../../../run/phases/execute-step.ts';
import { type PreparedRun, prepareRun } from '../../../run/phases/order/prepare-run.ts';
import { runId } from '../../../run/phases/order/run-id.ts';
import { machineRest } from '../../../run/series/machine-rest.ts';
import { ResultFolder } from '../../../run/series/result-folder.ts';
import { RunStreams, streamedRun } from '../../../run/streams/run-streams.ts';
import { TRANSPORTS } from '../../../scenario/terms/transports.ts';
import type { SeriesStep, StepSeries } from '../../options/find-runs.ts';
import { type PageFormat, printAs } from '../../options/output-format.ts';
import { type StreamArguments, sayOnStderr, streamOrders } from '../../options/stream-options.ts';
import { pageSource, runPageHtml } from '../../pages/run-page-html.ts';
import { stepsPageHtml } from '../../pages/series-page-html.ts';
import { writePage } from '../../pages/write-page.ts';
import { ExitCode, exitCodeOf } from '../../terminal/exit-code.ts';
import { INTERRUPTED, Interruption } from '../../terminal/interruption.ts';
import { openRunView } from '../../terminal/open-run-view.ts';
import { type RunView, SILENT } from '../../terminal/run-view.ts';
import { terminalPalette } from '../../terminal/terminal-palette.ts';

export interface StepsArguments extends StreamArguments {
  readonly out: string;
  readonly format: PageFormat;
  readonly quiet: boolean;
}

/**
 * Runs a series. @returns the exit code: the worst of the steps that ran.
 * @throws PLAN_EXCEEDS_MEMORY or PLAN_EXCEEDS_LIMIT if not even the first step fits; RESULT_INVALID, when all is printed.
 */
export async function runSeries(series: StepSeries, args: StepsArguments): Promise<number> {
  const startedAt = new Date();
  const id = runId(series.name, startedAt);
  let report = sayOnStderr;
  const streams = await RunStreams.open(streamOrders(args), (text) => report(text));
  const folder = await ResultFolder.create(args.out, id);
  const run = new SeriesRun(args, folder, streams);
  if (!args.quiet) report = (text) => run.note(text);
  let stepsFault: TrunklineError | null = null;
  try {
    for (const step of series.steps) await run.next(step);
  } finally {
    await streams.close();
    run.close();
    const { entries, results } = run;
    if (entries.length === 0) await folder.discard();
    else {
      const steps: Steps = {
        schema: STEPS_SCHEMA,
        id,
        startedAt: startedAt.toISOString(),
        name: series.name,
        steps: entries,
      };
      const stored = await folder.writeChecked('steps.json', `${JSON.stringify(steps, null, 1)}\n`, parseSteps);
      stepsFault = stored.fault;
      const path = await folder.writeText('steps.md', stepsMarkdown(steps));
      const page = (): string => stepsPageHtml(steps, folder.path);
      await writePage(folder, page);
      const palette = terminalPalette(process.stdout, process.env);
      printAs(args.format, {
        text: () => `\n${stepsText(steps, path, palette)}`,
        json: () => JSON.stringify(results, null, 1),
        markdown: () => stepsMarkdown(steps),
        html: page,
      });
    }
  }
  const fault = run.fault ?? stepsFault;
  if (fault !== null) throw fault;
  return run.exitCode;
}

class SeriesRun {
  /** One for each step of the series, and the result of each that ran. */
  readonly entries: StepEntry[] = [];
  readonly results: Result[] = [];
  /** That of the first result that cannot be read again; null if there is none. */
  fault: TrunklineError | null = null;
  readonly #args: StepsArguments;
  readonly #folder: ResultFolder;
  readonly #streams: RunStreams;
  readonly #interruption: Interruption;
  #view: RunView = SILENT;
  /** Why the remaining steps are not run; null if they are. */
  #end: string | null = null;

  constructor(args: StepsArguments, folder: ResultFolder, streams: RunStreams) {
    this.#args = args;
    this.#folder = folder;
    this.#streams = streams;
    this.#interruption = new Interruption(() => {
      this.#view.ending();
      this.#view.note(INTERRUPTED);
    });
  }

  /** The worst exit code of the steps that ran. */
  get exitCode(): number {
    const couldNotStart = this.entries.some((entry) => entry.outcome === 'failed' && entry.figures === null);
    const codes = [...this.results.map(exitCodeOf), ...(couldNotStart ? [ExitCode.INVALID] : [])];
    return this.#interruption.exitCode ?? Math.max(ExitCode.FINE, ...codes);
  }

  /** Runs a step, or records why it is not run. @throws the refusal if no step has run before. */
  async next(step: SeriesStep): Promise<void> {
    if (this.entries.length > 0 && this.#end === null) await machineRest(this.#interruption.signal);
    if (this.#interruption.exitCode !== undefined) this.#end ??= 'the series was interrupted';
    const entry = this.#end === null ? await this.#step(step) : entryOf(step, 'not run', this.#end);
    this.entries.push(entry);
    const palette = terminalPalette(process.stdout, process.env);
    if (this.#args.format === 'text') print(stepLine(entry, step.of, palette));
  }

  note(text: string): void {
    if (this.#view === SILENT) sayOnStderr(text);
    else this.#view.note(text);
  }

  close(): void {
    this.#view.close();
    this.#interruption.close();
  }

  async #step(step: SeriesStep): Promise<StepEntry> {
    try {
      return await this.#run(step, prepareRun(step.scenario, step.file, markOf(step)));
    } catch (error) {
      if (!(error instanceof TrunklineError) || error.code === 'OUTPUT_UNWRITABLE') throw error;
      if (error.code !== 'PLAN_EXCEEDS_MEMORY' && error.code !== 'PLAN_EXCEEDS_LIMIT')
        return entryOf(step, 'failed', error.message);
      if (this.entries.length === 0) throw error;
      this.#end = `${step.name} does not fit this machine`;
      return entryOf(step, 'not run', error.message);
    }
  }

  async #run(step: SeriesStep, { order, advice }: PreparedRun): Promise<StepEntry> {
    const folder = await ResultFolder.create(this.#folder.path, order.id);
    const pauses = new PauseRequests();
    if (!this.#args.quiet) this.#view = await openRunView(order, { pauses, interruption: this.#interruption });
    for (const problem of advice) this.#view.note(`note:\n${problemText(problem)}`);
    const listener = this.#streams.listenTo(streamedRun(order), this.#view);
    try {
      const result = await executeStep(order, listener, this.#interruption.signal, pauses);
      this.#view.close();
      const { path, fault } = await folder.write(result);
      this.fault ??= fault;
      await writePage(folder, () => runPageHtml(result, pageSource(basename(path), readFileSync(path))));
      this.results.push(result);
      if (result.validity.ended === 'reserve')
        this.#end = `${step.name} used all memory of this machine except the reserve`;
      return {
        ...entryOf(step, 'passed', null),
        ...stepOutcome(result),
        published: stepPublished(result),
        resultFile: `${order.id}/result.json`,
        figures: stepFigures(result),
      };
    } catch (error) {
      this.#view.close();
      await folder.discard();
      throw error;
    }
  }
}

function markOf({ name, number, of, published }: SeriesStep): Result['scenario']['step'] {
  return { name, number, of, published };
}

/** A step without figures. */
function entryOf(step: SeriesStep, outcome: StepEntry['outcome'], reason: string | null): StepEntry {
  const { transport } = step.scenario.settings;
  return {
    name: step.name,
    number: step.number,
    scenario: step.scenario.name,
    transport,
    isSimulated: TRANSPORTS[transport].isSimulated,
    outcome,
    reason,
    published: step.published === null ? null : { ...step.published, own: null },
    resultFile: null,
    figures: null,
  };
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
