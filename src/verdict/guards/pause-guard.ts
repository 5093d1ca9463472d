/** The guard that nobody paused the load. */
import { formatMicros } from '../../base/units.ts';
import type { Guard } from '../../result/result-schema.ts';
import { atMost } from './guard-reading.ts';

/** A load that stood still is not the one that the scenario describes, and the switch has rested meanwhile. */
export function pauseGuard(pausedMicros: number): Guard {
  return atMost({
    name: 'load paused',
    figure: pausedMicros / 1e6,
    limit: 0,
    found: pausedMicros > 0 ? `the load was paused for ${formatMicros(pausedMicros)}` : 'the load was not paused',
    allowed: 'no pause is allowed',
    remedy: 'run again without pausing',
  });
}
