// Measures what the live view and the intervals of a run cost: processor time of the main thread, which draws the view
// and reads the intervals, as a share of one core. Rounds of three runs, in an order that turns.
//
//   node scripts/experiment-view-cost.mjs [rounds] [phones]        5 and 2000 by default; about 6 minutes
//
// Five rounds and more are stored in results/reference/view-cost.json.
// It needs Linux and `script` of util-linux. The limit is 1 % of a core for the view and one interval per second
// together.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { environment, writeKept } from './kept-figures.mjs';

const MAIN = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist', 'cli', 'main.js');
const SHARE_MAX = 0.01;
const ROUNDS_KEPT_MIN = 5;
/** After the ramp, and before the end of the measurement. */
const FROM_MILLIS = 5000;
const WINDOW_MILLIS = 10_000;
const LOOK_MILLIS = 20;

const rounds = Number(process.argv[2] ?? ROUNDS_KEPT_MIN);
const phones = Number(process.argv[3] ?? 2000);
if (!Number.isInteger(rounds) || rounds < 1 || !Number.isInteger(phones) || phones < 1) {
  process.stderr.write('Expected whole numbers of rounds and of phones.\n');
  process.exit(2);
}

/** Intervals per second, and whether the view is shown. */
const VARIANTS = {
  plain: { perSecond: 1, hasView: false },
  intervals: { perSecond: 10, hasView: false },
  view: { perSecond: 1, hasView: true },
};

/** Processor time of the main thread of a process; null if it has ended. */
function mainThreadMillis(id) {
  try {
    return Number(readFileSync(`/proc/${id}/task/${id}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return null;
  }
}

/** The share of a core that the main thread takes while a run measures. */
async function measure({ perSecond, hasView }) {
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-view-'));
  const settings = [
    'phases.calibrate=false',
    `phases.bin=${1000 / perSecond}ms`,
    'phases.settle=8s',
    'phases.measure=60s',
    'login.rate=5k/s',
    'traffic.rate=200/s',
  ].flatMap((setting) => ['--set', setting]);
  const words = [process.execPath, MAIN, 'run', 'smoke', '-c', String(phones), '--out', folder, ...settings];
  if (!hasView) words.push('--quiet');
  const command = `echo $$ > '${folder}/pid'; exec ${words.map((word) => `'${word}'`).join(' ')}`;
  const child = hasView
    ? spawn('script', ['--quiet', '--flush', '--command', 'stty cols 120 rows 30; eval "$VIEWED"', '/dev/null'], {
        stdio: ['pipe', 'ignore', 'inherit'],
        env: { ...process.env, VIEWED: command, SHELL: '/bin/sh', TERM: 'xterm-256color' },
      })
    : spawn('sh', ['-c', command], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('close', resolve));
  try {
    while (!existsSync(join(folder, 'pid'))) await pause(LOOK_MILLIS);
    await pause(FROM_MILLIS);
    const id = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    const [before, start] = [mainThreadMillis(id), performance.now()];
    await pause(WINDOW_MILLIS);
    const [after, end] = [mainThreadMillis(id), performance.now()];
    if (before === null || after === null) throw new Error('the run ended before it was measured');
    process.kill(id, 'SIGTERM');
    return (after - before) / (end - start);
  } finally {
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};
const percent = (share) => `${(100 * share).toFixed(3)} %`;

const names = Object.keys(VARIANTS);
const shares = Object.fromEntries(names.map((name) => [name, []]));
for (let round = 0; round < rounds; round++) {
  const order = names.map((_, i) => names[(i + round) % names.length]);
  for (const name of order) shares[name].push(await measure(VARIANTS[name]));
  process.stdout.write(
    `round ${round + 1}: ${names.map((name) => `${name} ${percent(shares[name].at(-1))}`).join(', ')}\n`,
  );
}
const differences = (name) => median(shares[name].map((share, round) => share - shares.plain[round]));
const interval = differences('intervals') / (VARIANTS.intervals.perSecond - VARIANTS.plain.perSecond);
const view = differences('view');
const both = interval + view;
process.stdout.write(
  `of one core: the live view ${percent(view)}, one interval per second ${percent(interval)}, together ${percent(both)}, limit ${percent(SHARE_MAX)}\n`,
);
if (rounds >= ROUNDS_KEPT_MIN) {
  const coreShares = { view, intervalPerSecond: interval, together: both, max: SHARE_MAX };
  writeKept('view-cost', { environment: environment(), rounds, phones, coreShares, runs: shares });
}
process.exitCode = both <= SHARE_MAX ? 0 : 1;
