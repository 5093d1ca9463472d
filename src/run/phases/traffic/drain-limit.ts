/** How long a drain may last, and the sentence that tells the user. */
import { formatMicros } from '../../../base/units.ts';
import { longestAbsence } from '../../../scenario/keys/phones/platforms-key.ts';
import type { ScenarioSettings } from '../../../scenario/scenario-schema.ts';

/** Time limit for draining after a run that ended early. */
const ENDED_EARLY_MICROS = 5e6;

export interface DrainLimit {
  readonly micros: number;
  readonly text: string;
}

/**
 * @param isComplete whether the run was measured to its end.
 * @param absencesFactor how many times as long as the scenario says phones of platforms are away.
 */
export function drainLimit(
  settings: Pick<ScenarioSettings, 'phases' | 'phones' | 'platforms'>,
  isComplete: boolean,
  absencesFactor = 1,
): DrainLimit {
  const factor = settings.platforms.length === 0 ? 1 : absencesFactor;
  const absence = isComplete ? longestAbsence(settings) * factor : 0; // messages wait for phones that are away
  const micros = isComplete ? settings.phases.drain + absence : ENDED_EARLY_MICROS;
  const why = isComplete ? '' : ', since the run has ended early';
  const away = absence === 0 ? '' : `: phases.drain, and ${formatMicros(absence)} for which phones may be away`;
  return { micros, text: `until no message is in flight, up to ${formatMicros(micros)}${why}${away}` };
}
