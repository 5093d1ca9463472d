/** Compares what a run needs with what the machine allows, one limit at a time. */

/**
 * `refuse`: the run would fail; `advise`: it would run, but not as the scenario intends; `unknown`: the limit cannot be
 * read.
 */
export type PlanVerdict = 'ok' | 'refuse' | 'advise' | 'unknown';

/** The name of the memory check, by which reports of a plan find it. */
export const MEMORY_LIMIT = 'memory';

export interface PlanCheck {
  /** What is limited, in a few words. */
  readonly what: string;
  /** What sets the limit: a sysctl, `ulimit -n`, a key of the scenario. */
  readonly setBy: string;
  readonly unit: 'count' | 'bytes';
  readonly needed: number;
  /** Infinite for no limit; null if it cannot be read. */
  readonly allowed: number | null;
  readonly verdict: PlanVerdict;
  /** What happens beyond the limit; a sentence without its full stop. */
  readonly consequence: string;
  /** The commands that close the gap, line by line; empty if none is needed or none helps. */
  readonly commands: readonly string[];
}

/** A check that is not met. */
export type PlanProblem = PlanCheck & { readonly verdict: 'refuse' | 'advise' };

interface Limit extends Omit<PlanCheck, 'verdict' | 'commands' | 'unit'> {
  readonly unit?: PlanCheck['unit'];
  /** The severity if the limit is exceeded. */
  readonly otherwise: PlanProblem['verdict'];
  readonly commands: () => readonly string[];
}

/** Compares what is needed with what is allowed. */
export function checkLimit({ otherwise, commands, unit = 'count', ...limit }: Limit): PlanCheck {
  const { needed, allowed } = limit;
  if (allowed === null) return { ...limit, unit, verdict: 'unknown', commands: [] };
  if (needed <= allowed) return { ...limit, unit, verdict: 'ok', commands: [] };
  return { ...limit, unit, verdict: otherwise, commands: commands() };
}

export function isProblem(check: PlanCheck): check is PlanProblem {
  return check.verdict === 'refuse' || check.verdict === 'advise';
}
