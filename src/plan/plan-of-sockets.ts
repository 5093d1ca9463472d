/**
 * The socket plan of a run that has one. Apart from run-plan, which brings the schema of scenarios
 * along: hundreds of threads may load this file, and each would have all of that on its heap.
 */
import { assert } from '../base/assert.ts';
import type { RunPlan, RunSocketPlan } from './run-plan.ts';

export function socketPlan(plan: RunPlan): RunSocketPlan {
  assert(plan.sockets !== null, 'a run over sockets has a plan for them');
  return plan.sockets;
}
