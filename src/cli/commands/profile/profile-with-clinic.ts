/** `trunkline profile --tool`: a tool of Clinic.js on one thread. */
import { TrunklineError } from '../../../base/errors.ts';
import { prepareRun } from '../../../run/phases/order/prepare-run.ts';
import { type ClinicTool, findClinic, runClinic } from '../../../run/profile/clinic.ts';
import { ResultFolder } from '../../../run/series/result-folder.ts';
import { findOneRun } from '../../options/find-runs.ts';
import { settingsOf } from '../../options/load-options.ts';
import { sayScenarioNotes } from '../../options/scenario-notes.ts';
import { ExitCode } from '../../terminal/exit-code.ts';
import { Interruption } from '../../terminal/interruption.ts';

export interface ClinicArguments {
  readonly scenario: string;
  readonly set: readonly string[];
  readonly phones: string | undefined;
  readonly measure: string | undefined;
  readonly thread: readonly string[];
  readonly out: string;
  readonly quiet: boolean;
}

/** A shard and a lane over memory: what fits on the only thread that the tool sees. */
const ONE_THREAD = ['transport=memory', 'switch.shards=1', 'driver.lanes=1'];

/** @returns the exit code. @throws TOOL_MISSING, TOOL_FAILED. */
export async function profileWithClinic(tool: ClinicTool, args: ClinicArguments): Promise<number> {
  if (args.thread.length > 0) {
    throw new TrunklineError(
      'ARGUMENT_INVALID',
      '--thread: expected no threads with --tool, because Clinic.js sees only the main thread, which shard and lane then share: remove one of the two.',
    );
  }
  const program = findClinic(process.cwd());
  const found = await findOneRun(args.scenario, [...settingsOf({ ...args, threads: undefined }), ...ONE_THREAD]);
  sayScenarioNotes(args.quiet);
  const { order } = prepareRun(found.scenario, found.file, null);
  const folder = await ResultFolder.create(args.out, order.id);
  const say = (text: string): void => {
    if (!args.quiet) process.stderr.write(text);
  };
  const interruption = new Interruption(() => say('Interrupted: the tool reports what it has seen.\n'));
  try {
    const report = await runClinic(program, tool, {
      plan: { ...order.plan, store: null }, // its only thread must not wait for a disk
      out: folder.path,
      say,
      interrupted: interruption.signal,
    });
    process.stdout.write(
      `${tool}: one shard and one lane in turn on the main thread, over memory; its figures are not those of a run.\n${report}\n`,
    );
    return interruption.exitCode ?? ExitCode.FINE;
  } finally {
    interruption.close();
    await folder.discard();
  }
}
