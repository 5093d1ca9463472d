/** How long a switch waits for a silent phone, and how many half-open connections result. */
import type { ScenarioSettings } from '../../scenario/scenario-schema.ts';

/** Missed heartbeats after which a session ends, by default. */
const HEARTBEATS_MISSED = 3;

/** Time without input after which a session ends, in microseconds; Infinity for never. */
export function heartbeatTimeoutMicros(settings: ScenarioSettings): number {
  const { heartbeatTimeout } = settings.switch;
  return Number.isFinite(heartbeatTimeout) ? heartbeatTimeout : HEARTBEATS_MISSED * settings.phones.heartbeat;
}

/**
 * Connections in addition to those of online phones, as a share: phones that vanished, or had no network, and returned
 * before the switch noticed, and those that a silent storm drops, whose earlier sessions are half-open until the phones
 * return.
 */
export function lingeringShare(settings: ScenarioSettings): number {
  const outages = settings.network.outages.map(({ cells, tunnel }) => cells ?? tunnel ?? 0);
  return Math.min(1, vanishedShare(settings) + Math.max(0, stormShare(settings), ...outages));
}

function vanishedShare(settings: ScenarioSettings): number {
  const { session, away, departure } = settings.phones;
  if (departure !== 'vanish' || !Number.isFinite(session)) return 0;
  return Math.min(1, (heartbeatTimeoutMicros(settings) + away) / session);
}

/** The largest silent storm of a scenario; all phones, where it says which and not how many. */
function stormShare({ storms }: ScenarioSettings): number {
  const silent = storms.filter(({ notice }) => notice === 'silent');
  return Math.max(0, ...silent.map(({ share }) => share ?? 1));
}
