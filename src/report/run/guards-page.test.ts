import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GUARD_NAMES } from '../../result/guard-names.ts';
import { DRIVER_GUARD_LIMITS } from '../../verdict/guards/driver-guards.ts';
import { GUARD_DESCRIPTIONS, guardsPage } from './guards-page.ts';

describe('the page about guards', () => {
  const lines = guardsPage().split('\n');

  it('has one section per guard, in the order in which a run judges them', () => {
    const names = lines.filter((line) => line.startsWith('## ')).map((line) => line.slice(3));
    assert.deepEqual(names, [...GUARD_NAMES]);
    assert.deepEqual(Object.keys(GUARD_DESCRIPTIONS), [...GUARD_NAMES]);
  });

  it('states the limits that the code uses', () => {
    const section = lines.slice(lines.indexOf('## lane load'));
    assert.equal(section[3], `- **Limit:** ${DRIVER_GUARD_LIMITS.laneBusyShareMax * 100}.0 %`);
  });

  it('says of every guard what it measures, why it exists and what to do', () => {
    for (const [name, described] of Object.entries(GUARD_DESCRIPTIONS)) {
      for (const text of Object.values(described)) {
        assert.ok(text.length > 0, name);
        assert.doesNotMatch(text, /\n|\||undefined|NaN/, name);
      }
    }
  });
});
