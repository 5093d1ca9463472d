/**
 * Connections that failed, by cause. An attempt that fails counts under its cause, whether the phone tries again or
 * not; a phone that gives up counts once more. Their sum is the metric `connections.failed`, and a summary lists them.
 */
import type { DriverCounterName } from '../driver/terms/driver-counters.ts';
import type { Result } from '../result/result-schema.ts';

type Failures = Result['connections']['failed'];

/** The driver counter of each cause. Refusals also have counters by code, which are parts of `loginRefused`. */
const COUNTERS: Readonly<Record<keyof Failures, DriverCounterName>> = {
  refused: 'connectsRefused',
  loginRefused: 'loginsRefused',
  loginForeign: 'loginsForeign',
  loginCutOff: 'loginsCutOff',
  loginTimedOut: 'loginsTimedOut',
  givenUp: 'loginsGivenUp',
  lostReplaced: 'connectionsLostReplaced',
  lostHeartbeat: 'connectionsLostHeartbeat',
  lostOther: 'connectionsLostOther',
};

export function connectionFailures(driver: Readonly<Record<string, number>>): Failures {
  const causes = Object.entries(COUNTERS).map(([cause, counter]) => [cause, driver[counter] ?? 0]);
  return Object.fromEntries(causes) as Failures; // one entry per cause
}
