/** Runs for which a store is refused: it would not be used, or phones could not know who is in their groups. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planOn, type RunPlan } from '../../plan/run-plan.ts';
import { thisMachine } from '../../run/phases/order/this-machine.ts';
import { parseScenario } from '../../scenario/scenario.ts';
import { checkMembersKnown, checkStored } from './check-stored.ts';

const TEXT = `
name: one
description: one
phones: {count: 1000, offline: 0%, heartbeat: none, session: none}
login: {rate: 100}
traffic: {rate: 100, payload: 64B}
groups: {count: 20, size: 10, sizeMax: 30, share: 40%}
switch: {durability: fsync}
`;
const planOf = (...settings: string[]): RunPlan =>
  planOn(parseScenario(TEXT, 'one.yaml', settings), thisMachine(), 'both').plan;

describe('a run with a store that the user names', () => {
  it('is refused if phones join or leave groups, and told what to do', () => {
    for (const key of ['joins', 'leaves']) {
      assert.throws(() => checkMembersKnown('mail', planOf(`groups.${key}=1/s`)), {
        code: 'ARGUMENT_INVALID',
        message:
          /--store mail: .*found groups\.joins or groups\.leaves above 0.*--set groups\.joins=0\/s --set groups\.leaves=0\/s/,
      });
    }
  });

  it('may have groups whose members stay', () => {
    checkMembersKnown('mail', planOf());
    checkMembersKnown('mail', planOf('groups.joins=0/s', 'groups.leaves=0/s'));
  });

  it('is refused if it keeps messages in memory only', () => {
    checkStored('mail', planOf());
    assert.throws(() => checkStored('mail', planOf('switch.durability=none')), {
      code: 'ARGUMENT_INVALID',
      message: /--store mail: expected switch\.durability to be async or fsync, found none/,
    });
  });
});
