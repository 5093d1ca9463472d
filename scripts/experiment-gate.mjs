// Measures how often the project's own gate (gates/self.yaml) fails an identical candidate, and how often it detects a
// worse one.
//
//   npm run experiment:gate                     40 real runs (stored runs count), then 200 gates of each kind
//   npm run experiment:gate -- --max 20         at most this number of new runs
//   npm run experiment:gate -- --fresh          delete the stored runs first
//
// All runs are of the same build, so all differences between them are noise. Runs that are adjacent in time form pairs,
// as in a gate. A resampled gate draws its pairs, and which run of each is the candidate. A regression is applied to
// the figures of the candidates. Gates share runs, so their number determines the resolution of a rate but not its
// precision: the interval of the rate (Wilson, 1927) is too narrow.
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { evaluateGate } from '../dist/analysis/gate/evaluate-gate.js';
import { nextBelow, RANDOM_STATE_WORDS, seedRandom } from '../dist/base/pseudo-random.js';
import { median } from '../dist/stats/quantiles.js';
import { gateRules, gateRun } from './gate-runs.mjs';
import { fileOf, readKept, writeKept } from './kept-figures.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const RULES = gateRules(root);
const KEPT_RUNS = 'gate-runs';
const RUNS = 40;
const GATES = 200;
const SEED = 1;
const FALSE_ALARM_MAX = 0.01;
const DETECTION_MIN = 0.95;
const MINUTES_MAX = 5;

const { values: options } = parseArgs({
  options: { max: { type: 'string' }, fresh: { type: 'boolean', default: false } },
});
if (options.fresh) rmSync(fileOf(KEPT_RUNS), { force: true });

function collect() {
  const kept = readKept(KEPT_RUNS, { runs: [] });
  const until = Math.min(RUNS, kept.runs.length + Number(options.max ?? RUNS));
  while (kept.runs.length < until) {
    const start = performance.now();
    const result = gateRun(root);
    kept.runs.push({ seconds: Number(((performance.now() - start) / 1000).toFixed(2)), result });
    writeKept(KEPT_RUNS, kept, null);
    const cpu = result.cpu.switchMicrosPerMessage?.toFixed(2) ?? '–';
    process.stderr.write(
      `run ${kept.runs.length} of ${RUNS}: ${cpu} µs per message, ${result.validity.isValid ? 'valid' : 'not valid'}\n`,
    );
  }
  return kept.runs;
}

/**
 * Copies of a result with a worse candidate's figures, and the relative rules of which one must fail; null: any rule.
 */
const REGRESSIONS = [
  { name: 'the same', rules: null, worsen: (result) => result },
  {
    name: '10 % more processor time per message',
    rules: ['cpu.switchToDriverRatio', 'cpu.switchMicrosPerMessage'],
    worsen: (result) => ({
      ...result,
      cpu: { ...result.cpu, switchMicrosPerMessage: result.cpu.switchMicrosPerMessage * 1.1 },
    }),
  },
  {
    name: '5 % more bytes per connection',
    rules: ['memory.switch.bytesPerConnection'],
    worsen: (result) => {
      const { ledger } = result.memory.switch;
      const worse = { ...ledger, bytesPerConnection: ledger.bytesPerConnection * 1.05 };
      return { ...result, memory: { ...result.memory, switch: { ...result.memory.switch, ledger: worse } } };
    },
  },
];

const random = new Int32Array(RANDOM_STATE_WORDS);

/** Draws pairs of adjacent runs without replacement, in the order in which they ran. */
function drawPairs(neighbours, count, worsen) {
  const left = neighbours.map((_, i) => i);
  const drawn = Array.from({ length: count }, () => left.splice(nextBelow(random, 0, left.length), 1)[0]);
  return drawn
    .sort((a, b) => a - b)
    .map((i) => {
      const [one, other] = neighbours[i];
      const isFlipped = nextBelow(random, 0, 2) === 1;
      return isFlipped ? { base: other, candidate: worsen(one) } : { base: one, candidate: worsen(other) };
    });
}

function gateOnce(neighbours, worsen) {
  const [first, second] = RULES.looks;
  const pairs = drawPairs(neighbours, first, worsen);
  const outcome = evaluateGate(RULES, { pairs });
  if (outcome.nextLookPairs === null) return { outcome, pairs: first };
  const rest = neighbours.filter(([one, other]) => !pairs.some(({ base }) => base === one || base === other));
  const more = drawPairs(rest, second - first, worsen);
  return { outcome: evaluateGate(RULES, { pairs: [...pairs, ...more] }), pairs: second };
}

/** Whether the gate failed because of a rule that must fail. */
function isFound({ outcome }, metrics) {
  return outcome.rules.some(
    (rule) =>
      rule.outcome === 'failed' && (metrics === null || (rule.kind === 'relative' && metrics.includes(rule.metric))),
  );
}

/** Wilson's interval of a rate, 95 %. */
function wilson(hits, count) {
  const z = 1.96;
  const rate = hits / count;
  const middle = (rate + (z * z) / (2 * count)) / (1 + (z * z) / count);
  const half = (z / (1 + (z * z) / count)) * Math.sqrt((rate * (1 - rate)) / count + (z * z) / (4 * count * count));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

function rate({ name, worsen, rules }, neighbours, secondsPerRun, index) {
  seedRandom(random, 0, SEED, index);
  const gates = Array.from({ length: GATES }, () => gateOnce(neighbours, worsen));
  const count = (wanted) => gates.filter(({ outcome }) => outcome.outcome === wanted).length;
  const failed = gates.filter((gate) => isFound(gate, rules)).length;
  const minutes = gates.map(({ pairs }) => (2 * pairs * secondsPerRun) / 60);
  return {
    candidate: name,
    byRules: rules,
    gates: GATES,
    failed,
    failedRate: failed / GATES,
    interval: wilson(failed, GATES),
    passed: count('passed'),
    inconclusive: count('inconclusive'),
    invalid: count('invalid'),
    medianMinutes: median(minutes),
    longestMinutes: Math.max(...minutes),
  };
}

const runs = collect();
if (runs.length < RUNS) {
  process.stdout.write(`${runs.length} of ${RUNS} runs are stored; the same command continues.\n`);
  process.exit(0);
}
const results = runs.map(({ result }) => result);
const neighbours = Array.from({ length: RUNS / 2 }, (_, i) => [results[2 * i], results[2 * i + 1]]);
const secondsPerRun = median(runs.map(({ seconds }) => seconds));
const rates = REGRESSIONS.map((regression, i) => rate(regression, neighbours, secondsPerRun, i));
const [same, ...worse] = rates;
const isMet =
  same.failedRate <= FALSE_ALARM_MAX &&
  worse.every(({ failedRate }) => failedRate >= DETECTION_MIN) &&
  rates.every(({ longestMinutes }) => longestMinutes <= MINUTES_MAX);

const percent = (share) => `${(share * 100).toFixed(1)} %`;
const valid = results.filter(({ validity }) => validity.isValid).length;
process.stdout.write(
  `${RUNS} runs (${valid} valid) of ${secondsPerRun.toFixed(1)} s on ${results[0].environment.machineClass}; ${GATES} gates per row, looks at ${RULES.looks.join(' and ')} pairs, seed ${SEED}\n`,
);
for (const row of rates) {
  process.stdout.write(
    `${row.candidate.padEnd(36)} failed ${percent(row.failedRate).padStart(7)} (${row.interval.map(percent).join(' to ')}), passed ${row.passed}, inconclusive ${row.inconclusive}, invalid ${row.invalid}; ${row.medianMinutes.toFixed(1)} min, at most ${row.longestMinutes.toFixed(1)}\n`,
  );
}
process.stdout.write(
  `False alarms at most ${percent(FALSE_ALARM_MAX)}, detected at least ${percent(DETECTION_MIN)}, at most ${MINUTES_MAX} min: ${isMet ? 'met' : 'NOT met'}\n`,
);
const { environment } = results[0];
writeKept('gate-rates', { seed: SEED, runs: RUNS, valid, secondsPerRun, environment, isMet, rates });
process.exitCode = isMet ? 0 : 1;
