// Measures how often the interval of a paired comparison contains the true ratio, on simulated runs.
//
//   npm run experiment:coverage      prints a table and stores it in results/reference/, about two minutes
//
// Runs follow the protocol: pairs AB, BA, AB, …, the first order random, so that both runs of a pair share the drift.
// The target is a coverage within 1.5 points of the stated confidence. Situations outside the protocol, or outside its
// only assumption (both sides are equally noisy), are shown without a target.
import { nextBelow, nextExponential, nextRandom, RANDOM_STATE_WORDS, seedRandom } from '../dist/base/pseudo-random.js';
import { median } from '../dist/stats/quantiles.js';
import { signedRankInterval } from '../dist/stats/signed-rank-test.js';
import { environment, writeKept } from './kept-figures.mjs';

const SEED = 1;
/** The standard error of a coverage of 95 % is then 0.2 points. */
const ROUNDS = 10_000;
const POINTS_MAX = 1.5;
const TRUE_LOG_RATIO = Math.log(1.05);
/** Noise of one run, as a share. */
const SPREAD = 0.03;
/** Numbers of pairs and confidences: 95 % for one metric, 99 % for five, 99.5 % for five at two looks. */
const ASKED = [
  [6, 0.95],
  [8, 0.95],
  [10, 0.95],
  [20, 0.95],
  [30, 0.95],
  [8, 0.99],
  [10, 0.99],
  [20, 0.99],
  [10, 0.995],
  [20, 0.995],
];

const random = new Int32Array(RANDOM_STATE_WORDS);
const uniform = () => ((nextRandom(random, 0) >>> 0) + 0.5) / 2 ** 32;
/** The Box–Muller transform, 1958. */
const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
/** Student's t with two degrees of freedom, which has no finite variance. */
const heavy = () => normal() / Math.sqrt(nextExponential(random, 0));

/**
 * Noise is added to the logarithm of a run's figure. Drift depends on the position of the run in the session, 0 to 1.
 */
const steady = () => 0;
const same = (noise) => ({ base: noise, candidate: noise });
const normalNoise = same(() => SPREAD * normal());
const SITUATIONS = [
  { name: 'normal', hasTarget: true, ...normalNoise, drift: steady },
  {
    name: 'skewed: a fast path and an exponential wait',
    hasTarget: true,
    ...same(() => Math.log(1 + 3 * SPREAD * nextExponential(random, 0))),
    drift: steady,
  },
  {
    name: 'heavy-tailed: t with 2 degrees of freedom',
    hasTarget: true,
    ...same(() => SPREAD * heavy()),
    drift: steady,
  },
  {
    name: 'one run in ten slower by half',
    hasTarget: true,
    ...same(() => SPREAD * normal() + (uniform() < 0.1 ? Math.log(1.5) : 0)),
    drift: steady,
  },
  { name: 'drifting by 10 % over the session', hasTarget: true, ...normalNoise, drift: (at) => Math.log1p(0.1 * at) },
  { name: 'drifting in waves of 5 %', hasTarget: true, ...normalNoise, drift: (at) => 0.05 * Math.sin(9 * at) },
  {
    name: 'a machine 20 % slower from the middle on',
    hasTarget: true,
    ...normalNoise,
    drift: (at) => (at < 0.5 ? 0 : Math.log(1.2)),
  },
  { name: 'drifting at random, 2 % a run', hasTarget: true, ...normalNoise, drift: steady, walk: 0.02 },
  {
    name: 'drifting by 50 %: too wide, on the safe side',
    hasTarget: false,
    ...normalNoise,
    drift: (at) => Math.log1p(0.5 * at),
  },
  {
    name: 'drifting by 50 %, always base first',
    hasTarget: false,
    ...normalNoise,
    drift: (at) => Math.log1p(0.5 * at),
    isFixedOrder: true,
  },
  {
    name: 'only the candidate skewed (exponential)',
    hasTarget: false,
    base: () => SPREAD * normal(),
    candidate: () => 3 * SPREAD * nextExponential(random, 0),
    drift: steady,
  },
];

/** Logarithms of the ratios of one comparison. */
function comparison(situation, pairs) {
  const isCandidateFirst = nextBelow(random, 0, 2);
  let level = 0;
  return Array.from({ length: pairs }, (_, pair) => {
    const noise = [situation.base(), situation.candidate()];
    const flipped = situation.isFixedOrder ? 0 : (pair + isCandidateFirst) % 2;
    for (const place of [0, 1]) {
      level += (situation.walk ?? 0) * normal();
      const side = place ^ flipped;
      noise[side] += level + situation.drift((2 * pair + place) / (2 * pairs - 1));
    }
    return TRUE_LOG_RATIO + noise[1] - noise[0];
  });
}

/** The median that the interval is about, if the noise of the sides differs: of averages of two differences. */
function trueMiddle(situation) {
  if (situation.base === situation.candidate) return TRUE_LOG_RATIO;
  const one = () => TRUE_LOG_RATIO + situation.candidate() - situation.base();
  return median(Array.from({ length: 400_000 }, () => (one() + one()) / 2));
}

function coverage(situation, pairs, asked) {
  const middle = trueMiddle(situation);
  let held = 0;
  const widths = [];
  let nominal = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const interval = signedRankInterval(comparison(situation, pairs), asked);
    if (interval.isRefused) throw new Error(interval.sentence);
    if (interval.low <= middle && middle <= interval.high) held++;
    widths.push(Math.expm1(interval.high - interval.low));
    nominal = interval.confidence;
  }
  return {
    pairs,
    asked,
    nominal,
    held: held / ROUNDS,
    offPoints: (held / ROUNDS - nominal) * 100,
    medianWidthShare: median(widths),
  };
}

const rows = SITUATIONS.flatMap((situation, i) =>
  ASKED.map(([pairs, asked], j) => {
    seedRandom(random, 0, SEED, i * ASKED.length + j);
    return { situation: situation.name, hasTarget: situation.hasTarget, ...coverage(situation, pairs, asked) };
  }),
);

const percent = (share) => (share * 100).toFixed(2).padStart(9);
process.stdout.write(`Coverage of the signed-rank interval, ${ROUNDS} comparisons per row, seed ${SEED}\n`);
process.stdout.write(`${'situation'.padEnd(48)} pairs  nominal %   held %  off points  width %\n`);
for (const row of rows) {
  const isOff = row.hasTarget && Math.abs(row.offPoints) > POINTS_MAX;
  const off = row.offPoints.toFixed(2).padStart(10);
  const mark = isOff ? '  OFF TARGET' : row.hasTarget ? '' : '  no target';
  process.stdout.write(
    `${row.situation.padEnd(48)} ${String(row.pairs).padStart(5)}  ${percent(row.nominal)}${percent(row.held)}  ${off}${percent(row.medianWidthShare)}${mark}\n`,
  );
}
const targeted = rows.filter((row) => row.hasTarget);
const worstOffPoints = Math.max(...targeted.map((row) => Math.abs(row.offPoints)));
const isMet = worstOffPoints <= POINTS_MAX;
process.stdout.write(
  `Worst of ${targeted.length} with a target: ${worstOffPoints.toFixed(2)} points off; at most ${POINTS_MAX} ${isMet ? 'met' : 'NOT met'}\n`,
);
const tidy = (value) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value);
const found = { seed: SEED, rounds: ROUNDS, pointsMax: POINTS_MAX, worstOffPoints, isMet, rows };
const tidied = JSON.parse(JSON.stringify(found, (_, value) => tidy(value)));
writeKept('interval-coverage', { environment: environment(), ...tidied });
process.exitCode = isMet ? 0 : 1;
