/** The sides of a run: a process each over sockets, otherwise threads of this process. */
import { currentEpochNanos } from '../../measure/monotonic-clock.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import type { SwitchTarget } from '../worker/thread/worker-messages.ts';
import { ProcessSides } from './process-sides.ts';
import type { RunSides } from './run-sides.ts';
import { RunThreads } from './run-threads.ts';

/** @param targets addresses of the switch if it is not part of the run; otherwise null. */
export function makeSides(plan: RunPlan, targets: readonly SwitchTarget[] | null): RunSides {
  if (plan.sockets !== null) return new ProcessSides(plan, { isCalibration: false, targets });
  return new RunThreads(plan, { side: 'both', isCalibration: false, epochNanos: currentEpochNanos() });
}
