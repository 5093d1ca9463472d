/** Mistakes that are put in on purpose are found, and within how many seeds. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { triedCases } from '../base/tried-cases.test-suite.ts';
import { MUTATIONS, type Mutation } from './mutations.test-suite.ts';
import { faultsOf, type SimulationOutcome, simulate } from './simulate.ts';
import { smallSimulation } from './small-simulation.test-suite.ts';

const SEEDS_MAX = 100;
const TRIED = triedCases(MUTATIONS.length, 6);

/** The first seed, from 1 on, whose checks find the mistake. */
function firstFound({ begin, change, settings }: Mutation): SimulationOutcome | undefined {
  const simulation = smallSimulation(settings);
  for (let seed = 1; seed <= SEEDS_MAX; seed++) {
    const undo = begin(seed);
    try {
      const outcome = simulate(simulation, seed, faultsOf(simulation, seed), {}, change);
      if (outcome.violations.length > 0) return outcome;
    } finally {
      undo();
    }
  }
  return undefined;
}

describe(`a simulation finds ${TRIED} mistakes: that`, () => {
  for (const mutation of MUTATIONS.slice(0, TRIED)) {
    it(mutation.name, (t) => {
      const found = firstFound(mutation);
      assert.ok(found !== undefined, `not in ${SEEDS_MAX} seeds`);
      const [violation] = found.violations;
      t.diagnostic(`seed ${found.seed}: ${violation?.check}: ${violation?.text}`);
    });
  }

  it('nothing is wrong where nothing was changed', () => {
    const simulation = smallSimulation();
    for (let seed = 1; seed <= 5; seed++)
      assert.deepEqual(simulate(simulation, seed, faultsOf(simulation, seed)).violations, [], `seed ${seed}`);
  });
});
