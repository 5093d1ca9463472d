// Kills the switch under load over tcp, with switch.durability=fsync, again and again: it starts again on its store,
// and the phones come back. A third of the messages go to groups, whose members come and go, and to broadcast lists.
// Counts what was acknowledged and lost, and what was shown twice. How long recovery takes is in the report of
// `trunkline run kill-switch`.
//
//   npm run kill-switch                      100 kills, at least six minutes; stored in
//                                            results/reference/kill-switch.json
//   npm run kill-switch -- 10                fewer; nothing is stored
//   npm run kill-switch -- 10 async          with switch.durability=async, which may lose messages
//   npm run kill-switch -- 100 fsync 7       at moments that are drawn from another seed
//
// kill -9 leaves the page cache as it was, so this shows that a switch restarts correctly, not that a disk keeps what
// it has synced: src/disk and src/cli/end-to-end/synced-acknowledgements.e2e.test.ts show that.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nextBelow, RANDOM_STATE_WORDS, seedRandom } from '../dist/base/pseudo-random.js';
import { environment, fileOf, writeKept } from './kept-figures.mjs';

const MAIN = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist', 'cli', 'main.js');
const FULL = 100;
/** Kills in one run, at whose end everything must have arrived. */
const KILLS_PER_RUN = 20;
/**
 * Time between two kills: so short that some hit a switch that is still starting, or whose phones are still returning.
 */
const GAP_MILLIS = [500, 6000];
/** Of the scenario kill-switch, what differs. */
const SETTINGS = {
  'phones.session': '20s',
  'phones.away': '2s',
  'groups.count': 100,
  'groups.size': 12,
  'groups.sigma': 0.6,
  'groups.sizeMax': 64,
  'groups.members': 'all',
  'groups.share': '20%',
  'groups.joins': '20/s',
  'groups.leaves': '20/s',
  'groups.lists.count': 100,
  'groups.lists.share': '50%',
  // None gets full: nobody knows afterwards which recipients a killed switch has refused.
  'switch.mailbox.messagesPerAccount': 4096,
  'phases.settle': '0',
  'phases.drain': '75s', // after the last start homes ask for the ✓✓ of all their messages, one after another
  thresholds: '{}',
};

const kills = Number(process.argv[2] ?? FULL);
const durability = process.argv[3] ?? 'fsync';
const seed = Number(process.argv[4] ?? 1);
if (!Number.isInteger(kills) || kills < 1 || !['fsync', 'async'].includes(durability) || !Number.isInteger(seed)) {
  process.stderr.write('Expected a number of kills, fsync or async, and a seed, such as 100 fsync 1.\n');
  process.exit(2);
}
const random = new Int32Array(RANDOM_STATE_WORDS);
seedRandom(random, 0, seed, 0);

/** When the switch is killed, in milliseconds from the start of the measurement. */
function drawMoments(times) {
  let at = 0;
  return Array.from({ length: times }, () => {
    at += GAP_MILLIS[0] + nextBelow(random, 0, GAP_MILLIS[1]);
    return at;
  });
}

/** Runs the scenario once. @returns its result. */
async function run(moments, runSeed, folder) {
  const set = {
    ...SETTINGS,
    seed: runSeed,
    'switch.durability': durability,
    'phases.measure': `${moments.at(-1) + 3000}ms`,
    faults: `[${moments.map((at) => `{at: ${at}ms, kill: switch}`).join(', ')}]`,
  };
  const settings = Object.entries(set).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
  const child = spawn(
    process.execPath,
    [MAIN, 'run', 'kill-switch', '--json', '--quiet', '--out', folder, ...settings],
    {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => (stdout += data));
  child.stderr.on('data', (data) => (stderr += data));
  await new Promise((resolve) => child.once('close', resolve));
  if (stdout === '') throw new Error(`no result: ${stderr}`);
  return JSON.parse(stdout);
}

const totals = {
  kills: 0,
  sent: 0,
  delivered: 0,
  toGroups: 0,
  recipientsInGroups: 0,
  deliveredInGroups: 0,
  joinsAndLeaves: 0,
  acknowledgedAndLost: 0,
  shownTwice: 0,
  reordered: 0,
  unsoundRuns: 0,
};

function add({ integrity, groups, faults, validity }) {
  if (validity.failure !== null) throw new Error(`a run failed: ${validity.failure}`);
  const inGroups = integrity.groups ?? { recipients: 0, delivered: 0, queued: 0, rejected: 0 };
  // Where a run is not at rest in time its result calls nothing lost, so the sums are taken here.
  const missing = ({ delivered, queued, rejected }, of) => Math.max(0, of - delivered - queued - rejected);
  totals.kills += faults.filter(({ isKill }) => isKill).length;
  totals.sent += integrity.sent;
  totals.delivered += integrity.delivered;
  totals.toGroups += groups.messages;
  totals.recipientsInGroups += inGroups.recipients;
  totals.deliveredInGroups += inGroups.delivered;
  totals.joinsAndLeaves += groups.joins + groups.leaves;
  totals.acknowledgedAndLost += missing(integrity, integrity.sent) + missing(inGroups, inGroups.recipients);
  totals.shownTwice += integrity.duplicated;
  totals.reordered += integrity.reordered;
  if (integrity.isSound === true) return;
  totals.unsoundRuns++;
  process.stdout.write(`not sound: ${JSON.stringify(integrity)}\n`);
}

const folder = mkdtempSync(join(tmpdir(), 'trunkline-kills-'));
try {
  for (let n = 1; totals.kills < kills; n++) {
    const before = totals.kills;
    add(await run(drawMoments(Math.min(KILLS_PER_RUN, kills - totals.kills)), seed + n - 1, folder));
    if (totals.kills === before) throw new Error('no kill in a whole run: the switch was never there to be killed');
    const { acknowledgedAndLost, shownTwice, unsoundRuns } = totals;
    process.stderr.write(
      `${totals.kills} of ${kills} kills: ${acknowledgedAndLost} acknowledged and lost, ${shownTwice} shown twice, ${unsoundRuns} of ${n} runs not sound\n`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const figures = { durability, transport: 'tcp', seed, ...totals };
process.stdout.write(`${JSON.stringify(figures, null, 1)}\n`);
if (kills === FULL && durability === 'fsync') {
  writeKept('kill-switch', { ...figures, environment: environment() });
  process.stdout.write(`stored in ${fileOf('kill-switch')}\n`);
}
process.exitCode = totals.acknowledgedAndLost + totals.shownTwice + totals.unsoundRuns > 0 ? 1 : 0;
