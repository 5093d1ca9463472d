/** Fuzzes a driver: `trunkline drive`, a process of its own, again and again against a switch that misbehaves. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MARK } from '../measure/leftovers.test-suite.ts';
import { HostileSwitch } from './hostile-switch.test-suite.ts';

const MAIN = fileURLToPath(new URL('../cli/main.js', import.meta.url));
/** They make thousands of connections before those that met no switch have given up. */
export const PHONES = 1000;
const FIRST_GROUP = 447_700_000_000 + PHONES;
/** Connections of a drive before one may fall silent: about those of its ramp. */
const CALM = 2 * PHONES;
const SETTINGS = [
  `phones.count=${PHONES}`,
  'phones.offline=0%',
  'phones.session=250ms',
  'phones.away=10ms',
  'phones.heartbeat=200ms',
  'login.rate=20k',
  'login.retry=10ms',
  // Time enough where this process is starved: or all phones come again at once, and starve it for good.
  'login.timeout=3s',
  'login.attempts=1000',
  'sockets.connectTimeout=3s',
  'traffic.rate=2k',
  'groups.count=100',
  'groups.size=20',
  'groups.share=30%',
  'groups.joins=200',
  'groups.leaves=200',
  'phases.settle=0',
  'phases.measure=4s',
  'phases.drain=500ms',
  'phases.bin=100ms',
  'thresholds={}',
];
/** Far above what a drive takes; one that is not over by then never is. */
const LIMIT_MILLIS = 300_000;

export interface DriverFuzz {
  readonly transport: 'tcp' | 'node-tcp' | 'ws';
  readonly hold?: 'auto' | 'descriptors';
  readonly seed: number;
  /** Connections after which no further drive begins. */
  readonly connections: number;
  /** And after so many drives none begins in any case: a busy machine makes fewer connections in each. */
  readonly drivesMax?: number;
}

export interface DriverFuzzOutcome {
  readonly connections: number;
  readonly drives: number;
  readonly seconds: number;
  /** How often the drives ended with each exit code. */
  readonly exitCodes: Readonly<Record<string, number>>;
}

/** @throws AssertionError where a drive ends without a result that says what is wrong, or not at all. */
export async function fuzzDriver(fuzz: DriverFuzz): Promise<DriverFuzzOutcome> {
  const { transport, hold, seed, connections, drivesMax = Number.POSITIVE_INFINITY } = fuzz;
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-fuzz-'));
  const sets = [...SETTINGS, ...(hold === undefined ? [] : [`sockets.hold=${hold}`])];
  const args = ['drive', 'smoke', '--transport', transport, '--quiet', ...sets.flatMap((one) => ['--set', one])];
  const startMillis = performance.now();
  const exitCodes: Record<string, number> = {};
  let [drives, had] = [0, 0];
  try {
    while (had < connections && drives < drivesMax) {
      const hostile = new HostileSwitch(seed, transport === 'ws', had, had + CALM, FIRST_GROUP);
      try {
        const port = await hostile.listen();
        const code = await drive([...args, '--target', `127.0.0.1:${port}`], folder);
        exitCodes[code] = (exitCodes[code] ?? 0) + 1;
      } finally {
        await hostile.close();
      }
      had += hostile.connections;
      drives++;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { connections: had, drives, seconds: (performance.now() - startMillis) / 1000, exitCodes };
}

async function drive(args: readonly string[], folder: string): Promise<number> {
  const child: ChildProcess = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: { ...process.env, ...MARK },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (data) => {
      said += data;
    });
  }
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MILLIS);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  assert.ok(code === 1 || code === 3, `drive ended with ${code}: ${said}`);
  assert.match(said, /INVALID|FAILED/, said);
  assert.doesNotMatch(said, /AssertionError|TypeError|RangeError|WORKER_FAILED|PROCESS_FAILED|SIDE_/, said);
  return code;
}
