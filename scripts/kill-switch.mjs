// Kills the switch under load over tcp, with switch.durability=fsync, again and again: it starts again on its store, and
// the phones come back. Counts what was acknowledged and lost, and what was shown twice, and how long it took to recover.
//
//   npm run kill-switch                      100 kills, stored in results/reference/kill-switch.json
//   npm run kill-switch -- 10                fewer; nothing is stored
//   npm run kill-switch -- 10 async          with switch.durability=async, which may lose messages
//
// kill -9 leaves the page cache as it was, so this shows that a switch restarts correctly, not that a disk keeps what it
// has synced: tests of the disk layer show that (src/disk, src/store/durable).
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environment, fileOf, writeKept } from './kept-figures.mjs';

const MAIN = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist', 'cli', 'main.js');
const FULL = 100;
/** Kills that one driver goes through before everything must have arrived. */
const KILLS_PER_DRIVE = 20;
const LIMIT_MILLIS = 120_000;
const PHONES = 1000;
const RATE = 2000;
const SETTINGS = {
  'phones.count': PHONES,
  'phones.offline': '0%',
  'phones.session': '20s',
  'phones.away': '2s',
  'login.rate': '5k',
  'login.retry': '100ms',
  'login.retryMax': '500ms',
  'login.attempts': 1000,
  'traffic.rate': RATE,
  'driver.lanes': 1,
  'phases.settle': '0',
  'phases.drain': '120s',
  'phases.bin': '100ms',
  thresholds: '{}',
};

const kills = Number(process.argv[2] ?? FULL);
const durability = process.argv[3] ?? 'fsync';
const folder = mkdtempSync(join(tmpdir(), 'trunkline-kills-'));
const pause = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

function start(args) {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const running = { child, text: '', ended: new Promise((resolve) => child.once('close', resolve)) };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (running.text += data));
  return running;
}

/** Waits until a process has said something; what it said before `from` does not count. */
async function says(running, what, from = 0) {
  const until = Date.now() + LIMIT_MILLIS;
  for (;;) {
    const match = what.exec(running.text.slice(from));
    if (match !== null) return match;
    if (running.child.exitCode !== null || Date.now() > until) throw new Error(`no ${what}:\n${running.text}`);
    await pause(5);
  }
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function serve(port) {
  const set = ['--set', `switch.durability=${durability}`];
  const running = start([
    'serve',
    '--listen',
    `127.0.0.1:${port}`,
    '--auth',
    'none',
    '--shards',
    '2',
    '--store',
    'mail',
    ...set,
  ]);
  await says(running, /Listening on/);
  return running;
}

const totals = {
  kills: 0,
  sent: 0,
  delivered: 0,
  acknowledgedAndLost: 0,
  shownTwice: 0,
  reordered: 0,
  unsoundDrives: 0,
};
const listening = [];
const recovered = [];

async function drive(times, seed) {
  const port = await freePort();
  let switchProcess = await serve(port);
  const set = { ...SETTINGS, seed, 'phases.measure': `${2 + times * 4}s` };
  const settings = Object.entries(set).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
  const driver = start(['drive', 'smoke', ...settings, '--target', `127.0.0.1:${port}`, '--out', 'results']);
  await says(driver, / measure .* messages\/s/);
  for (let n = 0; n < times && !/drain {4,}/.test(driver.text); n++) {
    await pause(500 + Math.random() * 2000);
    const begin = performance.now();
    switchProcess.child.kill('SIGKILL');
    await switchProcess.ended;
    switchProcess = await serve(port);
    listening.push(performance.now() - begin);
    const from = driver.text.length;
    await says(driver, / [1-9][0-9.]*k? messages\/s/, from);
    recovered.push(performance.now() - begin);
    totals.kills++;
    process.stderr.write(`${totals.kills} kills\r`);
  }
  await driver.ended;
  switchProcess.child.kill('SIGTERM');
  await switchProcess.ended;
  const path = /^result +(.*)$/m.exec(driver.text)?.[1];
  if (path === undefined) throw new Error(driver.text);
  const { integrity } = JSON.parse(readFileSync(join(folder, path), 'utf8'));
  totals.sent += integrity.sent;
  totals.delivered += integrity.delivered;
  totals.acknowledgedAndLost += integrity.lost;
  totals.shownTwice += integrity.duplicated;
  totals.reordered += integrity.reordered;
  if (integrity.isSound !== true) {
    totals.unsoundDrives++;
    process.stdout.write(`not sound: ${JSON.stringify(integrity)}\n`);
  }
}

const quantile = (values, share) => [...values].sort((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? null;
const seconds = (values) => ({
  p50: Number((quantile(values, 0.5) / 1000).toFixed(3)),
  max: Number((quantile(values, 1) / 1000).toFixed(3)),
});

try {
  for (let seed = 1; totals.kills < kills; seed++) await drive(Math.min(KILLS_PER_DRIVE, kills - totals.kills), seed);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const figures = {
  durability,
  transport: 'tcp',
  phones: PHONES,
  messagesPerSecond: RATE,
  ...totals,
  secondsToListen: seconds(listening),
  secondsToMessages: seconds(recovered),
};
process.stdout.write(`${JSON.stringify(figures, null, 1)}\n`);
if (kills === FULL && durability === 'fsync') {
  writeKept('kill-switch', { ...figures, environment: await environment() });
  process.stdout.write(`stored in ${fileOf('kill-switch')}\n`);
}
process.exitCode = totals.acknowledgedAndLost + totals.shownTwice + totals.unsoundDrives > 0 ? 1 : 0;
