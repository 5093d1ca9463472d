/** How long a switch waits for a phone that says nothing, and how many connections that leaves half open. */
import type { ScenarioSettings } from '../scenario/scenario-schema.ts';

/** A session ends after so many missed heartbeats, unless the scenario says otherwise. */
const HEARTBEATS_MISSED = 3;

/** Silence after which a session ends, in microseconds; Infinity for never. */
export function heartbeatTimeoutMicros(settings: ScenarioSettings): number {
  const { heartbeatTimeout } = settings.switch;
  return Number.isFinite(heartbeatTimeout) ? heartbeatTimeout : HEARTBEATS_MISSED * settings.phones.heartbeat;
}

/** Connections beyond those of phones that are online, as a share: of phones that vanished and came back unmissed. */
export function lingeringShare(settings: ScenarioSettings): number {
  const { session, away, departure } = settings.phones;
  if (departure !== 'vanish' || !Number.isFinite(session)) return 0;
  return Math.min(1, (heartbeatTimeoutMicros(settings) + away) / session);
}
