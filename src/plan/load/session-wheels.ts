/** Memory of the wheels in which a lane keeps the ends of sessions, where phones have platforms. */
import { sessionWheelBytes } from '../../driver/people/session-wheel-size.ts';
import type { ScenarioSettings } from '../../scenario/scenario-schema.ts';
import { lanePlatforms } from './lane-platforms.ts';
import { churnByZone } from './load-curve.ts';

/** Bytes in a lane: it has a wheel for each clock that its phones follow. */
export function sessionWheelsBytes(settings: ScenarioSettings): number {
  const platforms = lanePlatforms(settings);
  if (platforms === undefined) return 0;
  return (churnByZone(settings)?.arrivals.length ?? 1) * sessionWheelBytes(platforms);
}
