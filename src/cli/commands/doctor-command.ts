/**
 * `trunkline doctor`: what this machine allows, what a scenario needs, and a command for each limit that is too low.
 */
import { tmpdir } from 'node:os';
import type { Argv, CommandModule } from 'yargs';
import { freeDiskBytes } from '../../disk/free-disk-bytes.ts';
import type { MachineLimits } from '../../measure/machine-limits.ts';
import { planSentences } from '../../plan/plan-sentences.ts';
import { planRun } from '../../plan/run-plan.ts';
import { simulatedMemory, simulatedMemoryCheck, simulatedPhonesThatFit } from '../../plan/simulated-memory.ts';
import type { PlanCheck } from '../../plan/sockets/plan-check.ts';
import { rateChecks } from '../../plan/sockets/rate-checks.ts';
import { type Sides, socketDemand } from '../../plan/sockets/socket-demand.ts';
import { planSockets, socketCapacity } from '../../plan/sockets/socket-plan.ts';
import { storeSpaceCheck } from '../../plan/store-space.ts';
import {
  type Diagnosis,
  diagnosisText,
  isFitting,
  machineText,
  type TransportCapacity,
} from '../../report/doctor/diagnosis-text.ts';
import { stepsDiagnosisText } from '../../report/doctor/steps-diagnosis-text.ts';
import { markdownBlock } from '../../report/text/markdown.ts';
import { type Palette, PLAIN } from '../../report/text/palette.ts';
import { thisMachine } from '../../run/phases/order/this-machine.ts';
import { parseScenario, type Scenario } from '../../scenario/scenario.ts';
import { chooseSteps, parseSteps, type ScenarioStep } from '../../scenario/scenario-step.ts';
import { PHONES_MAX } from '../../scenario/terms/limits.ts';
import { isOverSockets, TRANSPORT_NAMES, TRANSPORTS, type TransportName } from '../../scenario/terms/transports.ts';
import { unusedInAll } from '../../scenario/unused-keys.ts';
import { findScenario } from '../options/find-scenario.ts';
import { type LoadArguments, loadOptions, settingsOf } from '../options/load-options.ts';
import { type FormatArguments, formatOption, type OutputFormat, printAs } from '../options/output-format.ts';
import { realTransport, realTransportSentence } from '../options/real-transport.ts';
import { noteUnusedKeys, sayUnusedKeys } from '../options/scenario-notes.ts';
import { ExitCode } from '../terminal/exit-code.ts';
import { terminalPalette } from '../terminal/terminal-palette.ts';
import { limitFigures } from './limit-figures.ts';

export interface DoctorArguments extends LoadArguments, FormatArguments {
  readonly scenario: string | undefined;
  readonly step: readonly string[];
  readonly sides: Sides;
}

/** The scenario that is planned if none is named: a load of mostly idle phones. */
const TYPICAL_SCENARIO = 'million';
const ENDS: Readonly<Record<Sides, string>> = {
  both: 'both ends on this machine',
  switch: "the switch's ends on this machine",
  driver: "the driver's ends on this machine",
};
const EXAMPLES: readonly (readonly [string, string])[] = [
  ['$0 doctor', 'What this machine allows, and for how many connections'],
  ['$0 doctor million --set transport=tcp', 'Whether a million real connections would fit'],
  ['$0 doctor million --set transport=tcp --set phones.count=3M', 'What three million would need'],
  ['$0 doctor million --set transport=best-real', 'Over tun or tcp, whichever this machine allows, and why'],
  ['$0 doctor idle-ladder', 'One line per step; --step 1M shows one in full'],
  ['$0 doctor ./mine.yaml --sides switch --json', 'For `serve` alone, as JSON'],
];

export function doctorCommand(): CommandModule<object, DoctorArguments> {
  return {
    command: 'doctor [scenario]',
    describe:
      'Compare what a scenario needs with what this machine allows, and print a command for each limit that is too low',
    builder,
    handler: async (args) => {
      process.exitCode = await doctor(args);
    },
  };
}

function builder(yargs: Argv<object>): Argv<DoctorArguments> {
  return formatOption(loadOptions(yargs))
    .positional('scenario', { type: 'string', describe: 'Name of a shipped scenario, or path of a YAML file' })
    .option('step', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      describe: 'Check only this step of the scenario; may be repeated',
    })
    .option('sides', {
      choices: ['both', 'switch', 'driver'] as const,
      default: 'both' as Sides,
      describe: 'Which ends of the connections are on this machine',
    })
    .example(EXAMPLES.map(([command, text]) => [command, text] as [string, string]))
    .epilogue('Exit codes: 0 the scenario (or each of its steps) would fit, or none was named; 2 it would not.');
}

async function doctor(args: DoctorArguments): Promise<number> {
  const limits = thisMachine();
  const { file, text } = await findScenario(args.scenario ?? TYPICAL_SCENARIO);
  const settings = settingsOf(args);
  const steps = parseSteps(text, file, settings, realTransport);
  const asked = chooseSteps(steps, args.step);
  const [step, ...others] = asked;
  const scenarioOf = (one: ScenarioStep): Scenario => one.scenario;
  noteUnusedKeys(unusedInAll(steps.map(scenarioOf), asked.map(scenarioOf)));
  if (step !== undefined && others.length > 0) return diagnoseSteps([step, ...others], limits, args);
  const scenario = step?.scenario ?? parseScenario(text, file, settings, realTransport);
  if (args.scenario === undefined) {
    const capacities = TRANSPORT_NAMES.map((transport) => capacityOver(transport, scenario, limits));
    print(args.format, { machine: limits, capacities }, (palette) =>
      machineText(limits, capacities, limitFigures(limits), palette),
    );
    return ExitCode.FINE;
  }
  if (step === undefined) noteUnusedKeys(scenario.unused);
  sayUnusedKeys(false);
  const diagnosis = diagnose(scenario, limits, args.sides);
  const isMet = isFitting(diagnosis);
  print(args.format, { machine: limits, isMet, ...diagnosis }, (palette) => diagnosisText(limits, diagnosis, palette));
  return isMet ? ExitCode.FINE : ExitCode.USAGE;
}

/** One line per step of a scenario. */
function diagnoseSteps(steps: readonly ScenarioStep[], limits: MachineLimits, args: DoctorArguments): number {
  sayUnusedKeys(false);
  const diagnosed = steps.map(({ name, scenario }) => ({ name, diagnosis: diagnose(scenario, limits, args.sides) }));
  const isMet = diagnosed.every(({ diagnosis }) => isFitting(diagnosis));
  print(
    args.format,
    { machine: limits, isMet, steps: diagnosed.map(({ name, diagnosis }) => ({ name, ...diagnosis })) },
    (palette) => stepsDiagnosisText(limits, diagnosed, chosen(), palette),
  );
  return isMet ? ExitCode.FINE : ExitCode.USAGE;
}

function diagnose(scenario: Scenario, limits: MachineLimits, sides: Sides): Diagnosis {
  const { transport } = scenario.settings;
  const { isSimulated } = TRANSPORTS[transport];
  const shared = { scenario: scenario.name, transport, isSimulated };
  if (!isOverSockets(transport)) {
    const plan = planRun(scenario);
    return {
      ...shared,
      online: plan.online,
      ends: 'in one process',
      plan: [`${plan.shape.shards} shards and ${plan.shape.lanes} lanes in one process, rings between them`],
      memory: simulatedMemory(plan),
      connectionsThatFit: simulatedPhonesThatFit(plan, limits),
      checks: [
        simulatedMemoryCheck(plan, limits),
        ...rateChecks(scenario.settings, limits, 'both'),
        ...spaceChecks(scenario, 'both'),
      ],
    };
  }
  const plan = planSockets(socketDemand(scenario.settings, transport), limits, sides);
  return {
    ...shared,
    online: plan.demand.online,
    ends: ENDS[sides],
    plan: [...chosen(), ...planSentences(plan)],
    memory: plan.memory,
    connectionsThatFit: plan.connectionsThatFit,
    checks: [...plan.checks, ...rateChecks(scenario.settings, limits, sides), ...spaceChecks(scenario, sides)],
  };
}

/** Which transport was taken and why, if the scenario asked for the best. */
function chosen(): string[] {
  const sentence = realTransportSentence();
  return sentence === null ? [] : [sentence];
}

/** Of a temporary store: `--store` of a run may name another disk. */
function spaceChecks(scenario: Scenario, sides: Sides): PlanCheck[] {
  if (sides === 'driver' || scenario.settings.switch.durability === 'none') return [];
  const check = storeSpaceCheck(planRun(scenario), tmpdir(), freeDiskBytes(tmpdir()));
  return check === null ? [] : [check];
}

function capacityOver(transport: TransportName, scenario: Scenario, limits: MachineLimits): TransportCapacity {
  const { isSimulated } = TRANSPORTS[transport];
  if (!isOverSockets(transport)) {
    const fitting = simulatedPhonesThatFit(planRun(scenario), limits) ?? 0;
    const limitedBy = fitting > PHONES_MAX ? 'what a scenario may ask for' : 'memory';
    return { transport, isSimulated, connections: Math.min(fitting, PHONES_MAX), limitedBy };
  }
  const { connections, limitedBy } = socketCapacity(socketDemand(scenario.settings, transport), limits);
  return { transport, isSimulated, connections, limitedBy: limitedBy?.what ?? null };
}

/** JSON has no infinity, so a missing limit becomes a word. */
function print(format: OutputFormat, value: object, text: (palette: Palette) => string): void {
  const withoutInfinity = (_: string, one: unknown): unknown => (one === Number.POSITIVE_INFINITY ? 'unlimited' : one);
  printAs(format, {
    text: () => text(terminalPalette(process.stdout, process.env)),
    json: () => JSON.stringify({ schema: 'trunkline.doctor/1', ...value }, withoutInfinity, 1),
    markdown: () => markdownBlock(text(PLAIN)),
  });
}
