/** A real run that is small enough for a test: two shards, two lanes and a few hundred phones. */
import { setTimeout as pause } from 'node:timers/promises';
import { planOn, type RunPlan } from '../../plan/run-plan.ts';
import { parseScenario, type Scenario } from '../../scenario/scenario.ts';
import { thisMachine } from '../phases/order/this-machine.ts';
import type { RunSides } from './run-sides.ts';

const SCENARIO = `
name: small
description: Some hundred phones on two shards
seed: 7
phones: { count: 300, offline: 0, heartbeat: none, session: none }
login: { rate: 10k }
traffic: { rate: 2k, payload: 64B }
switch: { shards: 2, mailbox: { blocks: 64k } }
driver: { lanes: 2 }
phases: { calibration: 200ms, bin: 100ms, settle: 2s, measure: 1s, drain: 20s }
`;

/** @param settings `a.b=c` each, on top of those of the scenario. */
export function smallScenario(...settings: string[]): Scenario {
  return parseScenario(SCENARIO, 'small.yaml', settings);
}

export function smallPlan(...settings: string[]): RunPlan {
  return planOn(smallScenario(...settings), thisMachine(), 'both').plan;
}

/** Lets all phones log in, and waits until they are online. */
export async function logIn(sides: RunSides): Promise<void> {
  const { online } = sides.plan;
  await sides.lanes({ kind: 'openLogins', phones: online, before: 0, startMicros: sides.clock.nowMicros() });
  await eventually(() => sides.driver('held') === online);
}

/** Waits without a time limit, because each test file has one. */
export async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(10);
}
