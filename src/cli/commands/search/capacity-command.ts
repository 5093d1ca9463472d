/** `trunkline capacity`: the highest message rate, or the most connections, at which every limit holds. */

import type { Argv, CommandModule } from 'yargs';
import type { CapacityLoad, CapacityVerdict } from '../../../analysis/capacity/capacity-schema.ts';
import type { CapacityOrder } from '../../../analysis/capacity/conclude-capacity.ts';
import { capacityLimits } from '../../../analysis/capacity/judge-trial.ts';
import type { SearchGoal } from '../../../analysis/capacity/mlr-search-step.ts';
import { TrunklineError } from '../../../base/errors.ts';
import { parseCount } from '../../../base/units.ts';
import { fingerprint } from '../../../measure/fingerprint.ts';
import type { MachineLimits } from '../../../measure/machine-limits.ts';
import { allocatableBytes } from '../../../measure/process-memory.ts';
import { preflight } from '../../../plan/preflight.ts';
import { checkMemory, planOn, planRun } from '../../../plan/run-plan.ts';
import { simulatedPhonesThatFit } from '../../../plan/simulated-memory.ts';
import { socketDemand } from '../../../plan/sockets/socket-demand.ts';
import { socketCapacity } from '../../../plan/sockets/socket-plan.ts';
import { RunEnded } from '../../../run/phases/control/run-control.ts';
import { runId } from '../../../run/phases/order/run-id.ts';
import { thisMachine } from '../../../run/phases/order/this-machine.ts';
import { type TrialRates, TrialRun } from '../../../run/phases/trial-run.ts';
import { ResultFolder } from '../../../run/series/result-folder.ts';
import { parseScenario, type Scenario } from '../../../scenario/scenario.ts';
import { PHONES_MAX } from '../../../scenario/terms/limits.ts';
import {
  isOverSockets,
  TRANSPORT_CHOICES,
  TRANSPORTS,
  type TransportChoice,
} from '../../../scenario/terms/transports.ts';
import { parseCondition, type Threshold } from '../../../scenario/threshold.ts';
import { checkOutputs } from '../../options/check-outputs.ts';
import { checkSharedNetwork } from '../../options/check-shared-network.ts';
import { findScenario } from '../../options/find-scenario.ts';
import { settingsOf } from '../../options/load-options.ts';
import { type PageFormat, pageFormatOption } from '../../options/output-format.ts';
import { ownCommand } from '../../options/own-command.ts';
import { realTransport } from '../../options/real-transport.ts';
import { noteUnusedKeys, sayScenarioNotes } from '../../options/scenario-notes.ts';
import { reportOutcome } from '../../pages/report-outcome.ts';
import { ExitCode } from '../../terminal/exit-code.ts';
import { Interruption } from '../../terminal/interruption.ts';
import { openSeriesView } from '../../terminal/open-series-view.ts';
import { type SeriesView, SILENT_SERIES } from '../../terminal/series-view.ts';
import { plannedPhases, runSeconds } from '../../terminal/time-left.ts';
import { capacityGoal, searchDuration } from './capacity-goal.ts';
import { searchCapacity } from './search-capacity.ts';

export interface CapacityArguments {
  readonly scenario: string;
  readonly over: CapacityLoad;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly limit: readonly string[];
  readonly trial: string;
  readonly sum: string | undefined;
  readonly width: string | undefined;
  readonly confirm: string;
  readonly set: readonly string[];
  readonly phones: string | undefined;
  readonly threads: string | undefined;
  readonly transport: TransportChoice | undefined;
  readonly out: string;
  readonly format: PageFormat;
  readonly quiet: boolean;
}

/** Default of --from: low enough for any server that works. */
const LOAD_MIN: Readonly<Record<CapacityLoad, number>> = { messages: 100, connections: 100, rates: 100 };
const EXAMPLES: readonly (readonly [string, string])[] = [
  ['$0 capacity smoke', 'The highest message rate under the thresholds of the scenario'],
  [
    "$0 capacity million --limit 'latency.delivery: p(99)<20ms' --limit 'cpu.switchMicrosPerMessage: value<5us'",
    'Under limits of your own as well',
  ],
  ['$0 capacity smoke --over connections --to 1M', 'The most simulated connections, each trial a fresh run'],
];

export function capacityCommand(): CommandModule<object, CapacityArguments> {
  return {
    command: 'capacity <scenario>',
    describe: 'Find the highest rate, or the most connections, at which every limit holds',
    builder,
    handler: async (args) => {
      process.exitCode = await capacity(args);
    },
  };
}

function builder(yargs: Argv<object>): Argv<CapacityArguments> {
  const many = { type: 'string', array: true, nargs: 1, default: [] as string[] } as const;
  return pageFormatOption(yargs)
    .positional('scenario', {
      type: 'string',
      demandOption: true,
      describe: 'Name of a shipped scenario, or path of a YAML file; its thresholds are limits',
    })
    .option('over', {
      choices: ['messages', 'connections', 'rates'] as const,
      default: 'messages' as CapacityLoad,
      describe:
        'What is increased: messages per second, connected phones, or the rates of messages, returning phones, heartbeats and changes of presence together',
    })
    .option('from', { type: 'string', describe: 'Lowest load to try, such as 1k' })
    .option('to', { type: 'string', describe: 'Highest load to try; by default what driver and memory allow' })
    .option('limit', {
      ...many,
      describe: "One more limit, such as 'latency.delivery: p(99)<20ms'; trunkline metrics lists them; may be repeated",
    })
    .option('trial', { alias: 'd', type: 'string', default: '3s', describe: 'Length of each trial' })
    .option('sum', { type: 'string', describe: 'Length of all trials at one load; by default that of five trials' })
    .option('width', {
      type: 'string',
      describe: 'The search ends when the bounds differ by this share; by default 2%',
    })
    .option('phones', { alias: 'c', type: 'string', describe: 'Number of phones: phones.count' })
    .option('threads', { alias: 'w', type: 'string', describe: 'Threads per side: switch.shards, driver.lanes' })
    .option('confirm', { type: 'string', default: '60s', describe: 'Length of the confirming run; 0 for none' })
    .option('set', { ...many, describe: 'Set a key of the scenario, such as phones.count=20k; may be repeated' })
    .option('transport', { choices: TRANSPORT_CHOICES, describe: 'Transport between phones and switch' })
    .option('out', {
      type: 'string',
      default: 'results',
      describe: 'Parent of the result folder',
    })
    .option('quiet', { type: 'boolean', default: false, describe: 'No progress on stderr' })
    .example(EXAMPLES.map(([command, text]) => [command, text] as [string, string]))
    .epilogue(
      'Exit codes: 0 found and confirmed, or the highest load that can be offered is carried; 1 not confirmed, or no load met the limits; 2 usage; 3 no valid trial; 130 and 143 on signals.',
    );
}

async function capacity(args: CapacityArguments): Promise<number> {
  const { file, text } = await findScenario(args.scenario);
  const settings = [...(args.transport === undefined ? [] : [`transport=${args.transport}`]), ...settingsOf(args)];
  const written = parseScenario(text, file, settings, realTransport);
  noteUnusedKeys(written.unused);
  sayScenarioNotes(args.quiet);
  const own = args.limit.map(parseLimitOption);
  const limits = [
    ...capacityLimits(written.thresholds).filter((one) => !own.some(({ metric }) => metric === one.metric)),
    ...own,
  ];
  const limitSettings = [...new Set(own.map(({ metric }) => metric))].map(
    (metric) =>
      `thresholds.${metric}=${JSON.stringify(own.filter((one) => one.metric === metric).map((one) => one.expression))}`,
  );
  const scenario = { ...written, thresholds: limits };
  const goal = capacityGoal(args);
  const confirmMicros = searchDuration('--confirm', args.confirm);
  checkOutputs(args);
  checkRange(args, scenario);
  if (args.over !== 'connections') checkSharedNetwork('capacity', scenario.settings.transport);
  const folder = await ResultFolder.create(args.out, runId(`capacity-${scenario.name}`, new Date()));
  let view: SeriesView = SILENT_SERIES;
  const interruption = new Interruption(() =>
    view.note('Interrupted: reporting what is known so far. Interrupt again to stop immediately.'),
  );
  view = await openSeriesView('capacity', args.quiet, interruption);
  let run: TrialRun | null = null;
  try {
    run =
      args.over === 'connections'
        ? null
        : await startTrials(scenario, trialRates(args, scenario), file, interruption.signal, view);
    const order = capacityOrder(args, scenario, goal, run);
    const outcome = await searchCapacity(
      order,
      {
        scenario: args.scenario,
        settings: [...settings, ...limitSettings],
        offlineShare: scenario.settings.phones.offline,
        sessionMicros: scenario.settings.phones.session,
        backgroundsPerSecond: scenario.settings.presence.background,
        limits,
        confirmMicros,
        confirmSeconds: confirmSeconds(scenario, confirmMicros),
        folder: folder.path,
        interrupted: interruption.signal,
        view,
      },
      run,
    );
    view.close();
    await reportOutcome(outcome, folder.path, args);
    return interruption.exitCode ?? EXIT_CODES[outcome.verdict];
  } catch (error) {
    await run?.stop();
    await folder.discard();
    if (!(error instanceof RunEnded)) throw error;
    if (interruption.exitCode !== undefined) return interruption.exitCode;
    throw error.cause ?? error;
  } finally {
    view.close();
    interruption.close();
  }
}

const EXIT_CODES: Readonly<Record<CapacityVerdict, number>> = {
  confirmed: ExitCode.FINE,
  'at least': ExitCode.FINE,
  unconfirmed: ExitCode.THRESHOLD_FAILED,
  none: ExitCode.THRESHOLD_FAILED,
  unknown: ExitCode.INVALID,
};

/** Checks the range before anything runs. @throws ARGUMENT_INVALID. */
function checkRange(args: CapacityArguments, { settings }: Scenario): void {
  if (args.over === 'messages' && settings.http.load.rate > 0) {
    throw new TrunklineError(
      'ARGUMENT_INVALID',
      'http.load.rate: expected no HTTP load in a search over messages, which raises the rate of the phones alone. Add --set http.load.rate=0, or search --over connections.',
    );
  }
  if (args.over === 'rates' && settings.platforms.length > 0 && searchDuration('--confirm', args.confirm) > 0) {
    throw new TrunklineError(
      'ARGUMENT_INVALID',
      '--confirm: expected 0 over all rates of phones with platforms, whose sessions no key of a scenario changes together. Add --confirm 0.',
    );
  }
  const from = args.from === undefined ? null : load('--from', args.from);
  const to = args.to === undefined ? null : load('--to', args.to);
  if (from !== null && to !== null && from > to) throw fromAbove(from, to);
  if (to === null && args.over !== 'connections' && !settings.phases.calibrate) throw endMissing();
}

function fromAbove(from: number, to: number): TrunklineError {
  return new TrunklineError(
    'ARGUMENT_INVALID',
    `--from ${from}: expected at most the highest load, ${to}: lower it, or raise --to.`,
  );
}

function endMissing(): TrunklineError {
  return new TrunklineError(
    'ARGUMENT_INVALID',
    'Expected --to, as the scenario does not calibrate the driver (phases.calibrate).',
  );
}

/** Before the first trial the phones settle at the lowest load, which is to be one that is surely carried. */
function trialRates(args: CapacityArguments, { settings }: Scenario): TrialRates | null {
  if (args.over !== 'rates') return null;
  const settlePerSecond = args.from === undefined ? LOAD_MIN.rates : load('--from', args.from);
  return { ownPerSecond: settings.traffic.rate, settlePerSecond };
}

async function startTrials(
  scenario: Scenario,
  rates: TrialRates | null,
  file: string,
  interrupted: AbortSignal,
  view: SeriesView,
): Promise<TrialRun> {
  const { plan, sockets } = planOn(scenario, thisMachine(), 'both');
  if (sockets === null) checkMemory(plan, allocatableBytes() ?? Number.POSITIVE_INFINITY);
  else preflight(sockets);
  const startedAt = new Date();
  const order = { scenario, file, plan, id: runId(scenario.name, startedAt), startedAt, step: null, targets: null };
  const phase = (name: string, detail: string): void =>
    view.starts({ now: `${name.padEnd(10)}${detail}`, runs: null, estimate: [] });
  return TrialRun.start(order, { phase }, interrupted, rates);
}

/** Of a confirming run with its phases before and after the measurement, about. */
function confirmSeconds({ settings }: Scenario, measureMicros: number): number {
  const online = settings.phones.count * (1 - settings.phones.offline);
  const planned = plannedPhases(settings, online);
  return measureMicros === 0 ? 0 : runSeconds({ ...planned, measureSeconds: measureMicros / 1e6 });
}

function capacityOrder(
  args: CapacityArguments,
  scenario: Scenario,
  goal: SearchGoal,
  run: TrialRun | null,
): CapacityOrder {
  const { settings, thresholds } = scenario;
  const published = [...settings.steps.flatMap((step) => step.published ?? []), ...settings.published];
  const isOverMessages = run !== null;
  const end = isOverMessages ? driverEnd(run) : memoryEnd(scenario, thisMachine());
  const to = args.to === undefined ? null : load('--to', args.to);
  if (to === null && end === null) throw endMissing();
  const isOwnEnd = to !== null && to <= (end?.load ?? Number.POSITIVE_INFINITY);
  const highestLoad = isOwnEnd ? to : (end?.load ?? 0);
  const lowestLoad = args.from === undefined ? Math.min(LOAD_MIN[args.over], highestLoad) : load('--from', args.from);
  if (lowestLoad > highestLoad) throw fromAbove(lowestLoad, highestLoad);
  const ownLoad = isOverMessages ? settings.traffic.rate : settings.phones.count * (1 - settings.phones.offline);
  // Over all rates that at which phones settled: a load above the capacity leaves logins that the next trial must make up for.
  const firstLoad =
    args.over === 'rates' && args.from !== undefined
      ? lowestLoad
      : Math.min(highestLoad, Math.max(lowestLoad, ownLoad));
  return {
    over: args.over,
    ownLoad,
    scenario: scenario.name,
    transport: settings.transport,
    isSimulated: TRANSPORTS[settings.transport].isSimulated,
    machineClass: fingerprint().machineClass,
    limits: thresholds.map(({ metric, expression }) => `${metric} ${expression}`),
    range: { lowestLoad, highestLoad, firstLoad },
    published,
    command: ownCommand(),
    rangeEnd: isOwnEnd ? 'the end of the given range' : (end?.why ?? ''),
    goal,
  };
}

interface RangeEnd {
  readonly load: number;
  readonly why: string;
}

function driverEnd(run: TrialRun): RangeEnd | null {
  const load = run.offeredMax;
  return load === null ? null : { load, why: 'the driver: 70 % of what it can do against a switch that only answers' };
}

function memoryEnd(scenario: Scenario, limits: MachineLimits): RangeEnd | null {
  const { transport, phones } = scenario.settings;
  const asked = Math.floor(PHONES_MAX * (1 - phones.offline));
  if (isOverSockets(transport)) {
    const { connections, limitedBy } = socketCapacity(socketDemand(scenario.settings, transport), limits);
    return { load: connections, why: `the plan of this machine: ${limitedBy?.what ?? 'its limits'}` };
  }
  const fitting = simulatedPhonesThatFit(planRun(scenario), limits);
  if (fitting === null) return null;
  return { load: Math.min(asked, Math.floor(fitting * (1 - phones.offline))), why: 'the memory of this machine' };
}

/** Parses `latency.delivery: p(99)<20ms`. @throws THRESHOLD_INVALID, naming the option. */
function parseLimitOption(text: string): Threshold {
  try {
    return parseCondition(text);
  } catch (error) {
    throw error instanceof TrunklineError ? new TrunklineError(error.code, `--limit ${text}: ${error.message}`) : error;
  }
}

function load(option: string, text: string): number {
  const value = parseCount(text);
  if (value !== null && value >= 1) return value;
  throw new TrunklineError(
    'ARGUMENT_INVALID',
    `${option}: expected a number of at least 1 such as 20k, found "${text}".`,
  );
}
