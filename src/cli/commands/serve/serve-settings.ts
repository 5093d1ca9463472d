/** The settings of `serve`: a scenario of which only the keys of the switch matter. */
import { TrunklineError } from '../../../base/errors.ts';
import { parseCount } from '../../../base/units.ts';
import { numberingOf } from '../../../plan/run-plan.ts';
import { parseScenario, type Scenario, scenarioSource } from '../../../scenario/scenario.ts';
import {
  DEFAULT_SOCKET_TRANSPORT,
  isOverSockets,
  isReachable,
  type SocketTransportName,
  TRANSPORTS,
} from '../../../scenario/terms/transports.ts';
import { unusedBySwitch } from '../../../scenario/unused-by-switch.ts';
import type { NumberBlock } from '../../../wire/numbering-plan.ts';
import type { Address } from '../../options/address.ts';
import { checkSharedNetwork } from '../../options/check-shared-network.ts';
import { findScenario, type ScenarioText } from '../../options/find-scenario.ts';

export interface ServeSettingsArguments {
  readonly scenario: string | undefined;
  readonly set: readonly string[];
  readonly transport: SocketTransportName | undefined;
  readonly shards: string | undefined;
  readonly numbers: readonly string[];
  readonly connections: string | undefined;
}

export const DEFAULT_CONNECTIONS = 10_000;
/** A million numbers, starting with the first number of scenarios that name none. */
export const DEFAULT_NUMBERS = '447700000000+1M';
/** Used without a scenario: ten seconds between progress lines, and sessions that end after 180 s without input. */
const PLAIN: ScenarioText = {
  file: 'trunkline serve',
  text: `
name: serve
description: The switch alone
transport: ${DEFAULT_SOCKET_TRANSPORT}
phones: { count: ${DEFAULT_CONNECTIONS}, offline: 0%, heartbeat: 60s, session: none }
login: { rate: 1k/s }
traffic: { rate: 0/s, payload: 64B }
phases: { bin: 10s }
`,
};
const NUMBERS = /^(\d{1,15})\+(\S+)$/;

/**
 * The settings of a switch that listens on this address, and for HTTP on another one if there is one.
 * @throws what parsing a scenario throws, ARGUMENT_INVALID
 */
export async function serveSettings(
  args: ServeSettingsArguments,
  listen: Address,
  http: Address | null,
): Promise<Scenario> {
  const { file, text } = args.scenario === undefined ? PLAIN : await findScenario(args.scenario);
  const first = parseScenario(text, file, args.set);
  const transport = socketTransport('serve', args.transport, first);
  // A single port is simplest for other clients, so there is one shard if shards cannot share a port.
  const isOnePort =
    args.scenario === undefined &&
    !TRANSPORTS[transport].sharesPort &&
    !args.set.some((one) => one.startsWith('switch.shards='));
  const shards = args.shards ?? (isOnePort ? '1' : undefined);
  const numbering = numberingFor(args, first);
  const connections = args.connections ?? defaultConnections(args, numbering);
  const scenario = parseScenario(text, file, [
    ...args.set,
    `transport=${transport}`,
    `numbering=${JSON.stringify(numbering)}`,
    `sockets.host="${listen.host}"`,
    `sockets.port=${listen.port}`,
    ...(http === null ? [] : [`http.host="${http.host}"`, `http.port=${http.port}`]),
    ...(shards === undefined ? [] : [`switch.shards=${shards}`]),
    ...(connections === null
      ? []
      : [`phones.count=${connections}`, 'phones.offline=0%', 'traffic.activePhones=all', 'driver.lanes=1']),
  ]);
  const source = scenarioSource(text, file);
  for (const setting of args.set) source.set(setting);
  return { ...scenario, unused: unusedBySwitch(source, scenario.unused) };
}

/**
 * The requested transport, or that of the scenario, or the default in place of a simulated one.
 * @throws ARGUMENT_INVALID if the network of that transport ends in one run, whose other side is never elsewhere.
 */
export function socketTransport(
  command: string,
  asked: SocketTransportName | undefined,
  scenario: Scenario,
): SocketTransportName {
  if (asked !== undefined) return asked;
  const { transport } = scenario.settings;
  checkSharedNetwork(command, transport);
  return isOverSockets(transport) && isReachable(transport) ? transport : DEFAULT_SOCKET_TRANSPORT;
}

function numberingFor(args: ServeSettingsArguments, scenario: Scenario): readonly NumberBlock[] {
  if (args.numbers.length > 0) return args.numbers.map(parseNumbers);
  const isNamed = args.scenario !== undefined || scenario.settings.numbering.length > 0;
  return isNamed ? numberingOf(scenario.settings) : [parseNumbers(DEFAULT_NUMBERS)];
}

/** By default as many connections as numbers, up to a maximum; a scenario states its own number. */
function defaultConnections(args: ServeSettingsArguments, numbering: readonly NumberBlock[]): number | null {
  if (args.scenario !== undefined || args.set.some((one) => one.startsWith('phones.count='))) return null;
  return Math.min(
    DEFAULT_CONNECTIONS,
    numbering.reduce((sum, block) => sum + block.count, 0),
  );
}

function parseNumbers(text: string): NumberBlock {
  const match = NUMBERS.exec(text);
  const count = match === null ? null : parseCount(match[2] ?? '');
  if (match === null || count === null) {
    throw new TrunklineError(
      'ARGUMENT_INVALID',
      `--numbers: expected FIRST+COUNT such as ${DEFAULT_NUMBERS}, found "${text}".`,
    );
  }
  return { first: Number(match[1]), count };
}
