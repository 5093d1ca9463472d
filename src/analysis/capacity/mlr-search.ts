/**
 * Multiple Loss Ratio search (RFC 9971): which load to try next, and what is known of a system's
 * limit. A pure function of the trials so far, so that it can be tested against simulated systems
 * and goes on where it was interrupted.
 *
 * A load is a lower bound where its trials are sure to meet the goal, an upper bound where they are
 * sure not to (RFC 9971, Load Classification). Coarse goals come before the one that is wanted, as
 * in the FD.io implementation: far from the limit a single trial tells. Here their trials are as
 * long as the last goal's, so that every trial counts to the end.
 */

export interface SearchGoal {
  /** Length of each trial. */
  readonly trialSeconds: number;
  /** Trials at one load go on until they last so long, or nothing can change any more (Goal Duration Sum). */
  readonly durationSumSeconds: number;
  /** Share of that time in which a lower bound may still break its limits (Goal Exceed Ratio). */
  readonly exceedRatio: number;
  /** The bounds end within this of each other (Goal Width, relative). */
  readonly widthShare: number;
}

/** MEASURING.md, Capacity; an exceed ratio of 50 % is what RFC 9971 recommends. */
export const CAPACITY_GOAL: SearchGoal = {
  trialSeconds: 3,
  durationSumSeconds: 15,
  exceedRatio: 0.5,
  widthShare: 0.02,
};

export interface SearchRange {
  /** Above 0 (RFC 9971, Min Load: so that relative widths mean something). */
  readonly minLoad: number;
  readonly maxLoad: number;
  /** Where to begin; the lowest load without it. */
  readonly firstLoad?: number;
}

export interface SearchTrial {
  readonly load: number;
  /** Every limit held. */
  readonly isGood: boolean;
  /** Nothing outside the system under test spoilt it; an invalid trial never counts. */
  readonly isValid: boolean;
}

export type LoadClass = 'lower' | 'upper' | 'undecided';

export interface SearchBounds {
  /** Largest lower bound below the upper one (Relevant Lower Bound); null if no load met the goal. */
  readonly lowerLoad: number | null;
  /** Smallest upper bound (Relevant Upper Bound); null if none was found. */
  readonly upperLoad: number | null;
  /** Smallest load that gave only invalid trials, where it stands in the way of an upper bound. */
  readonly unmeasurableLoad: number | null;
}

export type SearchStep =
  | { readonly kind: 'trial'; readonly load: number }
  | { readonly kind: 'done'; readonly bounds: SearchBounds };

/** Invalid trials at one load after which it cannot be measured here. */
export const INVALID_TRIALS_MOST = 5;
/** Coarser goals before the last, the widest first: a multiple of its width, and trials that decide. */
const COARSER_GOALS = [
  { widths: 4, trials: 1 },
  { widths: 2, trials: 3 },
] as const;
/** How fast the search leaves a bound to look for the other one. */
const EXPANSION = 2;

/**
 * The class of a load by its trials. What is missing of the duration sum is taken as good for one
 * estimate and as bad for the other; where both agree, nothing to come can change it
 * (RFC 9971, Appendix A, for trials of full length).
 */
export function classifyLoad(trials: readonly SearchTrial[], load: number, goal: SearchGoal): LoadClass {
  const valid = trials.filter((trial) => trial.load === load && trial.isValid);
  const goodSeconds = valid.filter((trial) => trial.isGood).length * goal.trialSeconds;
  const badSeconds = valid.length * goal.trialSeconds - goodSeconds;
  const wholeSeconds = Math.max(goal.durationSumSeconds, goodSeconds + badSeconds);
  const toleratedSeconds = wholeSeconds * goal.exceedRatio;
  if (badSeconds > toleratedSeconds) return 'upper';
  return wholeSeconds - goodSeconds <= toleratedSeconds ? 'lower' : 'undecided';
}

/** What to do next: a trial, or nothing more. Loads are whole numbers. */
export function nextSearchStep(
  trials: readonly SearchTrial[],
  range: SearchRange,
  goal: SearchGoal = CAPACITY_GOAL,
): SearchStep {
  for (const { widths, trials: most } of COARSER_GOALS) {
    const coarser = {
      ...goal,
      widthShare: goal.widthShare * widths,
      durationSumSeconds: Math.min(goal.durationSumSeconds, most * goal.trialSeconds),
    };
    const load = candidate(trials, range, coarser);
    if (load !== null) return { kind: 'trial', load };
  }
  const load = candidate(trials, range, goal);
  if (load !== null) return { kind: 'trial', load };
  return { kind: 'done', bounds: searchBounds(trials, goal) };
}

/** What the trials so far say of the limit. */
export function searchBounds(trials: readonly SearchTrial[], goal: SearchGoal = CAPACITY_GOAL): SearchBounds {
  const loads = [...new Set(trials.map(({ load }) => load))].sort((a, b) => a - b);
  const upperLoad = loads.find((load) => classifyLoad(trials, load, goal) === 'upper') ?? null;
  const unmeasurable = loads.find((load) => isUnmeasurable(trials, load)) ?? null;
  const unmeasurableLoad = unmeasurable !== null && unmeasurable < (upperLoad ?? Infinity) ? unmeasurable : null;
  const ceiling = unmeasurableLoad ?? upperLoad ?? Infinity;
  const lowerLoad = loads.findLast((load) => load < ceiling && classifyLoad(trials, load, goal) === 'lower') ?? null;
  return { lowerLoad, upperLoad, unmeasurableLoad };
}

function isUnmeasurable(trials: readonly SearchTrial[], load: number): boolean {
  const own = trials.filter((trial) => trial.load === load);
  const invalid = own.filter((trial) => !trial.isValid).length;
  return invalid >= INVALID_TRIALS_MOST && invalid > own.length / 2;
}

/** The next load under one goal; null where the goal's bounds are close enough, or cannot come closer. */
function candidate(trials: readonly SearchTrial[], range: SearchRange, goal: SearchGoal): number | null {
  const { lowerLoad, upperLoad, unmeasurableLoad } = searchBounds(trials, goal);
  const ceiling = unmeasurableLoad ?? upperLoad;
  const begun = unfinished(trials, goal, lowerLoad ?? 0, ceiling ?? Infinity);
  if (begun !== null) return begun;
  const minLoad = Math.ceil(range.minLoad);
  const maxLoad = Math.floor(range.maxLoad);
  if (lowerLoad === null && ceiling === null) return clamp(range.firstLoad ?? minLoad, minLoad, maxLoad);
  if (lowerLoad === null)
    return ceiling === null || ceiling <= minLoad ? null : clamp(ceiling / EXPANSION, minLoad, maxLoad);
  if (ceiling === null) return lowerLoad >= maxLoad ? null : clamp(lowerLoad * EXPANSION, minLoad, maxLoad);
  if (ceiling / lowerLoad <= 1 + goal.widthShare || ceiling - lowerLoad <= 1) return null;
  return clamp(Math.sqrt(lowerLoad * ceiling), lowerLoad + 1, ceiling - 1); // equal in ratio to both
}

/**
 * A load between the bounds that was tried and is undecided: the highest that leans to meet the goal,
 * as it would be the lower bound, which is what gets reported; else the lowest that does not.
 */
function unfinished(
  trials: readonly SearchTrial[],
  goal: SearchGoal,
  lowerLoad: number,
  ceiling: number,
): number | null {
  const between = [...new Set(trials.map(({ load }) => load))]
    .filter((load) => load > lowerLoad && load < ceiling)
    .filter((load) => classifyLoad(trials, load, goal) === 'undecided')
    .sort((a, b) => a - b);
  const leaning = (load: number): boolean => {
    const valid = trials.filter((trial) => trial.load === load && trial.isValid);
    return valid.filter((trial) => trial.isGood).length * 2 >= valid.length;
  };
  return between.findLast(leaning) ?? between[0] ?? null;
}

function clamp(load: number, least: number, most: number): number {
  return Math.round(Math.min(most, Math.max(least, load)));
}
