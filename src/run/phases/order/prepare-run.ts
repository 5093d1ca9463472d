/** Plans a run on this machine, or throws the reason why it would not fit. */

import { allocatableBytes } from '../../../measure/process-memory.ts';
import { preflight } from '../../../plan/preflight.ts';
import { checkMemory, planOn } from '../../../plan/run-plan.ts';
import type { PlanProblem } from '../../../plan/sockets/plan-check.ts';
import type { StepMark } from '../../../result/result-schema.ts';
import type { Scenario } from '../../../scenario/scenario.ts';
import { runId } from './run-id.ts';
import type { RunOrder } from './run-order.ts';
import { thisMachine } from './this-machine.ts';

export interface PreparedRun {
  readonly order: RunOrder;
  /** Problems for which the run is not refused. */
  readonly advice: readonly PlanProblem[];
}

/**
 * Plans a run with both sides on this machine in its present state.
 * @param file name of the scenario's file in the result.
 * @throws PLAN_EXCEEDS_MEMORY or PLAN_EXCEEDS_LIMIT if it does not fit.
 */
export function prepareRun(scenario: Scenario, file: string, step: StepMark | null): PreparedRun {
  const { plan, sockets } = planOn(scenario, thisMachine(), 'both');
  const advice = sockets === null ? [] : preflight(sockets);
  if (sockets === null) checkMemory(plan, allocatableBytes() ?? Number.POSITIVE_INFINITY);
  const startedAt = new Date();
  const id = runId(step === null ? scenario.name : `${scenario.name}-${step.name}`.replaceAll(' ', '-'), startedAt);
  return { order: { scenario, file, plan, id, startedAt, step, targets: null }, advice };
}
