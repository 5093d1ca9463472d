import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CapacityTrial } from '../../../analysis/capacity/capacity-schema.ts';
import { CAPACITY_GOAL, mlrSearchStep } from '../../../analysis/capacity/mlr-search-step.ts';
import { capacityGoal, searchDuration } from './capacity-goal.ts';

const DEFAULTS = { trial: '3s', sum: undefined, width: undefined };

describe('the goal of a search for capacity', () => {
  it('is five trials at a load and 2 %, unless options say otherwise', () => {
    assert.deepEqual(capacityGoal(DEFAULTS), CAPACITY_GOAL);
    assert.equal(capacityGoal({ ...DEFAULTS, trial: '10s' }).durationSumSeconds, 50);
    const { trialSeconds, durationSumSeconds, widthShare } = capacityGoal({ trial: '10s', sum: '30s', width: '5%' });
    assert.deepEqual([trialSeconds, durationSumSeconds, widthShare], [10, 30, 0.05]);
  });

  it('ends a search over a factor of ten in at most nine trials with one trial per load and 5 %', () => {
    const goal = capacityGoal({ trial: '10s', sum: '10s', width: '5%' });
    for (const capacity of [101, 250, 404, 777, 999]) {
      const trials: Pick<CapacityTrial, 'load' | 'isGood' | 'isValid'>[] = [];
      const range = { lowestLoad: 100, highestLoad: 1000, firstLoad: 1000 };
      for (
        let step = mlrSearchStep(trials, range, goal);
        step.kind === 'trial';
        step = mlrSearchStep(trials, range, goal)
      ) {
        trials.push({ load: step.load, isGood: step.load <= capacity, isValid: true });
      }
      assert.ok(trials.length <= 9, `${trials.length} trials for ${capacity}`);
    }
  });

  it('refuses what cannot be meant, and says which option', () => {
    const refused = (options: Partial<Parameters<typeof capacityGoal>[0]>, message: RegExp): void => {
      assert.throws(() => capacityGoal({ ...DEFAULTS, ...options }), { code: 'ARGUMENT_INVALID', message });
    };
    refused({ trial: '0' }, /^--trial: expected at least 500ms/);
    refused({ sum: 'long' }, /^--sum: expected at least 500ms/);
    refused({ trial: '10s', sum: '5s' }, /^--sum 5s: expected at least the length of a trial, 10 s/);
    for (const width of ['0', '-1%', '60%', 'narrow', '']) refused({ width }, /^--width: expected above 0 %/);
  });

  it('allows no confirming run, but no trial of no length', () => {
    assert.equal(searchDuration('--confirm', '0'), 0);
    assert.equal(searchDuration('--confirm', '60s'), 60e6);
    assert.throws(() => searchDuration('--confirm', '100ms'), { code: 'ARGUMENT_INVALID' });
  });
});
