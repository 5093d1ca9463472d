// Puts mistakes into the switch and its store on purpose, one at a time, and counts how many seeds a simulation needs
// to find each: the same mistakes and settings as in src/simulate/mutations.test.ts, and one so rare that it takes
// minutes.
//
//   npm run experiment:mutations             about ten minutes, stored in results/reference/mutations.json
//   npm run experiment:mutations -- torn     only mistakes whose name contains this; nothing is stored
import { MUTATIONS, RAREST_MUTATION } from '../dist/simulate/mutations.test-suite.js';
import { faultsOf, simulate } from '../dist/simulate/simulate.js';
import { smallSimulation } from '../dist/simulate/small-simulation.test-suite.js';
import { environment, fileOf, writeKept } from './kept-figures.mjs';

const SEEDS_MAX = 1000;
/** How often each mistake is looked for, from the seed after the last one that found it. */
const TRIALS = 5;

const [part = ''] = process.argv.slice(2);
const mutations = [...MUTATIONS, RAREST_MUTATION].filter(({ name }) => name.includes(part));
if (mutations.length === 0) {
  process.stderr.write(`Expected a part of the name of a mistake, found ${part}.\n`);
  process.exit(2);
}

/** The first seed from one on whose checks find a mistake, with the check; null if none of so many does. */
function findFrom(first, { begin, change, settings }) {
  const simulation = smallSimulation(settings);
  for (let seed = first; seed < first + SEEDS_MAX; seed++) {
    const undo = begin(seed);
    try {
      const { violations } = simulate(simulation, seed, faultsOf(simulation, seed), {}, change);
      if (violations.length > 0) return { seed, check: violations[0].check };
    } finally {
      undo();
    }
  }
  return null;
}

const found = mutations.map((mutation) => {
  const trials = mutation === RAREST_MUTATION ? 1 : TRIALS;
  const seeds = [];
  const checks = new Set();
  let next = 1;
  for (let n = 0; n < trials; n++) {
    const one = findFrom(next, mutation);
    if (one === null) break;
    seeds.push(one.seed - next + 1);
    checks.add(one.check);
    next = one.seed + 1;
  }
  const isFound = seeds.length === trials;
  const outcome = isFound ? `seeds ${seeds.join(', ')}: ${[...checks].join(', ')}` : `not in ${SEEDS_MAX} seeds`;
  process.stderr.write(`${mutation.name}: ${outcome}\n`);
  return { mistake: mutation.name, isFound, seeds, checks: [...checks] };
});
if (part === '') {
  writeKept('mutations', { seedsMax: SEEDS_MAX, mistakes: found, environment: environment() });
  process.stdout.write(`stored in ${fileOf('mutations')}\n`);
}
process.exitCode = found.every(({ isFound }) => isFound) ? 0 : 1;
