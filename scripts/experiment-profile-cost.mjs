// Measures what `trunkline profile` costs: pairs of a plain and a profiled run of a scenario, alternately.
//
//   node scripts/experiment-profile-cost.mjs [scenario] [pairs]        million and 10 by default; about 20 minutes
//
// Ten pairs and more are stored in results/reference/profile-cost.json. A run counts if no guard trips, other than the
// one that marks profiled runs.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environment, writeKept } from './kept-figures.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const MAIN = join(root, 'dist', 'cli', 'main.js');
const PAIRS_KEPT_MIN = 10;
const LOSS_SHARE_MAX = 0.1;

const scenario = process.argv[2] ?? 'million';
const pairs = Number(process.argv[3] ?? PAIRS_KEPT_MIN);
if (!Number.isInteger(pairs) || pairs < 1) {
  process.stderr.write('Expected a scenario and a whole number of pairs.\n');
  process.exit(2);
}

/** One run in a process of its own, and the figures that a profile may change. */
function measure(command) {
  const out = mkdtempSync(join(tmpdir(), 'trunkline-cost-'));
  try {
    const { stderr } = spawnSync(process.execPath, [MAIN, command, scenario, '--quiet', '--out', out], {
      encoding: 'utf8',
    });
    const [folder] = readdirSync(out);
    if (folder === undefined) throw new Error(`${command} ${scenario} left no result: ${stderr}`);
    const { throughput, cpu, latency, validity } = JSON.parse(readFileSync(join(out, folder, 'result.json'), 'utf8'));
    return {
      messagesPerSecond: throughput.completeMessagesPerSecond,
      switchMicrosPerMessage: cpu.switchMicrosPerMessage,
      deliveryP99Micros: latency.delivery.p99Micros,
      tripped: validity.guards
        .filter(({ verdict, name }) => verdict === 'invalid' && name !== 'profiled')
        .map(({ name }) => name),
    };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

const runs = [];
for (let pair = 0; pair < pairs; pair++) {
  const order = pair % 2 === 0 ? ['run', 'profile'] : ['profile', 'run'];
  const measured = Object.fromEntries(order.map((command) => [command, measure(command)]));
  runs.push({ plain: measured.run, profiled: measured.profile });
  const { plain, profiled } = runs.at(-1);
  const tripped = [...plain.tripped, ...profiled.tripped];
  process.stdout.write(
    `pair ${pair + 1} of ${pairs}: ${Math.round(plain.messagesPerSecond)} messages/s plain, ${Math.round(profiled.messagesPerSecond)} profiled${tripped.length > 0 ? `; tripped: ${tripped.join(', ')}` : ''}\n`,
  );
}
const valid = runs.filter(({ plain, profiled }) => plain.tripped.length + profiled.tripped.length === 0);
const ratioOf = (figure) => {
  const known = valid.filter(({ plain, profiled }) => plain[figure] !== null && profiled[figure] !== null);
  return known.length === 0 ? null : median(known.map(({ plain, profiled }) => profiled[figure] / plain[figure]));
};
const ratios = {
  messagesPerSecond: ratioOf('messagesPerSecond'),
  switchMicrosPerMessage: ratioOf('switchMicrosPerMessage'),
  deliveryP99Micros: ratioOf('deliveryP99Micros'),
};
const isMet = ratios.messagesPerSecond !== null && Math.abs(1 - ratios.messagesPerSecond) <= LOSS_SHARE_MAX;
process.stdout.write(
  `${scenario}, ${valid.length} valid pairs of ${pairs}. Profiled divided by plain, medians: ${Object.entries(ratios)
    .map(([name, ratio]) => `${name} ${ratio === null ? 'not known' : ratio.toFixed(3)}`)
    .join(', ')}. Throughput within ${LOSS_SHARE_MAX * 100} %: ${isMet ? 'met' : 'NOT met'}\n`,
);
if (pairs >= PAIRS_KEPT_MIN) {
  writeKept('profile-cost', { environment: environment(), scenario, validPairs: valid.length, ratios, isMet, runs });
}
process.exitCode = isMet ? 0 : 1;
