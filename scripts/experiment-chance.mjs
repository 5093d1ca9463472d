// Counts how often a small shipped scenario is invalid by chance: a guard trips although nothing is wrong.
//
//   npm run experiment:chance                              100 runs of each scenario in virtual time, two minutes
//   npm run experiment:chance -- --real 10                 also real runs, until 10 of each are stored: half an hour
//   npm run experiment:chance -- ws-10k transports/tcp --real 10      only these
//   npm run experiment:chance -- --fresh                   delete the stored runs of the given scenarios first
//
// In virtual time no machine disturbs a run, so a guard trips only because of random variation of the load, which
// differs from seed to seed. Real runs show what the machine adds. Their intervals are stored; a hundred windows,
// resampled from them in blocks of three adjacent intervals, are judged by the guards on counts. Each real run is
// stored as soon as it ends, so the script continues where it was interrupted.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { nextBelow, RANDOM_STATE_WORDS, seedRandom } from '../dist/base/pseudo-random.js';
import { planOn } from '../dist/plan/run-plan.js';
import { thisMachine } from '../dist/run/phases/order/this-machine.js';
import { simulateLoad } from '../dist/run/phases/simulated-load.test-suite.js';
import { parseScenario } from '../dist/scenario/scenario.js';
import { backlogGrowth, backlogGrowthMax } from '../dist/stats/steadiness.js';
import { halvesGuard } from '../dist/verdict/guards/load-guards.js';
import { environment, readKept, writeKept } from './kept-figures.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const SCENARIOS = ['smoke', 'ws-10k', 'transports/memory', 'transports/tcp', 'transports/node-tcp', 'transports/ws'];
const MADE_RUNS = 100;
const INVALID_SHARE_MAX = 0.01;
const LIMIT_MILLIS = 300_000;
const BLOCK = 3;
/** Of the first run in virtual time; each further run has the next. Windows are resampled with it. */
const SEED = 1;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { real: { type: 'string', default: '0' }, fresh: { type: 'boolean', default: false } },
});
const names = positionals.length > 0 ? positionals : SCENARIOS;
const unknown = names.find((name) => !SCENARIOS.includes(name));
const wanted = Number(options.real);
if (unknown !== undefined || !Number.isInteger(wanted) || wanted < 0) {
  const found = unknown === undefined ? `--real ${options.real}` : `"${unknown}"`;
  process.stderr.write(`Expected scenarios of ${SCENARIOS.join(', ')}, and --real with a count, found ${found}.\n`);
  process.exit(2);
}

const { scenarios: kept } = readKept('chance', { scenarios: {} });
for (const name of names) if (options.fresh) delete kept[name];

function keep() {
  writeKept('chance', { seed: SEED, environment: environment(), scenarios: kept }, null);
}

function planOf(name, settings) {
  const file = join(root, 'scenarios', `${name.split('/')[0]}.yaml`);
  return planOn(parseScenario(readFileSync(file, 'utf8'), file, settings), thisMachine(), 'both').plan;
}

/** How many runs were invalid, and how often each guard tripped. */
function count(runs) {
  const byGuard = {};
  for (const { name } of runs.flatMap(({ tripped }) => tripped)) byGuard[name] = (byGuard[name] ?? 0) + 1;
  return { runs: runs.length, invalid: runs.filter(({ tripped }) => tripped.length > 0).length, byGuard };
}

function trippedOf(guards) {
  return guards
    .filter(({ verdict }) => verdict === 'invalid')
    .map(({ name, figure, limit, sentence }) => ({ name, figure, limit, sentence }));
}

/** Simulates the load in virtual time; it is the same for all transports. */
function simulate(name) {
  const seeds = Array.from({ length: MADE_RUNS }, (_, i) => SEED + i);
  return count(
    seeds.map((seed) => ({ tripped: trippedOf(simulateLoad(planOf(name, [`seed=${seed}`, 'transport=memory']))) })),
  );
}

function resultIn(folder) {
  const file = readdirSync(folder, { recursive: true }).find((path) => path.endsWith('result.json'));
  return file === undefined ? null : JSON.parse(readFileSync(join(folder, file), 'utf8'));
}

/** One real run: the guards that tripped, its duration, and the intervals of its measurement. */
function realRun(name) {
  const [scenario, step] = name.split('/');
  const out = mkdtempSync(join(tmpdir(), 'trunkline-chance-'));
  try {
    const args = ['run', scenario, ...(step === undefined ? [] : ['--step', step]), '--quiet', '--out', out];
    const start = performance.now();
    const run = spawnSync(process.execPath, [join(root, 'dist', 'cli', 'main.js'), ...args], {
      encoding: 'utf8',
      timeout: LIMIT_MILLIS,
      maxBuffer: 2 ** 26,
    });
    const result = resultIn(out);
    if (result === null) throw new Error(`A run of ${name} left no result: ${run.stderr}`);
    const { series, validity } = result;
    const measured = series.phase.flatMap((phase, i) => (phase === 'measure' ? [i] : [])).slice(1);
    return {
      startedAt: result.startedAt,
      environment: result.environment,
      seconds: Number(((performance.now() - start) / 1000).toFixed(1)),
      isValid: validity.isValid,
      failure: validity.failure,
      tripped: trippedOf(validity.guards),
      done: measured.map((i) => Math.round(series.messagesPerSecond[i] * lengthOf(series, i))),
      lengths: measured.map((i) => Number(lengthOf(series, i).toFixed(4))),
      backlog: measured.map((i) => Math.round(series.backlogMessages[i])),
    };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

function lengthOf(series, i) {
  return series.atSeconds[i] - series.atSeconds[i - 1];
}

/** Windows resampled from intervals of real runs. */
function resample(name, runs) {
  const { settings } = planOf(name, []);
  const { rate } = settings.traffic;
  const random = new Int32Array(RANDOM_STATE_WORDS);
  seedRandom(random, 0, SEED, 21);
  const usable = runs.filter(({ done }) => done.length > BLOCK);
  if (usable.length === 0) return null;
  return count(
    Array.from({ length: MADE_RUNS }, () => {
      const drawn = [];
      while (drawn.length < usable[0].done.length) {
        const run = usable[nextBelow(random, 0, usable.length)];
        const from = nextBelow(random, 0, run.done.length - BLOCK + 1);
        for (let i = from; i < from + BLOCK; i++)
          drawn.push({
            done: run.done[i],
            intended: rate * run.lengths[i],
            seconds: run.lengths[i],
            backlog: run.backlog[i],
          });
      }
      return { tripped: trippedOf(judge(drawn)) };
    }),
  );
}

function judge(drawn) {
  let atSeconds = 0;
  const intervals = drawn.map(({ done, seconds, backlog }) => {
    atSeconds += seconds;
    return { atSeconds, seconds, messagesPerSecond: done / seconds, backlogMessages: backlog };
  });
  const perSecond = drawn[0].intended / drawn[0].seconds;
  const growth = backlogGrowth(drawn);
  const limit = backlogGrowthMax(drawn);
  const verdict = growth <= limit ? 'ok' : 'invalid';
  return [
    halvesGuard(intervals, (fromMicros, toMicros) => ((toMicros - fromMicros) * perSecond) / 1e6),
    { name: 'backlog', verdict, figure: growth, limit, sentence: `grew by ${growth}, at most ${limit}` },
  ];
}

function say(name, what, { runs, invalid, byGuard }) {
  const guards = Object.entries(byGuard).map(([guard, times]) => `${guard} ${times}`);
  const detail = guards.length === 0 ? '' : ` (${guards.join(', ')})`;
  process.stdout.write(`${name.padEnd(20)} ${what.padEnd(16)} ${invalid} of ${runs} invalid${detail}\n`);
}

process.stdout.write(
  `Guards that trip by chance: ${MADE_RUNS} runs in virtual time with the seeds ${SEED} to ${SEED + MADE_RUNS - 1}, ${MADE_RUNS} resampled windows with the seed ${SEED}\n`,
);
/** By scenario: its steps differ only in the transport, and virtual time has only one. */
const simulated = new Map();
for (const name of names) {
  const [scenario] = name.split('/');
  if (!simulated.has(scenario)) {
    const isKept = wanted > 0 && kept[name]?.simulated !== undefined;
    simulated.set(scenario, isKept ? kept[name].simulated : simulate(name));
    say(scenario, 'virtual time', simulated.get(scenario));
  }
  kept[name] = { ...kept[name], simulated: simulated.get(scenario), real: kept[name]?.real ?? [] };
  keep();
}
// Alternately, so that drift of the machine affects all scenarios.
for (let n = 1; n <= wanted; n++) {
  for (const name of names) {
    const { real } = kept[name];
    if (real.length >= n) continue;
    const run = realRun(name);
    real.push(run);
    keep();
    const outcome = run.isValid
      ? 'valid'
      : `not valid: ${run.failure ?? run.tripped[0]?.sentence ?? 'no guard tripped'}`;
    process.stderr.write(`${name}, run ${real.length} of ${wanted}: ${outcome}\n`);
  }
}
let isMet = true;
for (const name of names) {
  const { real } = kept[name];
  kept[name].resampled = resample(name, real);
  const parts = [kept[name].simulated, kept[name].resampled].filter((part) => part !== null);
  if (real.length > 0) say(name, 'real', count(real));
  if (kept[name].resampled !== null) say(name, 'resampled', kept[name].resampled);
  isMet &&= parts.every(({ runs, invalid }) => invalid <= INVALID_SHARE_MAX * runs);
  isMet &&= real.every(({ tripped }) => tripped.length === 0);
}
keep();
process.stdout.write(`At most ${INVALID_SHARE_MAX * 100} % invalid by chance ${isMet ? 'met' : 'NOT met'}.\n`);
process.exitCode = isMet ? 0 : 1;
