/** `trunkline drive`: the phones alone, against a switch that runs elsewhere. */
import type { Argv, CommandModule } from 'yargs';
import { TrunklineError } from '../../../base/errors.ts';
import { preflight } from '../../../plan/preflight.ts';
import { planOn } from '../../../plan/run-plan.ts';
import { runId } from '../../../run/phases/order/run-id.ts';
import { thisMachine } from '../../../run/phases/order/this-machine.ts';
import { resolveHost } from '../../../run/sides/start-listening.ts';
import { parseScenario } from '../../../scenario/scenario.ts';
import {
  DEFAULT_SOCKET_TRANSPORT,
  SOCKET_TRANSPORT_NAMES,
  type SocketTransportName,
  transportsThat,
} from '../../../scenario/terms/transports.ts';
import { parseAddress } from '../../options/address.ts';
import { checkOutputs } from '../../options/check-outputs.ts';
import { findScenario } from '../../options/find-scenario.ts';
import { settingsOf } from '../../options/load-options.ts';
import { noteUnusedKeys, sayUnusedKeys } from '../../options/scenario-notes.ts';
import { type SecretArguments, secretOf, secretOptions, withSecret } from '../../options/secret-options.ts';
import { type PhoneTlsArguments, phoneTls } from '../../options/tls-options.ts';
import { typedRepeat } from '../../pages/series-page-html.ts';
import { RUN_EXIT_CODES, type RunReportArguments, reportOptions, runAndReport } from '../run/run-and-report.ts';
import { socketTransport } from './serve-settings.ts';

export interface DriveArguments extends RunReportArguments, SecretArguments, PhoneTlsArguments {
  readonly scenario: string;
  readonly target: readonly string[];
  readonly transport: SocketTransportName | undefined;
}

const EXAMPLES: readonly (readonly [string, string])[] = [
  ['TRUNKLINE_SECRET=… $0 drive smoke --target 127.0.0.1:8765', 'Ten thousand phones against `serve` here'],
  ['$0 drive million --target 10.0.0.1:8765 --secret-file s', 'A million phones, against another machine'],
  ['$0 drive smoke --transport ws --tls-ca ca.pem --target chat.example:443', 'WebSocket with TLS'],
  ['$0 drive smoke --transport node-tcp --target h:8765 --target h:8766', 'One address per shard, in order of shards'],
];

/** @param environment the secret from the environment. */
export function driveCommand(environment: SecretArguments): CommandModule<object, DriveArguments> {
  return {
    command: 'drive <scenario>',
    describe: 'Run the phones of a scenario against a switch elsewhere, and report',
    builder,
    handler: async (args) => {
      process.exitCode = await drive(args, environment);
    },
  };
}

function builder(yargs: Argv<object>): Argv<DriveArguments> {
  return secretOptions(reportOptions(yargs))
    .positional('scenario', {
      type: 'string',
      demandOption: true,
      describe: 'Name of a shipped scenario, or path of a YAML file',
    })
    .option('target', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[], // checked below, since completion must work without it
      describe: 'HOST:PORT of the switch; repeat for one address per shard, in order of shards',
    })
    .option('transport', {
      choices: SOCKET_TRANSPORT_NAMES,
      describe: `Transport of the switch; by default that of the scenario, else ${DEFAULT_SOCKET_TRANSPORT}`,
    })
    .option('tls', {
      type: 'boolean',
      default: false,
      describe: `TLS over ${transportsThat(({ hasTls }) => hasTls).join(' and ')}, with the certificate authorities that Node trusts`,
    })
    .option('tls-ca', { type: 'string', describe: 'TLS with these certificate authorities, PEM' })
    .option('tls-insecure', { type: 'boolean', default: false, describe: 'TLS without checking the certificate' })
    .example(EXAMPLES.map(([command, text]) => [command, text] as [string, string]))
    .epilogue(
      `The result does not contain what only the switch knows: its memory, its processor time, waiting messages. ${RUN_EXIT_CODES}`,
    );
}

/** @throws for every wrong argument, before anything has started. */
async function drive(args: DriveArguments, environment: SecretArguments): Promise<number> {
  if (args.target.length === 0) {
    throw new TrunklineError('ARGUMENT_INVALID', 'Expected --target HOST:PORT: where the switch is.');
  }
  const named = args.target.map((text) => parseAddress('--target', text, 1));
  const places = await Promise.all(named.map(async ({ host, port }) => ({ host: await resolveHost(host), port })));
  checkOutputs(args);
  const secret = secretOf(args, environment);
  const { file, text } = await findScenario(args.scenario);
  const settings = settingsOf(args);
  const transport = socketTransport('drive', args.transport, parseScenario(text, file, settings));
  const [{ host } = { host: '' }] = places; // there is at least one; it determines the source addresses
  const plain = parseScenario(text, file, [
    ...settings,
    `transport=${transport}`,
    `sockets.host="${host}"`,
    `switch.shards=${places.length}`,
    ...(secret === null ? [] : ['login.authentication=hmac']),
  ]);
  if (plain.settings.http.load.rate > 0) {
    throw new TrunklineError(
      'ARGUMENT_INVALID',
      `${args.scenario}: http.load.rate: expected 0: drive knows no HTTP side of a switch elsewhere. Use trunkline run.`,
    );
  }
  if (plain.settings.faults.length > 0) {
    throw new TrunklineError(
      'ARGUMENT_INVALID',
      `${args.scenario}: faults: expected none: drive cannot kill a switch elsewhere. Use trunkline run, or add --set faults=[].`,
    );
  }
  noteUnusedKeys(plain.unused);
  sayUnusedKeys(args.quiet);
  const scenario = secret === null ? plain : withSecret(plain, secret);
  const tls = phoneTls(args, transport);
  const { plan, sockets } = planOn(scenario, thisMachine(), 'driver');
  const advice = sockets === null ? [] : preflight(sockets);
  const planned = { ...plan, tls: tls === null ? null : { switch: null, phones: tls } };
  // A certificate is issued for a name, so TLS connects to the name and not to the address.
  const targets = tls === null ? places : named;
  const startedAt = new Date();
  const id = runId(scenario.name, startedAt);
  const order = { scenario, file, plan: planned, id, startedAt, step: null, targets };
  return runAndReport(order, advice, args, typedRepeat());
}
