/**
 * What is concluded from a search, whatever its trials say: no capacity without evidence, and none above what broke.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { CapacityTrial, ConfirmingRun } from './capacity-schema.ts';
import { type CapacityOrder, concludeCapacity } from './conclude-capacity.ts';
import { CAPACITY_GOAL, classifyLoad } from './mlr-search-step.ts';

const ORDER: CapacityOrder = {
  over: 'messages',
  ownLoad: 100_000,
  scenario: 'made',
  transport: 'tcp',
  isSimulated: false,
  machineClass: 'made',
  limits: ['latency.delivery p(99)<20ms'],
  range: { lowestLoad: 100, highestLoad: 10_000 },
  rangeEnd: 'the driver',
  goal: CAPACITY_GOAL,
  published: [],
  command: null,
};
const LIMITS = ['latency.delivery p(99)<20ms', 'integrity.lost value==0'];

const trial = fc
  .record({
    load: fc.constantFrom(1000, 1010, 1020, 1500, 3000),
    isValid: fc.boolean(),
    broken: fc.subarray(LIMITS),
    carriedLoad: fc.option(fc.integer({ min: 900, max: 3000 })),
  })
  .map(
    ({ load, isValid, broken, carriedLoad }): CapacityTrial => ({
      load,
      isValid,
      isGood: broken.length === 0,
      carriedLoad,
      broken: broken.map((limit) => ({ limit, figure: null, sentence: `${limit}: broken` })),
      figures: {},
      invalidReason: isValid ? null : 'processor steal',
      loginsPerSecond: null,
      deliveriesPerSecond: null,
      noticesPerSecond: null,
      deliveryP50Micros: null,
      deliveryP99Micros: null,
      switchMicrosPerMessage: null,
      switchBusyShare: null,
      driverBusyShare: null,
    }),
  );
const trials = fc.array(trial, { maxLength: 40, size: 'max' });
const confirmations = fc.array(
  trial.map((one): ConfirmingRun => ({ resultId: 'r', seconds: 60, trial: one })),
  { maxLength: 2 },
);

describe('the conclusion of a search', () => {
  it('is confirmed only by a valid run that met every limit, between bounds that are close', () => {
    fc.assert(
      fc.property(trials, confirmations, (some, runs) => {
        const { verdict, bounds, isRegular, confirmedLoad, sentence } = concludeCapacity(ORDER, some, runs);
        const borne = runs.filter((run) => run.trial.isValid && run.trial.isGood);
        assert.equal(confirmedLoad, borne[0]?.trial.load ?? null);
        if (verdict === 'confirmed') {
          assert.ok(isRegular && borne.length > 0);
          assert.ok((bounds.upperLoad ?? 0) / (bounds.lowerLoad ?? 1) <= 1 + CAPACITY_GOAL.widthShare);
        }
        assert.equal(/, confirmed for/.test(sentence), verdict === 'confirmed');
        assert.equal(/NOT CONFIRMED/.test(sentence), verdict === 'unconfirmed');
      }),
    );
  });

  it('has bounds that trials bear out: every lower one met its goal, and lies below what did not', () => {
    fc.assert(
      fc.property(trials, (some) => {
        const { bounds, verdict, carriedLoad } = concludeCapacity(ORDER, some, []);
        const { lowerLoad, upperLoad } = bounds;
        if (lowerLoad !== null) assert.equal(classifyLoad(some, lowerLoad, CAPACITY_GOAL), 'lower');
        if (upperLoad !== null) assert.equal(classifyLoad(some, upperLoad, CAPACITY_GOAL), 'upper');
        if (lowerLoad !== null && upperLoad !== null) assert.ok(lowerLoad < upperLoad);
        assert.equal(verdict === 'none' || verdict === 'unknown', lowerLoad === null);
        if (some.every(({ isValid }) => !isValid)) assert.equal(verdict, 'unknown', 'an invalid trial is no evidence');
        const carried = some
          .filter((one) => one.load === lowerLoad && one.isValid && one.isGood)
          .flatMap((one) => one.carriedLoad ?? []);
        if (carriedLoad === null) assert.deepEqual(carried, []);
        else assert.ok(carriedLoad >= Math.min(...carried) && carriedLoad <= Math.max(...carried));
      }),
    );
  });

  it('names each limit that broke at the upper bound once, the most frequent first', () => {
    fc.assert(
      fc.property(trials, (some) => {
        const { limitedBy, bounds } = concludeCapacity(ORDER, some, []);
        const there = some.filter((one) => one.load === bounds.upperLoad && one.isValid);
        const times = (limit: string): number =>
          there.filter((one) => one.broken.some((each) => each.limit === limit)).length;
        assert.deepEqual(limitedBy.map(({ limit }) => limit).sort(), LIMITS.filter((limit) => times(limit) > 0).sort());
        limitedBy.forEach((one, i) => {
          assert.equal(one.trials, times(one.limit));
          assert.ok(i === 0 || one.trials <= (limitedBy[i - 1]?.trials ?? 0));
        });
      }),
    );
  });

  it('does not depend on the order of the trials', () => {
    fc.assert(
      fc.property(trials, (some) => {
        const one = concludeCapacity(ORDER, some, []);
        const other = concludeCapacity(ORDER, [...some].reverse(), []);
        assert.deepEqual([other.bounds, other.verdict, other.carriedLoad], [one.bounds, one.verdict, one.carriedLoad]);
      }),
    );
  });
});
