/** `trunkline profile`: profiles the threads of a run, and says which functions took its time and its memory. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import type { ThreadReport } from '../../../analysis/profile/thread-report.ts';
import { TrunklineError } from '../../../base/errors.ts';
import { parseBytes, parseDurationMicros } from '../../../base/units.ts';
import { checkProfiler, type ProfileSampling } from '../../../measure/thread-profiler.ts';
import { problemText } from '../../../plan/preflight.ts';
import type { RunPlan } from '../../../plan/run-plan.ts';
import { profileText } from '../../../report/profile/profile-text.ts';
import { printable } from '../../../report/text/printable.ts';
import type { Result } from '../../../result/result-schema.ts';
import { PauseRequests } from '../../../run/phases/control/pause-requests.ts';
import { executeOrder } from '../../../run/phases/execute-step.ts';
import { type PreparedRun, prepareRun } from '../../../run/phases/order/prepare-run.ts';
import { matching, type ProfiledPhase, RunProfiles } from '../../../run/phases/run-profiles.ts';
import { CLINIC_TOOLS, type ClinicTool } from '../../../run/profile/clinic.ts';
import { nameProfiles } from '../../../run/profile/thread-profiles.ts';
import { ResultFolder } from '../../../run/series/result-folder.ts';
import { checkOutputs } from '../../options/check-outputs.ts';
import { findOneRun } from '../../options/find-runs.ts';
import { settingOptions, settingsOf } from '../../options/load-options.ts';
import { sayScenarioNotes } from '../../options/scenario-notes.ts';
import { profileSections, threadReports } from '../../pages/profile-sections.ts';
import { repeatCommand } from '../../pages/repeat-command.ts';
import { pageSource, runPageHtml } from '../../pages/run-page-html.ts';
import { writePage } from '../../pages/write-page.ts';
import { endWithParent } from '../../terminal/end-with-parent.ts';
import { ExitCode } from '../../terminal/exit-code.ts';
import { INTERRUPTED, Interruption } from '../../terminal/interruption.ts';
import { openRunView } from '../../terminal/open-run-view.ts';
import { SILENT } from '../../terminal/run-view.ts';
import { terminalPalette } from '../../terminal/terminal-palette.ts';
import { type ClinicArguments, profileWithClinic } from './profile-with-clinic.ts';

export interface ProfileArguments extends ClinicArguments {
  readonly phase: ProfiledPhase;
  readonly interval: string;
  readonly allocations: string;
  readonly tool: ClinicTool | undefined;
}

const PHASES: readonly ProfiledPhase[] = ['measure', 'ramp', 'all'];
/** Shortest time between two samples: taking one costs some 10 µs. */
const INTERVAL_MICROS_MIN = 100;
const ALLOCATION_BYTES_MIN = 1024;

export function profileCommand(): CommandModule<object, ProfileArguments> {
  return {
    command: 'profile <scenario>',
    describe: 'Run a scenario and profile its threads: hottest functions, allocations, flame graphs',
    builder,
    handler: async (args) => {
      process.exitCode = await profile(args);
    },
  };
}

function builder(yargs: Argv<object>): Argv<ProfileArguments> {
  return settingOptions(yargs)
    .positional('scenario', {
      type: 'string',
      demandOption: true,
      describe: 'Name of a shipped scenario, or path of a YAML file',
    })
    .option('phase', { choices: PHASES, default: 'measure' as ProfiledPhase, describe: 'When to profile' })
    .option('thread', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      describe: 'Profile only threads of this name, such as shard-0 or lane-*; may be repeated',
    })
    .option('interval', { type: 'string', default: '1ms', describe: 'Time between two samples of the stack' })
    .option('allocations', {
      type: 'string',
      default: '64KiB',
      describe: 'Allocated bytes between two samples of them',
    })
    .option('tool', {
      choices: CLINIC_TOOLS,
      describe: 'Run this tool of Clinic.js 13 instead, on a shard and a lane that share one thread, over memory',
    })
    .option('out', { type: 'string', default: 'results', describe: 'Parent of the result folder' })
    .option('quiet', { type: 'boolean', default: false, describe: 'No progress on stderr' })
    .example('$0 profile smoke', 'Which functions are hottest, and who allocates')
    .example('$0 profile million --thread "shard-*"', 'Only the switch')
    .example('$0 profile smoke --tool clinic-doctor', 'With Clinic.js, where it is installed')
    .epilogue(
      'Exit codes: 0 the profiles were written, 2 usage or configuration, 3 the run failed, 130 and 143 on signals. Figures of a profiled run are marked invalid, because they contain the cost of the profiler.',
    ) as Argv<ProfileArguments>;
}

async function profile(args: ProfileArguments): Promise<number> {
  const sampling = samplingOf(args);
  if (args.tool !== undefined) return profileWithClinic(args.tool, args);
  checkProfiler();
  checkOutputs(args);
  endWithParent();
  const found = await findOneRun(args.scenario, settingsOf({ ...args, threads: undefined }));
  sayScenarioNotes(args.quiet);
  const prepared = prepareRun(found.scenario, found.file, null);
  checkThreads(args.thread, prepared.order.plan);
  return run(prepared, args, sampling);
}

async function run({ order, advice }: PreparedRun, args: ProfileArguments, sampling: ProfileSampling): Promise<number> {
  const folder = await ResultFolder.create(args.out, order.id);
  let view = SILENT;
  const interruption = new Interruption(() => {
    view.ending();
    view.note(INTERRUPTED);
  });
  const pauses = new PauseRequests();
  if (!args.quiet) view = await openRunView(order, { pauses, interruption });
  const threads = args.thread.length === 0 ? null : args.thread;
  const profiles = new RunProfiles({ phase: args.phase, sampling, threads, folder: folder.path });
  try {
    for (const problem of advice) view.note(`note:\n${problemText(problem)}`);
    const result = await executeOrder(order, view, interruption.signal, pauses, profiles);
    view.close();
    const { path, fault } = await folder.write(result);
    if (profiles.areKept) nameProfiles(folder.path, profiles.profile?.threads ?? []);
    await writePage(folder, () => {
      const sections = profiles.areKept ? profileSections(result, folder.path) : [];
      return runPageHtml(result, pageSource(basename(path), readFileSync(path)), repeatCommand(result), sections);
    });
    print(result, profiles.areKept ? threadReports(result, folder.path) : [], folder.path);
    if (fault !== null) throw fault;
    return interruption.exitCode ?? (profiles.areKept ? ExitCode.FINE : ExitCode.INVALID);
  } catch (error) {
    view.close();
    await folder.discard();
    throw error;
  } finally {
    interruption.close();
  }
}

function print(result: Result, threads: readonly ThreadReport[], path: string): void {
  const { profile, validity } = result;
  const palette = terminalPalette(process.stdout, process.env);
  const ended =
    (validity.failure === null ? null : printable(validity.failure)) ??
    (validity.isComplete ? null : 'The run was interrupted.');
  const text =
    profile === null || threads.length === 0
      ? palette.bad(`Nothing was profiled: ${ended ?? 'the run ended before'}`)
      : profileText(profile, threads, palette);
  process.stdout.write(
    `${[...(ended === null ? [] : [palette.warning(ended)]), text, '', `files   ${printable(path)}: profiles, report.html, result.json`].join('\n')}\n`,
  );
}

/** @throws ARGUMENT_INVALID. */
function samplingOf({ interval, allocations }: ProfileArguments): ProfileSampling {
  const intervalMicros = parseDurationMicros(interval);
  if (intervalMicros === null || intervalMicros < INTERVAL_MICROS_MIN) {
    throw new TrunklineError(
      'ARGUMENT_INVALID',
      `--interval: expected a duration of at least ${INTERVAL_MICROS_MIN}us, such as 1ms, found "${interval}".`,
    );
  }
  const allocationBytes = parseBytes(allocations);
  if (allocationBytes === null || allocationBytes < ALLOCATION_BYTES_MIN) {
    throw new TrunklineError(
      'ARGUMENT_INVALID',
      `--allocations: expected a size of at least ${ALLOCATION_BYTES_MIN}B, such as 64KiB, found "${allocations}".`,
    );
  }
  return { intervalMicros, allocationBytes };
}

/** @throws ARGUMENT_INVALID if a pattern matches no thread of the plan. */
function checkThreads(patterns: readonly string[], plan: RunPlan): void {
  const { shards, lanes } = plan.shape;
  const main = plan.sockets === null ? ['main'] : ['switch-main', 'driver-main'];
  const of = (role: string, count: number): string[] => Array.from({ length: count }, (_, n) => `${role}-${n}`);
  const names = [...of('shard', shards), ...of('lane', lanes), ...main];
  const stranger = patterns.find((pattern) => matching(names, [pattern]).length === 0);
  if (stranger === undefined) return;
  throw new TrunklineError(
    'ARGUMENT_INVALID',
    `--thread ${stranger}: expected a thread of this run, of which there are shard-0 to shard-${shards - 1}, lane-0 to lane-${lanes - 1}, ${main.join(' and ')}; * stands for any characters.`,
  );
}
