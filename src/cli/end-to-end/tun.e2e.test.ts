/**
 * Runs over a network of their own: what they hold and lose, that the machine's is not touched, and what is left when
 * killed.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parseSockstat } from '../../measure/kernel-memory.ts';
import { checkLeftovers, eventually } from '../../measure/leftovers.test-suite.ts';
import { parseResult } from '../../result/parse-result.ts';
import type { Result } from '../../result/result-schema.ts';
import { whyNoRunOverTun } from '../../transport/tun/device/tun-here.test-suite.ts';
import { TrunklineProcess } from './support/trunkline-process.test-suite.ts';

const PHONES = 1500;
const SETTINGS = [
  `phones.count=${PHONES}`,
  'phones.offline=0%',
  'traffic.rate=500',
  'traffic.activePhones=all',
  'login.rate=1k',
  'login.timeout=60s',
  'driver.lanes=2',
  'switch.shards=2',
  'switch.mailbox.blocks=4k',
  'phases.calibrate=false',
  'phases.settle=0',
  'phases.drain=60s',
];
/** Settings of the machine that a run sets in its own network. */
const OF_MACHINE = ['core/somaxconn', 'ipv4/tcp_max_syn_backlog', 'ipv4/tcp_orphan_retries'];
const LONG = 'phases.measure=10m';

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'trunkline-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

function start(out: string, ...more: readonly string[]): TrunklineProcess {
  const sets = [...SETTINGS, ...more].flatMap((setting) => ['--set', setting]);
  return new TrunklineProcess(['run', 'smoke', '--transport', 'tun', '--out', out, ...sets], { folder });
}

function storedResult(out: string): Result {
  const [run] = readdirSync(join(folder, out));
  assert.ok(run !== undefined, 'a result is kept');
  const path = join(folder, out, run, 'result.json');
  return parseResult(readFileSync(path, 'utf8'), path);
}

const networkOf = (processId: number | 'self'): string => readlinkSync(`/proc/${processId}/ns/net`);
const devicesOf = (processId: number | 'self'): string[] =>
  [...readFileSync(`/proc/${processId}/net/dev`, 'utf8').matchAll(/^ *(phones\d+):/gm)].map(([, name]) => name ?? '');
const settingsOfMachine = (): string[] => OF_MACHINE.map((name) => readFileSync(`/proc/sys/net/${name}`, 'utf8'));
/** A file below /proc/net of a network that this process has open, also when no process is in it any more. */
function fileOf(network: number, name: string): string {
  const ofUser = process.getuid?.() === 0 ? [] : ['--user', '--preserve-credentials'];
  const place = `/proc/${process.pid}/fd/${network}`;
  return execFileSync('nsenter', [...ofUser, `--net=${place}`, 'cat', `/proc/net/${name}`], { encoding: 'utf8' });
}
/** Connections of a network, with a process or without. Other runs on the machine do not count. */
const connectionsOf = (network: number): number => parseSockstat(fileOf(network, 'sockstat'))?.tcpInUse ?? -1;

/** The processes in a network. */
function processesIn(network: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return networkOf(Number(name)) === network;
      } catch {
        return false; // gone meanwhile, or another user's
      }
    });
}

describe('a run over tun', { skip: whyNoRunOverTun() }, () => {
  checkLeftovers();

  for (const checksums of [false, true]) {
    it(`holds all phones and loses nothing ${checksums ? 'with' : 'without'} checksums`, async () => {
      const out = `whole-${checksums}`;
      const run = start(out, `tun.checksums=${checksums}`, 'phases.measure=2s');
      const code = await run.exited;
      assert.ok(code === 0 || code === 1 || code === 3, run.stderr); // the machine may be busy: figures are not judged here
      const { connections, integrity, sockets, cpu, validity } = storedResult(out);
      assert.equal(connections.peak, PHONES, run.stdout);
      assert.ok(integrity.sent > 0);
      assert.equal(integrity.isSound, true, run.stdout);
      assert.equal(sockets?.endsHere, 1, 'only the end of the switch is in the kernel');
      assert.equal(sockets.sourceAddresses, 2);
      assert.ok(Number(sockets.kernel.counters['segmentsIn']) > 2 * PHONES, 'the counters are those of its network');
      assert.equal(validity.guards.find(({ name }) => name === 'invalid segments')?.verdict, 'ok', run.stdout);
      assert.equal(cpu.switchMicrosPerMessage, null);
      assert.ok(Number(cpu.bothMicrosPerMessage) > 0);
      assert.match(run.stdout, /time of the two sides cannot be told apart/);
    });
  }

  it('is what best-real takes here; without the right to a namespace that is tcp, and one line says why', async () => {
    const sets = [...SETTINGS, 'phones.count=100', 'phases.measure=500ms'].flatMap((setting) => ['--set', setting]);
    const small = ['run', 'smoke', '--transport', 'best-real', ...sets, '--out'];
    const here = new TrunklineProcess([...small, 'best'], { folder });
    assert.ok([0, 1, 3].includes((await here.exited) ?? 2), here.stderr);
    assert.match(here.stderr, /^note: best-real is tun here: /m);
    assert.equal(storedResult('best').scenario.transport, 'tun');
    const without = new TrunklineProcess([...small, 'without'], { folder, environment: { PATH: folder } });
    assert.ok([0, 1, 3].includes((await without.exited) ?? 2), without.stderr);
    assert.match(
      without.stderr,
      /^note: best-real is tcp here: for tun this machine lacks network namespace .*sysctl/m,
    );
    assert.equal(storedResult('without').scenario.transport, 'tcp');
  });

  it('can be profiled', async () => {
    const args = ['profile', 'smoke', '--thread', 'lane-*', '--quiet', '--out', 'profiled', '--set', 'transport=tun'];
    const sets = [...SETTINGS, 'phases.measure=1s'].flatMap((setting) => ['--set', setting]);
    const run = new TrunklineProcess([...args, ...sets], { folder });
    assert.equal(await run.exited, 0, run.stderr);
    assert.match(run.stdout, /2 threads were profiled during measure: lane-0, lane-1/);
    assert.match(run.stdout, /src\/transport\/tun\//, 'the TCP of the phones is in the profile of a lane');
    assert.deepEqual(storedResult('profiled').profile?.threads, ['lane-0', 'lane-1']);
    assert.deepEqual(
      readdirSync(join(folder, 'profiled', readdirSync(join(folder, 'profiled'))[0] ?? '')).filter((name) =>
        name.endsWith('.cpuprofile'),
      ),
      ['lane-0.cpuprofile', 'lane-1.cpuprofile'],
    );
  });

  it('loses no message over a network that loses, swaps and doubles packets, and says what was sent again', async () => {
    const network = 'network.links=[{name: rough, roundTrip: 20ms, loss: 5%, reorder: 5%, duplicate: 1%}]';
    // Nobody leaves: on a busy machine it takes so long to come back that all phones are never online at once.
    // An answer that is lost twice after a lost SYN-ACK comes later than the switch waits for heartbeats: that phone
    // only comes back when its login times out.
    const load = ['phones.count=300', 'phones.session=none', 'traffic.rate=300', 'login.timeout=10s'];
    const run = start('rough', network, ...load, 'phases.measure=2s');
    const code = await run.exited;
    assert.ok(code === 0 || code === 1 || code === 3, run.stderr);
    const { connections, integrity, network: found, validity } = storedResult('rough');
    assert.equal(connections.peak, 300, run.stdout);
    assert.equal(integrity.isSound, true, run.stdout);
    const [rough] = found?.links ?? [];
    assert.ok(rough !== undefined && rough.lost > 0.03 * rough.packets && rough.lost < 0.07 * rough.packets);
    assert.ok(rough.reordered > 0 && rough.duplicated > 0 && rough.delivery.count > 0);
    assert.ok(
      Number(rough.kernelRoundTrip?.shortestP50Micros) >= 20_000,
      'the kernel of the switch sees the whole round trip',
    );
    // Not of each message: a lane that is preempted between its look at the clock and its read gives what it reads an
    // earlier time.
    assert.ok(Number(rough.delivery.p50Micros) >= 20_000, 'half of the round trip up, half down');
    assert.ok(Number(found?.sentAgainPerThrownAway) > 0);
    assert.equal(validity.guards.find(({ name }) => name === 'packets in transit')?.verdict, 'ok');
    assert.match(run.stdout, /network +rough: .* thrown away/);
  });

  it('has a network that nothing is left of when it is killed, beside that of the machine', async () => {
    const settings = settingsOfMachine();
    const run = start('killed', LONG);
    await run.phase('measure');
    const network = networkOf(run.side('driver'));
    assert.notEqual(network, networkOf('self'));
    assert.equal(networkOf(run.side('switch')), network, 'both sides are in one network');
    assert.equal(networkOf(run.processId), networkOf('self'), 'the command is not: its streams go elsewhere');
    assert.deepEqual(devicesOf(run.side('driver')).sort(), ['phones0', 'phones1'], 'a device for each lane');
    assert.deepEqual(devicesOf('self'), []);
    assert.deepEqual(settingsOfMachine(), settings);
    const open = openSync(`/proc/${run.side('driver')}/ns/net`, 'r');
    assert.ok(connectionsOf(open) > PHONES / 2, 'some phones are away');
    run.kill('SIGKILL');
    assert.equal(await run.exited, null);
    await eventually(
      () => processesIn(network).length === 0,
      () => `processes are left in its network: ${processesIn(network)}`,
    );
    await eventually(
      () => connectionsOf(open) === 0,
      () => `${connectionsOf(open)} connections without a process are left`,
    );
    assert.doesNotMatch(fileOf(open, 'dev'), /phones\d/, 'no device is left');
    closeSync(open); // with it the network ends
  });
});

describe('commands that make no network of their own', () => {
  checkLeftovers();
  const refused: readonly (readonly [readonly string[], RegExp])[] = [
    [['capacity', 'smoke', '--transport', 'tun'], /capacity: expected .* found tun.*--set transport=tcp/],
    [['drive', 'smoke', '--transport', 'tun', '--target', '127.0.0.1:1'], /--transport: expected one of tcp/],
    [['drive', 'five-million', '--target', '127.0.0.1:1'], /drive: expected .* found tun.*--set transport=tcp/],
    [['serve', '--scenario', 'five-million', '--auth', 'none'], /serve: expected .* found tun.*--set transport=tcp/],
  ];
  for (const [args, message] of refused) {
    it(`refuse tun: ${args.slice(0, 3).join(' ')}`, async () => {
      const run = new TrunklineProcess(args, { folder });
      assert.equal(await run.exited, 2, run.stderr);
      assert.match(run.stderr, message);
    });
  }
});
