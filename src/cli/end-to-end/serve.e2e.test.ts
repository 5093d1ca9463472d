import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readIntervalLine } from '../../result/interval-schema.ts';
import { parseResult } from '../../result/parse-result.ts';
import type { Result } from '../../result/result-schema.ts';
import { LOOPBACK_CERTIFICATE, LOOPBACK_KEY } from '../../transport/stream/loopback-certificate.test-suite.ts';
import { type Outcome, RunningCommand } from './support/command.test-suite.ts';

/** A few phones for a moment: what is tested is who reaches whom, not how fast. */
const SETTINGS = {
  'phones.count': '400',
  'phones.offline': '0%',
  'phones.session': 'none',
  'login.rate': '2k',
  'traffic.rate': '500',
  'driver.lanes': '1',
  'phases.settle': '200ms',
  'phases.measure': '1s',
  'phases.drain': '60s',
  'phases.bin': '100ms',
  thresholds: '{}',
};
const SHORT = Object.entries(SETTINGS).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
const FREE = ['--listen', '127.0.0.1:0'];
const SECRET = { TRUNKLINE_SECRET: 'a secret of tests' };

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'trunkline-serve-'));
  writeFileSync(join(folder, 'cert.pem'), LOOPBACK_CERTIFICATE);
  writeFileSync(join(folder, 'key.pem'), LOOPBACK_KEY);
  writeFileSync(join(folder, 'secret'), 'a secret of tests\n');
});
after(() => rmSync(folder, { recursive: true, force: true }));

interface Listening {
  readonly command: RunningCommand;
  readonly targets: readonly string[];
}

async function serve(
  args: readonly string[],
  environment: Record<string, string> = SECRET,
  shards = 1,
): Promise<Listening> {
  const command = new RunningCommand(['serve', ...FREE, '--shards', String(shards), ...args], folder, environment);
  const [, places = ''] = await command.says(/Listening on ([^·]+) ·/);
  return { command, targets: places.split(',').flatMap((place) => ['--target', place.trim()]) };
}

async function stop({ command }: Listening): Promise<Outcome> {
  command.child.kill('SIGTERM');
  return command.outcome;
}

async function drive(args: readonly string[], environment: Record<string, string> = SECRET): Promise<Outcome> {
  return new RunningCommand(['drive', 'smoke', ...SHORT, ...args], folder, environment).outcome;
}

function resultOf({ stdout, stderr }: Outcome): Result {
  const path = /^result +(.*)$/m.exec(stdout)?.[1];
  assert.ok(path !== undefined, `${stdout}${stderr}`);
  return parseResult(readFileSync(join(folder, path), 'utf8'), path);
}

function assertDelivered(outcome: Outcome): Result {
  const result = resultOf(outcome);
  const { integrity, connections } = result;
  assert.equal(integrity.isSound, true, `${JSON.stringify(integrity)}\n${outcome.stdout}`);
  assert.equal(connections.peak, 400);
  assert.ok(integrity.sent > 100, 'there was traffic');
  assert.equal(integrity.delivered, integrity.sent, 'everything arrived');
  assert.equal(integrity.queued, null, 'nobody could ask');
  return result;
}

describe('trunkline serve and drive', () => {
  for (const [transport, shards] of [
    ['tcp', 2],
    ['node-tcp', 1],
    ['ws', 1],
  ] as const) {
    it(`stand apart over ${transport}: everything is delivered, and only what was measured is told`, async () => {
      const listening = await serve(['--transport', transport], SECRET, shards);
      const stream = ['--stream', `jsonl=${transport}.jsonl`];
      const outcome = await drive(['--transport', transport, ...listening.targets, ...stream]);
      const { series, memory, cpu, counters, throughput, calibration, sockets } = assertDelivered(outcome);
      const lines = readFileSync(join(folder, `${transport}.jsonl`), 'utf8')
        .trimEnd()
        .split('\n');
      assert.deepEqual(
        lines.map((line) => readIntervalLine(line)?.atSeconds),
        series.atSeconds,
        'a stream of a driver has the intervals of its result',
      );
      assert.deepEqual(memory.switch, { ledger: null, heap: null, rss: null });
      assert.notEqual(memory.driver.ledger, null);
      const isRead = sockets?.kernel.source !== 'none';
      assert.equal(memory.kernel?.bytes.length ?? 0, isRead ? memory.connections.length : 0, 'sockets of this machine');
      assert.deepEqual(
        [cpu.switchMicrosPerMessage, throughput.framesPerSecond, counters.inboxRefusals, calibration],
        [null, null, null, null],
      );
      assert.deepEqual(counters.switch, {});
      assert.match(outcome.stdout, /the switch is on the other side/);
      assert.match(outcome.stdout, /driver load: no calibration: the switch is on the other side/);
      assert.doesNotMatch(outcome.stdout, /^ +switch /m);
      assert.doesNotMatch(
        readFileSync(join(folder, /^result +(.*)$/m.exec(outcome.stdout)?.[1] ?? ''), 'utf8'),
        /a secret/,
      );
      const end = await stop(listening);
      assert.equal(end.code, 0, end.stderr);
      assert.match(end.stdout, /Stopped: drained 0 sessions; no message is left in a mailbox/);
    });
  }

  it('passes on its intervals while it serves, and refuses a destination that cannot be written', async () => {
    const streams = ['jsonl=served.jsonl', 'prometheus=0'].flatMap((one) => ['--stream', one]);
    const listening = await serve([...streams, '--set', 'phases.bin=100ms']);
    const [, url = ''] = await listening.command.says(/metrics are at (http:\S+)/);
    resultOf(await drive(listening.targets));
    const text = await (await fetch(url)).text();
    assert.match(
      text,
      /^trunkline_run_info\{run="[^"]+-serve-[^"]+",scenario="serve",transport="tcp",simulated="false"/m,
    );
    assert.match(text, /^trunkline_thread_busy_ratio\{thread="shard-0",role="shard"\} /m);
    const { stdout } = await stop(listening);
    assert.match(stdout, /^Stopped: /m);
    const lines = readFileSync(join(folder, 'served.jsonl'), 'utf8').trimEnd().split('\n').map(readIntervalLine);
    assert.deepEqual(new Set(lines.map((line) => line?.phase)), new Set(['serve']));
    const most = (figure: 'held' | 'messagesPerSecond' | 'deliveriesPerSecond'): number =>
      Math.max(...lines.map((line) => line?.[figure] ?? 0));
    assert.equal(most('held'), 400, 'all phones had a session');
    assert.ok(most('messagesPerSecond') > 0 && most('deliveriesPerSecond') > 0);
    await assert.rejects(serve(['--stream', 'csv=nowhere/a.csv']), /OUTPUT_UNWRITABLE/);
  });

  it('drains on SIGTERM: says how many sessions and what waits, and phones know why', async () => {
    const listening = await serve(['--set', 'login.attempts=3', '--set', 'switch.workPerMessage=1us']);
    const { command, targets } = listening;
    const note = 'note: --set login.attempts=3: key login.attempts has no effect, because serve has no phones;';
    assert.ok(command.stderr.includes(note), command.stderr);
    assert.doesNotMatch(command.stderr, /workPerMessage/, 'phones elsewhere may send messages');
    const driver = new RunningCommand(
      ['drive', 'smoke', ...SHORT, '--set', 'phases.measure=30s', '--set', 'phones.offline=95%', ...targets],
      folder,
      SECRET,
    );
    await driver.says(/ measure .* [1-9][\d.]*k? messages\/s/); // most are for phones that are away
    const end = await stop(listening);
    assert.equal(end.code, 0, end.stderr);
    assert.match(
      end.stdout,
      /Stopped: drained 20 sessions; [\d,]+ messages are still in mailboxes: .* lost with this process/,
    );
    driver.child.kill('SIGINT');
    assert.equal((await driver.outcome).code, 130);
    assert.match(command.stderr, /Stopping: notifying every phone/);
  });

  it('speaks TLS over ws and node-tcp, and a driver that does not trust it says so', async () => {
    for (const transport of ['ws', 'node-tcp']) {
      const over = ['--transport', transport];
      const listening = await serve(
        [...over, '--tls-cert', 'cert.pem', '--tls-key', 'key.pem', '--secret-file', 'secret'],
        {},
      );
      assertDelivered(await drive([...over, ...listening.targets, '--tls-ca', 'cert.pem']));
      const distrusting = await drive([...over, ...listening.targets, '--tls']);
      assert.equal(distrusting.code, 3);
      assert.match(distrusting.stdout.split('\n')[1] ?? '', /FAILED: No phone could log in .* handshakes failed/);
      await stop(listening);
    }
  });

  it('says in JSON where it listens and how it ended, and nothing else on stdout', async () => {
    const command = new RunningCommand(['serve', ...FREE, '--auth', 'none', '--json', '--quiet'], folder);
    await command.says(/listening/);
    command.child.kill('SIGINT');
    const { code, stdout } = await command.outcome;
    assert.equal(code, 0);
    const [listening, stopped, ...rest] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(listening.event, 'listening');
    assert.equal(listening.places[0].host, '127.0.0.1');
    assert.ok(listening.places[0].port > 0);
    assert.deepEqual([stopped.event, stopped.drainedSessions, rest], ['stopped', 0, []]);
  });

  const refusals: [what: string, args: string[], message: RegExp][] = [
    ['no secret', [], /SECRET_MISSING: .*TRUNKLINE_SECRET.*--auth none/],
    [
      'no tokens on an address that others reach',
      ['--auth', 'none', '--listen', '0.0.0.0:0'],
      /SECRET_MISSING: .*loopback/,
    ],
    [
      'TLS over tcp',
      ['--auth', 'none', '--tls-cert', 'cert.pem', '--tls-key', 'key.pem'],
      /TLS_INVALID: .*--transport ws/,
    ],
    ['half of TLS', ['--auth', 'none', '--transport', 'ws', '--tls-cert', 'cert.pem'], /TLS_INVALID: .*both/],
    [
      'a key that is none',
      ['--auth', 'none', '--transport', 'ws', '--tls-cert', 'cert.pem', '--tls-key', 'secret'],
      /TLS_INVALID/,
    ],
    ['a place that is none', ['--auth', 'none', '--listen', 'here'], /ARGUMENT_INVALID: --listen: expected HOST:PORT/],
    ['numbers that are none', ['--auth', 'none', '--numbers', '44+'], /ARGUMENT_INVALID: --numbers: expected/],
    ['a secret file that is not there', ['--secret-file', 'none'], /FILE_UNREADABLE: --secret-file/],
  ];
  for (const [what, args, message] of refusals) {
    it(`refuses to serve with ${what}`, async () => {
      const { code, stdout, stderr } = await new RunningCommand(['serve', ...args], folder).outcome;
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
      assert.equal(stdout, '');
    });
  }

  it('refuses a port that is in use', async () => {
    const listening = await serve(['--auth', 'none']);
    for (const transport of ['tcp', 'ws']) {
      const args = ['serve', '--auth', 'none', '--transport', transport, '--listen', listening.targets[1] ?? ''];
      const { code, stderr } = await new RunningCommand(args, folder).outcome;
      assert.equal(code, 2, stderr);
      assert.match(stderr, /LISTEN_FAILED: .*EADDRINUSE/);
    }
    await stop(listening);
  });

  it('leaves the environment of other commands alone', async () => {
    const { code } = await new RunningCommand(['doctor'], folder, SECRET).outcome;
    assert.equal(code, 0);
  });
});

describe('trunkline drive without a switch of ours', () => {
  let server: Server;
  let port = 0;
  let greeting: string | null = null;
  before(async () => {
    server = createServer((socket) => {
      socket.on('error', () => {});
      if (greeting !== null) socket.write(greeting);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as { port: number }).port; // it listens on TCP
  });
  after(() => server.close());

  async function failing(args: readonly string[], message: RegExp): Promise<void> {
    const outcome = await drive(args);
    assert.equal(outcome.code, 3, outcome.stderr);
    assert.match(outcome.stdout.split('\n')[1] ?? '', message);
    assert.match(outcome.stdout, /^connections {2}0 held of 400 wanted/m);
  }

  it('names a server that speaks something else', async () => {
    greeting = 'SSH-2.0-OpenSSH_9.9\r\n';
    await failing(['--target', `127.0.0.1:${port}`], /FAILED: No phone could log in .* answers of another protocol\./);
    await failing(['--transport', 'ws', '--target', `127.0.0.1:${port}`], /FAILED: .* handshakes failed\./);
  });

  it('names a server that stays silent', async () => {
    greeting = null;
    await failing(['--target', `127.0.0.1:${port}`], /FAILED: .* had no answer for 10 s\. Something accepts/);
  });

  it('names a port where nobody listens', async () => {
    await failing(
      ['--target', '127.0.0.1:1'],
      /FAILED: .* the run was ended after \d+ connects refused\. Nothing listens there/,
    );
  });

  it('names a wrong token and numbers that are not served', async () => {
    const strict = await serve([]);
    await failing([...strict.targets, '--secret', 'another'], /FAILED: .* logins refused: wrong token\./);
    assert.match((await stop(strict)).stdout, /logins refused: wrong token +\d/);
    const listening = await serve(['--numbers', '15550000000+1k']);
    await failing(listening.targets, /FAILED: .* logins refused: number not served\./);
    const { stdout } = await stop(listening);
    assert.match(stdout, /logins refused: number not served +\d/);
  });

  it('refuses to start without a target, and completes names of scenarios', async () => {
    const { code, stderr } = await drive([]);
    assert.equal(code, 2);
    assert.match(stderr, /ARGUMENT_INVALID: Expected --target/);
    const words = ['--get-yargs-completions', 'trunkline', 'drive', 'mil'];
    const completed = await new RunningCommand(words, folder, { SHELL: '/bin/bash' }).outcome;
    assert.deepEqual([completed.code, completed.stderr], [0, '']);
    assert.match(completed.stdout, /million/);
  });

  it('refuses a name that does not exist', async () => {
    const { code, stderr } = await drive(['--target', 'no-such-host.invalid:8765']);
    assert.equal(code, 2);
    assert.match(stderr, /HOST_UNKNOWN/);
  });
});
