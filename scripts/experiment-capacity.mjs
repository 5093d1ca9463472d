// Measures how closely `trunkline capacity` finds a limit that is known by construction.
//
//   npm run experiment:capacity -- 17300        about two minutes per limit; stored in results/reference/
//
// A token bucket in front of the only shard limits its messages per second
// (src/cli/end-to-end/support/limited-switch.test-worker.ts). The load has constant intervals, so that queueing adds
// nothing to the limit.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { environment, readKept, writeKept } from './kept-figures.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const KEPT = 'capacity-known-limit';
const LIMITER = pathToFileURL(join(root, 'dist', 'cli', 'end-to-end', 'support', 'limited-switch.test-worker.js')).href;
const OFF_SHARE_MAX = 0.03;
const SEED = 1;
const SETTINGS = [
  `seed=${SEED}`,
  'switch.shards=1',
  'driver.lanes=1',
  'traffic.arrivals=constant',
  'traffic.rate=5k',
  'phones.session=none',
  'phones.heartbeat=none',
  'phones.count=4k',
  'phones.offline=0',
];
const ARGUMENTS = ['--from', '2k', '--to', '60k', '--limit', 'latency.delivery: p(99)<50ms', '--confirm', '10s'];

const limit = Number(process.argv[2] ?? '17300');
if (!(limit >= 3000 && limit <= 50_000)) {
  process.stderr.write('Expected a limit from 3000 to 50000 messages per second.\n');
  process.exit(2);
}
const out = mkdtempSync(join(tmpdir(), 'trunkline-limit-'));
const run = spawnSync(
  process.execPath,
  [
    join(root, 'dist', 'cli', 'main.js'),
    ...['capacity', 'smoke', '--json', '--out', out, ...ARGUMENTS],
    ...SETTINGS.flatMap((one) => ['--set', one]),
  ],
  {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: `--import ${LIMITER}`, TEST_MESSAGES_PER_SECOND: String(limit) },
  },
);
rmSync(out, { recursive: true, force: true });
const { verdict, sentence, bounds, confirmedLoad, carriedLoad, trials } = JSON.parse(run.stdout);
const offShare = (bounds.lowerLoad ?? 0) / limit - 1;
const isMet = Math.abs(offShare) <= OFF_SHARE_MAX && (bounds.upperLoad ?? 0) > bounds.lowerLoad;
process.stdout.write(
  `${sentence}\nLimit ${limit}, seed ${SEED}: lower bound ${(offShare * 100).toFixed(2)} % off; at most ${OFF_SHARE_MAX * 100} % ${isMet ? 'met' : 'NOT met'}\n`,
);
const { limits } = readKept(KEPT, { limits: [] });
const entry = {
  limit,
  seed: SEED,
  environment: environment(),
  verdict,
  bounds,
  carriedLoad,
  confirmedLoad,
  offShare,
  trials: trials.length,
  isMet,
};
writeKept(KEPT, { limits: [...limits.filter((one) => one.limit !== limit), entry] });
process.exitCode = isMet ? 0 : 1;
