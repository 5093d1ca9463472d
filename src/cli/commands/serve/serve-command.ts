/** `trunkline serve`: the switch alone, for other clients and for drivers on other machines. */
import type { Argv, CommandModule } from 'yargs';
import { TrunklineError } from '../../../base/errors.ts';
import { isLoopback, isOwnAddress } from '../../../measure/is-own-address.ts';
import { preflight, problemText } from '../../../plan/preflight.ts';
import { planOn, type RunPlan } from '../../../plan/run-plan.ts';
import {
  notableCounters,
  type StoreRead,
  serveEndText,
  serveLine,
  storeReadingLine,
  storeReadLine,
} from '../../../report/run/serve-line.ts';
import { markdownBlock } from '../../../report/text/markdown.ts';
import { MachineInterval } from '../../../run/phases/intervals/machine-interval.ts';
import { ServiceSeries } from '../../../run/phases/intervals/service-series.ts';
import { runId } from '../../../run/phases/order/run-id.ts';
import { thisMachine } from '../../../run/phases/order/this-machine.ts';
import { resolveHost } from '../../../run/sides/start-listening.ts';
import { STOP_MICROS_MAX, SwitchService } from '../../../run/sides/switch-service.ts';
import { RunStreams } from '../../../run/streams/run-streams.ts';
import { openStore } from '../../../run/worker/store/open-store.ts';
import type { SwitchTarget } from '../../../run/worker/thread/worker-messages.ts';
import type { Scenario } from '../../../scenario/scenario.ts';
import { DEFAULT_SOCKET_TRANSPORT, SOCKET_TRANSPORT_NAMES, TRANSPORTS } from '../../../scenario/terms/transports.ts';
import { type Address, formatAddress, parseAddress } from '../../options/address.ts';
import { checkStored } from '../../options/check-stored.ts';
import { formatOption, type OutputFormat, printAs } from '../../options/output-format.ts';
import { noteUnusedKeys, sayUnusedKeys } from '../../options/scenario-notes.ts';
import { type SecretArguments, secretOf, secretOptions, withSecret } from '../../options/secret-options.ts';
import { type StreamArguments, streamOptions, streamOrders } from '../../options/stream-options.ts';
import { type SwitchTlsArguments, switchTls } from '../../options/tls-options.ts';
import { ExitCode } from '../../terminal/exit-code.ts';
import { Interruption } from '../../terminal/interruption.ts';
import { StatusLine } from '../../terminal/status-line.ts';
import { terminalPalette } from '../../terminal/terminal-palette.ts';
import { DEFAULT_CONNECTIONS, DEFAULT_NUMBERS, type ServeSettingsArguments, serveSettings } from './serve-settings.ts';

export interface ServeArguments extends ServeSettingsArguments, SecretArguments, StreamArguments, SwitchTlsArguments {
  readonly listen: string;
  readonly auth: 'hmac' | 'none';
  readonly http: string | undefined;
  readonly store: string | undefined;
  readonly format: OutputFormat;
  readonly quiet: boolean;
}

/** The port is TRNK on a telephone keypad. */
const DEFAULT_LISTEN = '127.0.0.1:8765';
/** Unspecified addresses: all addresses of the machine. */
const EVERY_ADDRESS = ['0.0.0.0', '::'];
/** Transports whose shards cannot share a port. */
const OWN_PORTS = SOCKET_TRANSPORT_NAMES.filter((name) => !TRANSPORTS[name].sharesPort).join(' and ');
/** Requests need a token, and no encryption protects it, so only this machine is served unless told. */
const DEFAULT_HTTP_HOST = '127.0.0.1';
const SCHEMA = 'trunkline.serve/1';
const PROGRESS_MILLIS = 1000;

/** What users and programs are told once the switch listens. */
interface Announced {
  readonly places: readonly SwitchTarget[];
  readonly http: SwitchTarget | null;
  readonly store: StoreRead | null;
}

const EXAMPLES: readonly (readonly [string, string])[] = [
  ['TRUNKLINE_SECRET=… $0 serve', `Logins with a token, on ${DEFAULT_LISTEN}`],
  ['$0 serve --auth none --transport ws', 'WebSocket, anyone on this machine'],
  ['$0 serve --scenario million --listen 10.0.0.1:8765 --secret-file s', 'For `drive million` on another machine'],
  ['$0 serve --http 8080 --secret-file s', 'An HTTP side too: POST /v1/messages, GET /metrics'],
  ['$0 serve --store mail --secret-file s', 'Messages outlast the switch'],
  ['$0 serve --numbers 491700000000+10k --connections 20k --secret-file s', 'Your own numbers and connections'],
];

/** @param environment the secret from the environment. */
export function serveCommand(environment: SecretArguments): CommandModule<object, ServeArguments> {
  return {
    command: 'serve',
    describe: 'Run the switch alone, until SIGTERM or Ctrl-C drains it',
    builder,
    handler: async (args) => {
      process.exitCode = await serve(args, environment);
    },
  };
}

function builder(yargs: Argv<object>): Argv<ServeArguments> {
  return streamOptions(formatOption(secretOptions(yargs)))
    .option('listen', { type: 'string', default: DEFAULT_LISTEN, describe: 'HOST:PORT; port 0: any free port' })
    .option('transport', {
      choices: SOCKET_TRANSPORT_NAMES,
      describe: `Transport of the phones; by default that of the scenario, else ${DEFAULT_SOCKET_TRANSPORT}`,
    })
    .option('auth', {
      choices: ['hmac', 'none'] as const,
      default: 'hmac' as const,
      describe: 'Whether a login needs a token; none is allowed only on loopback',
    })
    .option('http', {
      type: 'string',
      describe: `HTTP side on [HOST:]PORT, by default on ${DEFAULT_HTTP_HOST}; port 0: any free port`,
    })
    .option('store', {
      type: 'string',
      describe:
        'Folder in which messages outlast the switch: --set switch.durability=fsync, unless the settings say async',
    })
    .option('shards', {
      alias: 'w',
      type: 'string',
      describe: `Worker threads; over ${OWN_PORTS} each has its own port`,
    })
    .option('numbers', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      describe: `Numbers served, FIRST+COUNT; may be repeated; without a scenario ${DEFAULT_NUMBERS}`,
    })
    .option('connections', {
      alias: 'c',
      type: 'string',
      describe: `Maximum of connections; without a scenario ${DEFAULT_CONNECTIONS}`,
    })
    .option('scenario', { type: 'string', describe: 'Scenario from which to take settings, numbers and connections' })
    .option('set', {
      type: 'string',
      array: true,
      nargs: 1,
      default: [] as string[],
      describe: 'Set a key of the settings, such as switch.heartbeatTimeout=5m; may be repeated',
    })
    .option('tls-cert', { type: 'string', describe: 'Certificate, PEM: TLS over node-tcp and ws' })
    .option('tls-key', { type: 'string', describe: 'Its key, PEM' })
    .option('quiet', { type: 'boolean', default: false, describe: 'No progress on stderr' })
    .example(EXAMPLES.map(([command, text]) => [command, text] as [string, string]))
    .epilogue(
      `SIGTERM and Ctrl-C drain: each phone gets ERROR 39 and up to ${STOP_MICROS_MAX / 1e6} s to close. A second signal stops immediately. The protocol is in src/wire/PROTOCOL.md. Exit codes: 0 drained, 2 usage or configuration, 3 a shard failed, 130 and 143 stopped immediately.`,
    );
}

async function serve(args: ServeArguments, environment: SecretArguments): Promise<number> {
  const planned = await planOf(args, environment);
  const store = openStore(planned.plan, args.store ?? null);
  try {
    return await serveWith(store?.plan ?? planned.plan, planned.advice, args);
  } finally {
    store?.close();
  }
}

async function serveWith(plan: RunPlan, advice: readonly string[], args: ServeArguments): Promise<number> {
  const line = new StatusLine(process.stderr, process.env);
  const palette = terminalPalette(process.stderr, process.env);
  if (!args.quiet) for (const one of advice) line.say(one, palette.warning);
  const streams = await RunStreams.open(streamOrders(args), (text) => line.say(text, palette.warning));
  const interruption = new Interruption(() =>
    line.say('Stopping: notifying every phone. Interrupt again to stop immediately.'),
  );
  let timer: NodeJS.Timeout | undefined;
  try {
    const service = new SwitchService(plan);
    const { places, store } = await started(
      service,
      plan,
      args.quiet ? () => {} : (text) => line.show(text, palette.faint),
    );
    if (!args.quiet && store !== null && store.restoredEntries > 0) line.say(storeReadLine(store));
    announce(args, plan, { places, http: service.http, store }, line);
    const next = intervals(service, plan, streams, args.stream.length > 0);
    timer = setInterval(() => {
      if (!args.quiet) line.show(serveLine(service.interval()), palette.faint);
      void next();
    }, plan.settings.phases.bin / 1000);
    const failure = await Promise.race([whenAborted(interruption.signal), service.failure]);
    clearInterval(timer);
    if (failure !== undefined) throw failure;
    const end = await service.stop();
    line.clear();
    const { drainedSessions, cutConnections, queuedMessages } = end;
    const figures = { drainedSessions, cutConnections, queuedMessages, counters: notableCounters(end) };
    printAs(args.format, {
      text: () => serveEndText(end),
      json: () => JSON.stringify({ schema: SCHEMA, event: 'stopped', ...figures }),
      markdown: () => markdownBlock(serveEndText(end)),
    });
    return ExitCode.FINE;
  } finally {
    clearInterval(timer);
    await streams.close();
    line.clear();
    interruption.close();
  }
}

/** Starts the switch. @param show is told how far its store is read. */
async function started(
  service: SwitchService,
  plan: RunPlan,
  show: (text: string) => void,
): Promise<Pick<Announced, 'places' | 'store'>> {
  const folder = plan.storePlace?.folder;
  if (folder === undefined) return { places: await service.start(), store: null };
  const progress = async (): Promise<void> => {
    const totals = (await service.storeFigures())?.totals;
    if (totals !== undefined) show(storeReadingLine(folder, totals.restoredEntries));
  };
  void progress();
  const timer = setInterval(() => void progress(), PROGRESS_MILLIS);
  try {
    const places = await service.start();
    const totals = (await service.storeFigures())?.totals;
    if (totals === undefined) return { places, store: null };
    const { restoredEntries, restoreMicros } = totals;
    return { places, store: { folder, restoredEntries, restoreSeconds: restoreMicros / 1e6 } };
  } finally {
    clearInterval(timer);
  }
}

/** Ends an interval and passes it on, each time it is called; does nothing if nobody asked for that. */
function intervals(service: SwitchService, plan: RunPlan, streams: RunStreams, isWanted: boolean): () => Promise<void> {
  if (!isWanted) return async () => {};
  const { transport } = plan.settings;
  const id = runId('serve', new Date());
  streams.begin({ id, scenario: 'serve', transport, isSimulated: TRANSPORTS[transport].isSimulated, place: null });
  const series = new ServiceSeries(service.sides, new MachineInterval(plan.sockets !== null));
  return async () => streams.interval(await series.next(), []);
}

/** @throws for every wrong argument, before anything has started. */
async function planOf(
  args: ServeArguments,
  environment: SecretArguments,
): Promise<{ readonly plan: RunPlan; readonly advice: readonly string[] }> {
  const secret = args.auth === 'none' ? null : secretOf(args, environment);
  const { host, port } = parseAddress('--listen', args.listen, 0);
  const address = await resolveHost(host);
  checkOwnAddress('--listen', args.listen, address);
  checkSecret(args.auth, secret, address);
  const http = await httpAddress(args.http);
  if (http !== null) {
    checkOwnAddress('--http', http.host, http.host);
    checkSecret(args.auth, secret, http.host);
  }
  const durable = args.store === undefined ? [] : ['switch.durability=fsync'];
  const stored = { ...args, set: [...durable, ...args.set] };
  const open = await serveSettings(stored, { host: address, port }, http);
  noteUnusedKeys(open.unused);
  sayUnusedKeys(args.quiet);
  const scenario = secret === null ? withoutTokens(open) : withSecret(open, secret);
  const tls = switchTls(args, scenario.settings.transport);
  const { plan, sockets } = planOn(scenario, thisMachine(), 'switch');
  if (args.store !== undefined) checkStored(args.store, plan);
  const advice = sockets === null ? [] : preflight(sockets).map((problem) => `note:\n${problemText(problem)}`);
  return { plan: { ...plan, tls: tls === null ? null : { switch: tls, phones: null } }, advice };
}

/** @throws ARGUMENT_INVALID for an address of another machine. */
function checkOwnAddress(flag: string, given: string, address: string): void {
  if (EVERY_ADDRESS.includes(address) || isOwnAddress(address)) return;
  throw new TrunklineError(
    'ARGUMENT_INVALID',
    `${flag} ${given}: expected an address of this machine, found ${address}: listen on 127.0.0.1 for this machine alone, on 0.0.0.0 for all of its addresses.`,
  );
}

/** The address of the HTTP side; null if none is wanted. @throws ARGUMENT_INVALID or HOST_UNKNOWN */
async function httpAddress(text: string | undefined): Promise<Address | null> {
  if (text === undefined) return null;
  const { host, port } = parseAddress('--http', /^\d+$/.test(text) ? `${DEFAULT_HTTP_HOST}:${text}` : text, 0);
  return { host: await resolveHost(host), port };
}

function checkSecret(auth: ServeArguments['auth'], secret: string | null, address: string): void {
  const how = 'give one with TRUNKLINE_SECRET, --secret-file or --secret';
  if (auth === 'none' && !isLoopback(address)) {
    throw new TrunklineError(
      'SECRET_MISSING',
      `Without tokens anyone who reaches ${address} could log in as any number: --auth none is for loopback only. Listen on 127.0.0.1, or omit --auth and ${how}.`,
    );
  }
  if (auth === 'hmac' && secret === null) {
    throw new TrunklineError(
      'SECRET_MISSING',
      `Expected a secret that tokens are made with, found none: ${how}; or, on loopback only, --auth none.`,
    );
  }
}

function withoutTokens(scenario: Scenario): Scenario {
  const { settings } = scenario;
  const authentication = 'none' as const;
  const login = { ...settings.login, authentication };
  return { ...scenario, settings: { ...settings, login, http: { ...settings.http, authentication } } };
}

/** Prints the addresses: one line for users, or one line of JSON for programs. */
function announce(args: ServeArguments, plan: RunPlan, { places, http, store }: Announced, line: StatusLine): void {
  const { settings, numbering, online: connections, tls } = plan;
  const { transport, login } = settings;
  const hasTls = tls !== null;
  if (args.format === 'json') {
    const { authentication } = login;
    const said = {
      schema: SCHEMA,
      event: 'listening',
      transport,
      places,
      http,
      store,
      authentication,
      hasTls,
      connections,
      numbering,
    };
    process.stdout.write(`${JSON.stringify(said)}\n`);
    return;
  }
  const tokens = login.authentication === 'hmac' ? 'tokens needed' : 'no tokens needed';
  const where = places.map(formatAddress).join(', ');
  line.say(
    `Listening on ${where} · ${transport}${hasTls ? ' with TLS' : ''} · ${tokens} · room for ${connections} connections`,
  );
  if (http === null) return;
  const bearer = settings.http.authentication === 'hmac' ? 'bearer token needed' : 'no token needed';
  line.say(`HTTP on http://${formatAddress(http)} · ${bearer} · described at /openapi.json`);
}

function whenAborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
