/**
 * Multiple Loss Ratio search (RFC 9971): which load to try next, and which bounds of the capacity are known. It is a
 * pure function of the trials so far, so that it can be tested against simulated systems and continues where it was
 * interrupted.
 *
 * A load is a lower bound if its trials will certainly meet the goal, and an upper bound if they certainly will not
 * (RFC 9971, Load Classification). Coarser goals precede the final one, as in the FD.io implementation: far from the
 * limit a single trial decides. Here trials of coarser goals have the length of the final ones, so that every trial
 * counts until the end.
 */

export interface SearchGoal {
  /** Length of each trial. */
  readonly trialSeconds: number;
  /**
   * Trials at one load continue until their total length reaches this, or until no further trial can change the class
   * (Goal Duration Sum).
   */
  readonly durationSumSeconds: number;
  /** Share of that time in which limits may break at a lower bound (Goal Exceed Ratio). */
  readonly exceedRatio: number;
  /** The search ends when the bounds differ by at most this share (Goal Width, relative). */
  readonly widthShare: number;
}

/**
 * RFC 9971 recommends an exceed ratio of 50 %. The others are starting values: five trials at a load, so that most of
 * them decide, and a width below 5 %, the smallest difference between capacities that matters
 * (`scenario/terms/metrics.ts`).
 */
export const CAPACITY_GOAL: SearchGoal = {
  trialSeconds: 3,
  durationSumSeconds: 15,
  exceedRatio: 0.5,
  widthShare: 0.02,
};

export interface SearchRange {
  /** Above 0 (RFC 9971, Min Load), so that relative widths are defined. */
  readonly lowestLoad: number;
  readonly highestLoad: number;
  /** The first load to try; by default the lowest. */
  readonly firstLoad?: number;
}

export interface SearchTrial {
  readonly load: number;
  /** Whether every limit held. */
  readonly isGood: boolean;
  /** Whether the trial is valid: not disturbed from outside the system under test. An invalid trial never counts. */
  readonly isValid: boolean;
}

export type LoadClass = 'lower' | 'upper' | 'undecided';

export interface SearchBounds {
  /** Largest lower bound below the upper one (Relevant Lower Bound); null if no load met the goal. */
  readonly lowerLoad: number | null;
  /** Smallest upper bound (Relevant Upper Bound); null if none was found. */
  readonly upperLoad: number | null;
  /** Smallest load whose trials were all invalid, if it prevents an upper bound from being found. */
  readonly unmeasurableLoad: number | null;
}

export type SearchStep =
  | { readonly kind: 'trial'; readonly load: number }
  | { readonly kind: 'done'; readonly bounds: SearchBounds };

/** Number of invalid trials after which a load cannot be measured on this machine. */
export const INVALID_TRIALS_MAX = 5;
/** Goals before the final one, widest first: a multiple of its width, and the number of trials that decide. */
const COARSER_GOALS = [
  { widths: 4, trialsMax: 1 },
  { widths: 2, trialsMax: 3 },
] as const;
/** Factor by which the search moves away from a bound to find the other one. */
const EXPANSION = 2;

/**
 * The class of a load, from its trials. The part of the duration sum that is missing counts as good in one estimate and
 * as bad in the other. If both agree, no further trial can change the class (RFC 9971, Appendix A, for trials of full
 * length).
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

/** The next step: a trial, or the end of the search. Loads are integers. */
export function mlrSearchStep(
  trials: readonly SearchTrial[],
  range: SearchRange,
  goal: SearchGoal = CAPACITY_GOAL,
): SearchStep {
  for (const { widths, trialsMax } of COARSER_GOALS) {
    const coarser = {
      ...goal,
      widthShare: goal.widthShare * widths,
      durationSumSeconds: Math.min(goal.durationSumSeconds, trialsMax * goal.trialSeconds),
    };
    const load = candidate(trials, range, coarser);
    if (load !== null) return { kind: 'trial', load };
  }
  const load = candidate(trials, range, goal);
  if (load !== null) return { kind: 'trial', load };
  return { kind: 'done', bounds: searchBounds(trials, goal) };
}

/** The bounds that the trials so far establish. */
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
  return invalid >= INVALID_TRIALS_MAX && invalid > own.length / 2;
}

/** The next load for one goal; null if its bounds are close enough or cannot get closer. */
function candidate(trials: readonly SearchTrial[], range: SearchRange, goal: SearchGoal): number | null {
  const { lowerLoad, upperLoad, unmeasurableLoad } = searchBounds(trials, goal);
  const ceiling = unmeasurableLoad ?? upperLoad;
  const begun = unfinished(trials, goal, lowerLoad ?? 0, ceiling ?? Infinity);
  if (begun !== null) return begun;
  const lowestLoad = Math.ceil(range.lowestLoad);
  const highestLoad = Math.floor(range.highestLoad);
  if (lowerLoad === null && ceiling === null) return clamp(range.firstLoad ?? lowestLoad, lowestLoad, highestLoad);
  if (lowerLoad === null)
    return ceiling === null || ceiling <= lowestLoad ? null : clamp(ceiling / EXPANSION, lowestLoad, highestLoad);
  if (ceiling === null) return lowerLoad >= highestLoad ? null : clamp(lowerLoad * EXPANSION, lowestLoad, highestLoad);
  if (ceiling / lowerLoad <= 1 + goal.widthShare || ceiling - lowerLoad <= 1) return null;
  return clamp(Math.sqrt(lowerLoad * ceiling), lowerLoad + 1, ceiling - 1); // the geometric mean
}

/**
 * A load between the bounds that was tried but is undecided: the highest of those with at least as many good trials as
 * bad ones, since it may become the lower bound, which is reported; otherwise the lowest.
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

function clamp(load: number, lowest: number, highest: number): number {
  return Math.round(Math.min(highest, Math.max(lowest, load)));
}
