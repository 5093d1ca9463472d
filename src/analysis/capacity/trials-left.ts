/** How many trials a search for capacity still needs, about: an estimate for those who wait. */
import {
  CAPACITY_GOAL,
  mlrSearchStep,
  type SearchGoal,
  type SearchRange,
  type SearchTrial,
} from './mlr-search-step.ts';

/** A search that needs more is not foreseen further. */
const FORESEEN_MAX = 100;

/** The number of trials until the end, if the capacity is in the middle of where the trials so far leave it. */
export function trialsLeft(
  trials: readonly SearchTrial[],
  range: SearchRange,
  goal: SearchGoal = CAPACITY_GOAL,
): number {
  const capacity = likelyCapacity(trials, range);
  const foreseen = [...trials];
  while (foreseen.length < trials.length + FORESEEN_MAX) {
    const step = mlrSearchStep(foreseen, range, goal);
    if (step.kind === 'done') break;
    foreseen.push({ load: step.load, isGood: step.load <= capacity, isValid: true });
  }
  return foreseen.length - trials.length;
}

/** The geometric mean of the highest load that was good and the lowest that was not, where the range ends otherwise. */
function likelyCapacity(trials: readonly SearchTrial[], { lowestLoad, highestLoad }: SearchRange): number {
  const bad = trials.filter(({ isValid, isGood }) => isValid && !isGood).map(({ load }) => load);
  const upper = Math.min(highestLoad, ...bad);
  const good = trials.filter(({ isValid, isGood, load }) => isValid && isGood && load < upper).map(({ load }) => load);
  return Math.sqrt(Math.max(lowestLoad, ...good) * upper);
}
