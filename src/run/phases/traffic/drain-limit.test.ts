import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { scriptedPlan } from '../../sides/scripted-sides.test-suite.ts';
import { drainLimit } from './drain-limit.ts';

const LEAVING = ['phones.session=10s', 'phones.away=120s'];
const limitOf = (isComplete: boolean, ...settings: string[]) =>
  drainLimit(scriptedPlan('phases.drain=20s', ...settings).settings, isComplete);

describe('the time limit of a drain', () => {
  it('is that of the scenario where all phones stay', () => {
    assert.deepEqual(limitOf(true), { micros: 20e6, text: 'until no message is in flight, up to 20.0 s' });
  });

  it('is longer by the time for which phones may be away, and says so', () => {
    assert.deepEqual(limitOf(true, ...LEAVING), {
      micros: 140e6,
      text: 'until no message is in flight, up to 140 s: phases.drain, and 120 s for which phones may be away',
    });
  });

  it('is longer where phones of platforms are away for longer than the scenario says, as in trials at a share of all rates', () => {
    const platforms = 'platforms=[{name: A, share: 100%, heartbeat: none, session: 1m, away: 30s}]';
    const { settings } = scriptedPlan('phases.drain=20s', platforms);
    assert.equal(drainLimit(settings, true, 4).micros, 140e6);
    const { settings: without } = scriptedPlan('phases.drain=20s', ...LEAVING);
    assert.equal(drainLimit(without, true, 4).micros, 140e6, 'without platforms they are away as the scenario says');
  });

  it('is short after a run that ended early, whoever is away', () => {
    assert.deepEqual(limitOf(false, ...LEAVING), {
      micros: 5e6,
      text: 'until no message is in flight, up to 5.00 s, since the run has ended early',
    });
  });
});
