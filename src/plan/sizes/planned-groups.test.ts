/** Groups in the plan of a run: behind all other accounts, and with tables that hold what the scenario asks for. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseScenario } from '../../scenario/scenario.ts';
import { NumberingPlan } from '../../wire/numbering-plan.ts';
import { plannedBytes, planRun } from '../run-plan.ts';
import { groupBytes, groupSettings } from './planned-groups.ts';

const BASE = `name: grouped
description: A scenario for tests
phones: {count: 1000, offline: 10%, heartbeat: none, session: none}
login: {rate: 1k}
traffic: {rate: 100, payload: 64B}
`;
const plan = (...settings: string[]) => planRun(parseScenario(BASE, 'x.yaml', settings));

describe('the plan of a run with groups', () => {
  it('gives groups numbers of their own behind phones and businesses, which keep theirs', () => {
    const settings = ['groups={count: 30, lists: {count: 20}}', 'http.port=0', 'http.accounts=8'];
    const made = plan(...settings, 'numbering=[{first: 5000, count: 600}, {first: 100, count: 500}]');
    const { groups, http } = made;
    assert.ok(groups !== null && http !== null);
    assert.equal(http.firstBusiness, 1100);
    assert.equal(groups.firstAccount, 1108);
    const numbering = new NumberingPlan(made.numbering);
    assert.equal(numbering.size, 1100 + 8 + 50);
    assert.equal(numbering.numberOf(0), 100);
    assert.equal(numbering.numberOf(groups.firstAccount), 5608);
    assert.equal(numbering.indexOf(5608 + 49), numbering.size - 1);
  });

  it('draws members from phones that connect, or from all', () => {
    assert.equal(plan('groups.count=30').groups?.phones, 900);
    assert.equal(plan('groups={count: 30, members: all}').groups?.phones, 1000);
  });

  it('takes nothing without groups', () => {
    const made = plan();
    assert.equal(made.groups, null);
    assert.equal(groupBytes(made.settings.groups, 2, 2), 0);
    assert.equal(made.memory.find(({ what }) => what === 'groups')?.bytes ?? 0, 0);
  });

  it('takes more memory for more and larger groups, and tables for all who may change', () => {
    const few = plannedBytes(plan('groups={count: 30, size: 50}'));
    const more = plannedBytes(plan('groups={count: 3000, size: 50}'));
    assert.ok(more - few >= 2970 * 50 * 4, 'a word per membership at least');
    const { groups } = plan('groups={count: 3000, size: 50}');
    assert.ok(groups !== null);
    for (const shards of [1, 2, 7]) {
      const { changesMax, plan: members } = groupSettings(groups, shards);
      assert.ok(changesMax * shards >= 4096 * 4, `${shards} shards`);
      assert.equal(members.count, 3000);
    }
  });
});
