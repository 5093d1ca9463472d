/** The last check before a run over sockets: what cannot work is refused, with the commands that help. */
import { TrunklineError } from '../base/errors.ts';
import { formatBytes, formatCount } from '../base/units.ts';
import type { PlanProblem } from './sockets/plan-check.ts';
import type { SocketPlan } from './sockets/socket-plan.ts';

/**
 * Refuses a plan that this machine cannot carry out.
 * @returns problems that are no reason to refuse, to be shown to the user.
 * @throws PLAN_EXCEEDS_LIMIT, or PLAN_EXCEEDS_MEMORY if only memory is short: what is needed, what is allowed, and the
 * commands.
 */
export function preflight(plan: SocketPlan): readonly PlanProblem[] {
  const refused = plan.problems.filter((problem) => problem.verdict === 'refuse');
  if (refused.length > 0) {
    const isMemoryOnly = refused.every((problem) => problem.unit === 'bytes');
    throw new TrunklineError(
      isMemoryOnly ? 'PLAN_EXCEEDS_MEMORY' : 'PLAN_EXCEEDS_LIMIT',
      `${formatCount(plan.demand.online)} connections over ${plan.demand.transport} do not fit this machine:\n${refused
        .map(problemText)
        .join('\n')}`,
    );
  }
  return plan.problems;
}

/** A problem as lines of text: what is needed and allowed, the consequence, and the commands. */
export function problemText({ what, setBy, unit, needed, allowed, consequence, commands }: PlanProblem): string {
  const figure = (value: number): string => (unit === 'bytes' ? formatBytes(value) : formatCount(value));
  const limit = allowed === null ? 'an unknown number' : figure(allowed);
  return [
    `  ${what}: needs ${figure(needed)}, ${setBy} allows ${limit}: ${consequence}.`,
    ...commands.map((command) => `    ${command}`),
  ].join('\n');
}
