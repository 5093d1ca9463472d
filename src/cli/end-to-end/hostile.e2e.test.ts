/**
 * A switch over tcp under attack, while well-behaved phones of a run use it: attackers are ended for
 * a counted reason within a stated time, the switch's memory stays flat, and nobody else loses
 * anything. What the attacks do to the others' latency is printed, never judged.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { freePort } from '../../measure/free-port.test-suite.ts';
import { baseline, type Descriptors, eventually, nothingLeft, pause } from '../../measure/leftovers.test-suite.ts';
import { parseResult } from '../../result/parse-result.ts';
import type { Result } from '../../result/result-schema.ts';
import { encodeAddress } from '../../transport/tcp/system/socket-address.ts';
import { SocketOptions } from '../../transport/tcp/system/socket-options.ts';
import { Linux, loadSystemCalls, whyNoSystemCalls } from '../../transport/tcp/system/system-calls.ts';
import { EMPTY_FRAME_BYTES, ErrorFrameCode, FrameType, LoginCode } from '../../wire/frames.ts';
import { Attacker, header, loginFrame } from './support/attacker.test-suite.ts';
import { TrunklineProcess } from './support/trunkline-process.test-suite.ts';

const SECRET = 'hostile';
const PHONES = 2000;
const ONLINE = 1800;
/** Both are long enough for what is well behaved on a machine with much else to do. */
const LOGIN_TIMEOUT_SECONDS = 4;
const HEARTBEAT_TIMEOUT_SECONDS = 8;
/** Places for half frames in each of two shards. */
const PARTIAL_FRAMES = 32;
/** The grain of time-outs, and this machine's slowness: a bound that only something stuck exceeds. */
const SLACK_SECONDS = 60;
const SETTINGS = [
  `phones.count=${PHONES}`,
  `phones.offline=${1 - ONLINE / PHONES}`,
  'phones.session=none',
  'phones.heartbeat=1s',
  `switch.heartbeatTimeout=${HEARTBEAT_TIMEOUT_SECONDS}s`,
  `switch.loginTimeout=${LOGIN_TIMEOUT_SECONDS}s`,
  'switch.mailbox.blocks=64k',
  'login.authentication=hmac',
  `login.secret=${SECRET}`,
  'login.rate=4k',
  'traffic.rate=4k',
  'traffic.activePhones=1000',
  `switch.partialFrames=${PARTIAL_FRAMES}`,
  'sockets.sendBuffer=16KiB',
  'phases.calibrate=false',
  'phases.settle=0',
  'phases.bin=500ms',
  'phases.measure=10m',
  'phases.drain=60s',
];
/** Phones that are offline, and neither write nor are written to: their numbers are the attackers'. */
const attackersAccount = (n: number): number => 447_700_000_000 + PHONES - 1 - n;
/**
 * All tables are there from the start. What may still grow is what each of two shards and the main
 * thread hold in V8's young generation (16 MiB at most each, of which half was seen); a leak of 1 kB
 * for each of the connections of the storm below would be more.
 */
const GROWTH_MIB = 32;

interface Attack {
  readonly what: string;
  readonly startMillis: number;
  readonly endMillis: number;
}

class Site {
  readonly attacks: Attack[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), 'trunkline-'));
  readonly port: number;
  readonly run: TrunklineProcess;
  stoppedMillis = 0;

  private constructor(port: number) {
    this.port = port;
    const sets = [...SETTINGS, `sockets.port=${port}`].flatMap((setting) => ['--set', setting]);
    this.run = new TrunklineProcess(['run', 'smoke', '--transport', 'tcp', '--out', 'out', ...sets], this);
  }

  static async open(): Promise<Site> {
    const site = new Site(await freePort());
    try {
      await site.run.phase('measure');
    } catch (error) {
      await site.close(); // or this process would wait for it until it is killed
      throw error;
    }
    await pause(3000); // for a latency before any attack
    return site;
  }

  /** Attacks, and checks that the switch is no larger afterwards. */
  async attack(test: TestContext, attack: () => Promise<void>): Promise<void> {
    const before = this.#switchMib();
    const startMillis = performance.now();
    await attack();
    this.attacks.push({ what: test.name, startMillis, endMillis: performance.now() });
    const growth = this.#switchMib() - before;
    test.diagnostic(`switch ${before.toFixed(1)} MiB, ${growth.toFixed(1)} MiB more afterwards`);
    assert.ok(growth < GROWTH_MIB, `the switch grew by ${growth} MiB`);
  }

  /** Brings the run to its end; what it measured until then. */
  async stop(): Promise<Result> {
    this.stoppedMillis = performance.now();
    this.run.kill('SIGINT');
    assert.equal(await this.run.exited, 130, this.run.stderr);
    const [run] = readdirSync(join(this.folder, 'out'));
    const path = join(this.folder, 'out', run ?? '', 'result.json');
    return parseResult(readFileSync(path, 'utf8'), path);
  }

  async close(): Promise<void> {
    this.run.kill('SIGKILL');
    await this.run.exited;
    rmSync(this.folder, { recursive: true, force: true });
  }

  #switchMib(): number {
    const status = readFileSync(`/proc/${this.run.side('switch')}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
  }
}

let opened: Site | undefined;
let descriptors: Descriptors = new Map();
/** Attackers whose half frame gave way to another. */
let pushedOut = 0;
const site = (): Site => opened as Site; // opened before the first test

/** The attacker is told this, last, and its connection is closed in time. */
async function isThrownOut(attacker: Attacker, type: number, code: number, seconds: number): Promise<void> {
  const took = await attacker.closedAfterSeconds;
  assert.deepEqual(attacker.heard.at(-1), { type, code });
  assert.ok(took < seconds + SLACK_SECONDS, `closed after ${took} s`);
}

/** Connects, writes this, and is thrown out for it. */
async function says(bytes: Buffer, type: number, code: number, seconds = 0): Promise<void> {
  const attacker = await Attacker.connect(site().port);
  attacker.socket.write(bytes);
  await isThrownOut(attacker, type, code, seconds);
}

/**
 * Connects and resets `ratePerSecond` times per second. Node's own sockets are too slow for that, so system
 * calls make the sockets. On loopback a connection is open when `connect` returns.
 * @returns how many times it connected.
 */
async function storm(port: number, seconds: number, ratePerSecond: number): Promise<number> {
  const calls = loadSystemCalls();
  const options = new SocketOptions(calls);
  const target = encodeAddress('127.0.0.1', port);
  const startMillis = performance.now();
  let done = 0;
  for (let elapsed = 0; elapsed < seconds; elapsed = (performance.now() - startMillis) / 1000) {
    for (let n = 0; n < 100 && done < elapsed * ratePerSecond; n++, done++) {
      const descriptor = calls.socket(Linux.AF_INET, Linux.SOCK_STREAM | Linux.SOCK_NONBLOCK, 0);
      calls.connect(descriptor, target, target.length);
      options.resetOnClose(descriptor); // and so no port waits
      calls.close(descriptor);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  return done;
}

describe('a switch under attack', { skip: whyNoSystemCalls() ?? false }, () => {
  before(async () => {
    descriptors = baseline();
    opened = await Site.open();
  });
  after(async () => {
    await opened?.close();
    await nothingLeft(descriptors); // the run that all tests attack has gone only now
  });

  it('a wrong token', (test) =>
    site().attack(test, async () => {
      const frame = loginFrame(attackersAccount(0), SECRET, { token: new Uint8Array(16) });
      await says(frame, FrameType.LOGIN_RESULT, LoginCode.TOKEN_WRONG);
    }));

  it('a wrong version of the protocol', (test) =>
    site().attack(test, async () => {
      const frame = loginFrame(attackersAccount(0), SECRET, { major: 9 });
      await says(frame, FrameType.LOGIN_RESULT, LoginCode.VERSION_UNSUPPORTED);
    }));

  it('garbage', (test) =>
    site().attack(test, () =>
      says(Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), FrameType.ERROR, ErrorFrameCode.MALFORMED_FRAME),
    ));

  it('a frame over the maximum of its type', (test) =>
    site().attack(test, () => says(header(FrameType.LOGIN, 2047), FrameType.ERROR, ErrorFrameCode.MALFORMED_FRAME)));

  it('half a login and then nothing', (test) =>
    site().attack(test, async () => {
      const half = loginFrame(attackersAccount(0), SECRET).subarray(0, 9);
      await says(half, FrameType.ERROR, ErrorFrameCode.LOGIN_TIMED_OUT, LOGIN_TIMEOUT_SECONDS);
    }));

  it('a login, half a frame and then nothing: only whole frames show that a phone is alive', (test) =>
    site().attack(test, async () => {
      const frames = Buffer.concat([loginFrame(attackersAccount(1), SECRET), header(FrameType.SEND, 100)]);
      await says(frames, FrameType.ERROR, ErrorFrameCode.HEARTBEAT_MISSED, HEARTBEAT_TIMEOUT_SECONDS);
    }));

  it('more half frames than there are places for, and a frame in two pieces between them', (test) =>
    site().attack(test, async () => {
      const half = loginFrame(attackersAccount(0), SECRET).subarray(0, 9);
      const crowd = await Promise.all(Array.from({ length: 8 * PARTIAL_FRAMES }, () => Attacker.connect(site().port)));
      for (const attacker of crowd) attacker.socket.write(half);
      const slow = await Attacker.connect(site().port);
      const ping = header(FrameType.PING, 0);
      slow.socket.write(Buffer.concat([loginFrame(attackersAccount(3), SECRET), ping.subarray(0, 1)]));
      await eventually(
        () => slow.heard.length === 1,
        () => 'the login is not answered',
      );
      slow.socket.write(ping.subarray(1));
      await eventually(
        () => slow.heard.at(-1)?.type === FrameType.PONG,
        () => `no answer: ${JSON.stringify(slow.heard)}`,
      );
      slow.socket.destroy();
      await Promise.all(crowd.map((one) => one.closedAfterSeconds));
      pushedOut = crowd.filter((one) => one.heard.at(-1)?.code === ErrorFrameCode.MALFORMED_FRAME).length;
      const timedOut = crowd.filter((one) => one.heard.at(-1)?.code === ErrorFrameCode.LOGIN_TIMED_OUT).length;
      test.diagnostic(`${pushedOut} gave way to others, ${timedOut} did not log in in time`);
      assert.equal(pushedOut + timedOut, crowd.length);
    }));

  it('a byte per second', (test) =>
    site().attack(test, async () => {
      const attacker = await Attacker.connect(site().port);
      const frame = loginFrame(attackersAccount(0), SECRET);
      let at = 0;
      const timer = setInterval(() => attacker.socket.write(frame.subarray(at, ++at)), 1000);
      await isThrownOut(attacker, FrameType.ERROR, ErrorFrameCode.LOGIN_TIMED_OUT, LOGIN_TIMEOUT_SECONDS);
      clearInterval(timer);
      assert.ok(at < frame.length);
    }));

  it('a login that then never reads what it has the switch answer', (test) =>
    site().attack(test, async () => {
      const attacker = await Attacker.connect(site().port);
      attacker.socket.write(loginFrame(attackersAccount(2), SECRET));
      await eventually(
        () => attacker.heard.length > 0,
        () => 'the login is not answered',
      );
      attacker.socket.pause();
      const ping = header(FrameType.PING, 0);
      assert.equal(ping.length, EMPTY_FRAME_BYTES);
      const pings = Buffer.alloc(20_000, ping);
      const timer = setInterval(() => attacker.socket.write(pings), 5);
      const took = await attacker.closedAfterSeconds;
      clearInterval(timer);
      assert.ok(took < SLACK_SECONDS, `closed after ${took} s`);
    }));

  it('connects and disconnects, ten thousand per second', (test) =>
    site().attack(test, async () => {
      const seconds = 4;
      const done = await storm(site().port, seconds, 10_000);
      test.diagnostic(`${Math.round(done / seconds)} per second`);
      assert.ok(done > 100, `${done} connections`);
    }));

  it('more connections than the table holds', (test) =>
    site().attack(test, async () => {
      const crowd = await Promise.all(Array.from({ length: 1500 }, () => Attacker.connect(site().port)));
      await Promise.all(crowd.map((one) => one.closedAfterSeconds));
      const timedOut = crowd.filter((one) => one.heard.at(-1)?.code === ErrorFrameCode.LOGIN_TIMED_OUT).length;
      const thrownOut = crowd.filter((one) => one.heard.length === 0).length;
      test.diagnostic(`${timedOut} did not log in in time, ${thrownOut} found no place`);
      assert.equal(timedOut + thrownOut, crowd.length);
      assert.ok(timedOut > 0 && thrownOut > 0);
    }));

  it('and everyone else has got every message', async (test) => {
    const result = await site().stop();
    printLatencies(test, result);
    const { integrity, counters, connections } = result;
    assert.equal(integrity.isSound, true, JSON.stringify(integrity));
    assert.ok(integrity.delivered > 1000);
    assert.deepEqual([integrity.lost, integrity.duplicated, integrity.reordered, integrity.corrupted], [0, 0, 0, 0]);
    assert.equal(connections.heldAtEnd, ONLINE, 'nobody lost a connection');
    const of = (name: string): number => counters.switch[name] ?? 0;
    assert.deepEqual([of('loginsRefusedToken'), of('loginsRefusedVersion')], [1, 1]);
    assert.equal(of('violationsMalformed'), 2, 'garbage, and the frame over the maximum');
    assert.equal(of('violationsPartialFrames'), pushedOut);
    assert.equal(of('heartbeatsMissed'), 1, 'half a frame after the login');
    assert.ok(of('loginsTimedOut') >= 3, 'half a login, a byte per second, the crowd');
    assert.equal(of('connectionsOpened') - of('connectionsClosed'), ONLINE, 'every attacker is gone');
    assert.equal(counters.switchSockets['slowReadersClosed'], 1);
    assert.ok((counters.switchSockets['acceptsRefusedTableFull'] ?? 0) > 0);
    assert.equal(counters.switchSockets['outputWaitingBytes'], 0);
  });
});

/** p99 of the phones' deliveries before the attacks and during each. */
function printLatencies(test: TestContext, { series }: Result): void {
  const lastSeconds = series.atSeconds[series.phase.lastIndexOf('measure')] ?? 0;
  const secondsOf = (millis: number): number => lastSeconds + (millis - site().stoppedMillis) / 1000;
  const highest = (from: number, to: number): string => {
    const found = series.deliveryP99Micros.filter((micros, n) => {
      const at = series.atSeconds[n] ?? 0;
      return micros !== null && series.phase[n] === 'measure' && at >= from && at <= to + 0.5;
    });
    const sorted = found.map(Number).sort((a, b) => a - b);
    const middle = sorted[Math.floor(sorted.length / 2)];
    return middle === undefined ? 'none' : `median ${middle} µs, highest ${sorted.at(-1)} µs`;
  };
  const first = site().attacks[0];
  if (first !== undefined) test.diagnostic(`p99 before: ${highest(0, secondsOf(first.startMillis))}`);
  for (const { what, startMillis, endMillis } of site().attacks) {
    test.diagnostic(`p99 during ${what}: ${highest(secondsOf(startMillis), secondsOf(endMillis))}`);
  }
}
