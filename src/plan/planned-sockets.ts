/**
 * The socket plan of a run that has one. It is separate from run-plan, which imports the schema of scenarios: hundreds
 * of threads may load this file, each into its own heap.
 */
import { assert } from '../base/assert.ts';
import type { RunPlan, RunSocketPlan } from './run-plan.ts';

export function plannedSockets(plan: RunPlan): RunSocketPlan {
  assert(plan.sockets !== null, 'a run over sockets has a plan for them');
  return plan.sockets;
}
