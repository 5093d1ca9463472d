/** The options of `trunkline capacity` that say how long and how closely it searches. */
import { CAPACITY_GOAL, type SearchGoal } from '../../../analysis/capacity/mlr-search-step.ts';
import { TrunklineError } from '../../../base/errors.ts';
import { parseDurationMicros } from '../../../base/units.ts';

/** The shortest measurement that a scenario allows; 0 means no confirming run. */
const MEASURE_MICROS_MIN = 500_000;
/** A wider interval between the bounds says too little. */
const WIDTH_MAX = 0.5;

export interface GoalOptions {
  readonly trial: string;
  /** Undefined: five trials at a load. */
  readonly sum: string | undefined;
  readonly width: string | undefined;
}

/** @throws ARGUMENT_INVALID, naming the option. */
export function capacityGoal({ trial, sum, width }: GoalOptions): SearchGoal {
  const trialSeconds = searchDuration('--trial', trial) / 1e6;
  const trials = CAPACITY_GOAL.durationSumSeconds / CAPACITY_GOAL.trialSeconds;
  const durationSumSeconds = sum === undefined ? trials * trialSeconds : searchDuration('--sum', sum) / 1e6;
  if (durationSumSeconds < trialSeconds) {
    throw new TrunklineError(
      'ARGUMENT_INVALID',
      `--sum ${sum}: expected at least the length of a trial, ${trialSeconds} s: raise it, or lower --trial.`,
    );
  }
  return { ...CAPACITY_GOAL, trialSeconds, durationSumSeconds, widthShare: widthShare(width) };
}

/** In microseconds. @throws ARGUMENT_INVALID, naming the option. */
export function searchDuration(option: string, text: string): number {
  const micros = parseDurationMicros(text);
  if (micros !== null && (micros >= MEASURE_MICROS_MIN || (micros === 0 && option === '--confirm'))) return micros;
  throw new TrunklineError('ARGUMENT_INVALID', `${option}: expected at least 500ms, such as 3s, found "${text}".`);
}

function widthShare(text: string | undefined): number {
  if (text === undefined) return CAPACITY_GOAL.widthShare;
  const share = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text);
  if (share > 0 && share <= WIDTH_MAX) return share;
  throw new TrunklineError(
    'ARGUMENT_INVALID',
    `--width: expected above 0 % and at most 50 %, such as 5%, found "${text}".`,
  );
}
