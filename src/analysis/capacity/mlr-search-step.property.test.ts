import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { nextExponential, nextRandom, RANDOM_STATE_WORDS, seedRandom } from '../../base/pseudo-random.ts';
import {
  CAPACITY_GOAL,
  classifyLoad,
  INVALID_TRIALS_MAX,
  mlrSearchStep,
  type SearchBounds,
  type SearchRange,
  type SearchTrial,
} from './mlr-search-step.ts';

const TRIALS_MAX = 400;

/** Searches a simulated system to the end. */
function search(
  range: SearchRange,
  measure: (load: number) => Omit<SearchTrial, 'load'>,
): { bounds: SearchBounds; trials: SearchTrial[] } {
  const trials: SearchTrial[] = [];
  while (trials.length < TRIALS_MAX) {
    const step = mlrSearchStep(trials, range);
    if (step.kind === 'done') return { bounds: step.bounds, trials };
    assert.ok(
      Number.isInteger(step.load) && step.load >= range.lowestLoad && step.load <= range.highestLoad,
      `${step.load}`,
    );
    trials.push({ load: step.load, ...measure(step.load) });
  }
  return assert.fail(`no end within ${TRIALS_MAX} trials`);
}

function randomSource(seed: number): { uniform: () => number; noise: () => number } {
  const random = new Int32Array(RANDOM_STATE_WORDS);
  seedRandom(random, 0, seed, 5);
  const uniform = (): number => ((nextRandom(random, 0) >>> 0) + 0.5) / 2 ** 32;
  return { uniform, noise: () => nextExponential(random, 0) - nextExponential(random, 0) };
}

const limits = fc.integer({ min: 200, max: 3_000_000 });
const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });

describe('the search', () => {
  it('ends with bounds that hold the limit of a system without noise, 2 % apart', () => {
    fc.assert(
      fc.property(limits, fc.double({ min: 0.01, max: 50, noNaN: true }), (limit, first) => {
        const range = { lowestLoad: 50, highestLoad: 20e6, firstLoad: limit * first };
        const { bounds, trials } = search(range, (load) => ({ isGood: load <= limit, isValid: true }));
        const { lowerLoad, upperLoad } = bounds;
        assert.ok(lowerLoad !== null && upperLoad !== null);
        assert.ok(lowerLoad <= limit && limit < upperLoad, `${lowerLoad} ${limit} ${upperLoad}`);
        assert.ok(upperLoad / lowerLoad <= 1.02 || upperLoad - lowerLoad === 1);
        assert.ok(trials.length <= 45, `${trials.length} trials`);
      }),
    );
  });

  it('finds a limit that each trial sees with 1 % of noise, nearly always within 3 %', () => {
    const offShares: number[] = [];
    for (let seed = 0; seed < 400; seed++) {
      const { noise } = randomSource(seed);
      const limit = 40_000 + 37 * seed;
      const { bounds } = search({ lowestLoad: 1000, highestLoad: 500_000 }, (load) => ({
        isGood: load <= limit * Math.exp(0.01 * noise()),
        isValid: true,
      }));
      offShares.push(Math.abs((bounds.lowerLoad ?? 0) / limit - 1));
    }
    offShares.sort((a, b) => a - b);
    const within = (share: number): number => offShares.filter((off) => off <= share).length / offShares.length;
    assert.ok((offShares[200] ?? 1) < 0.011, `median ${offShares[200]}`);
    assert.ok(within(0.03) >= 0.97, `${within(0.03)} within 3 %`);
  });

  it('comes to an end, with bounds in order, whatever trials say', () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: 0, max: 1, noNaN: true }), (seed, chance) => {
        const { uniform } = randomSource(seed);
        const { bounds } = search({ lowestLoad: 10, highestLoad: 100_000 }, () => ({
          isGood: uniform() < chance,
          isValid: uniform() < 0.8,
        }));
        const ceiling = bounds.unmeasurableLoad ?? bounds.upperLoad;
        if (bounds.lowerLoad !== null && ceiling !== null) assert.ok(bounds.lowerLoad < ceiling);
      }),
    );
  });

  it('has no upper bound where the highest load still meets the goal, and no lower one where none does', () => {
    const range = { lowestLoad: 100, highestLoad: 7777 };
    const high = search(range, () => ({ isGood: true, isValid: true })).bounds;
    assert.deepEqual(high, { lowerLoad: 7777, upperLoad: null, unmeasurableLoad: null });
    const low = search(range, () => ({ isGood: false, isValid: true })).bounds;
    assert.deepEqual(low, { lowerLoad: null, upperLoad: 100, unmeasurableLoad: null });
  });

  it('never counts an invalid trial', () => {
    const limit = 5000;
    const { uniform } = randomSource(7);
    const { bounds } = search({ lowestLoad: 100, highestLoad: 100_000 }, (load) => {
      const isValid = uniform() < 0.7;
      return { isValid, isGood: isValid ? load <= limit : load > limit };
    });
    assert.ok((bounds.lowerLoad ?? 0) <= limit && (bounds.upperLoad ?? 0) > limit, JSON.stringify(bounds));
  });

  it('stops below loads that cannot be measured, and says which', () => {
    const { bounds } = search({ lowestLoad: 100, highestLoad: 100_000 }, (load) => ({
      isGood: true,
      isValid: load < 9000,
    }));
    assert.equal(bounds.upperLoad, null);
    assert.ok((bounds.unmeasurableLoad ?? 0) >= 9000);
    assert.ok((bounds.lowerLoad ?? 0) < 9000 && (bounds.unmeasurableLoad ?? 0) / (bounds.lowerLoad ?? 1) <= 1.02);
  });

  it('tries a load below the limit before those above it, once both were seen', () => {
    const trials: SearchTrial[] = [
      { load: 1000, isGood: true, isValid: true },
      { load: 1030, isGood: false, isValid: true },
    ];
    assert.deepEqual(mlrSearchStep(trials, { lowestLoad: 100, highestLoad: 9000 }), { kind: 'trial', load: 1000 });
  });
});

describe('the class of a load', () => {
  const of = (word: string): SearchTrial[] =>
    [...word].map((letter) => ({ load: 1, isGood: letter === 'g', isValid: letter !== 'i' }));
  for (const [word, expected] of [
    ['', 'undecided'],
    ['gg', 'undecided'],
    ['ggg', 'lower'],
    ['bb', 'undecided'],
    ['bbb', 'upper'],
    ['gbgb', 'undecided'],
    ['gbgbg', 'lower'],
    ['gbgbb', 'upper'],
    ['gg'.padEnd(2 + INVALID_TRIALS_MAX, 'i'), 'undecided'],
  ] as const) {
    it(`is ${expected} after "${word}" of 15 s in trials of 3 s`, () => {
      assert.equal(classifyLoad(of(word), 1, CAPACITY_GOAL), expected);
    });
  }
});
