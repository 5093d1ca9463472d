/** The reference for the logins of a run, and for who is connected, from its plan. */
import { intendedReturns, platformReturnsPerSecond, platformsConnected } from '../../../plan/load/intended-returns.ts';
import { lanePlatforms } from '../../../plan/load/lane-platforms.ts';
import { churnByZone, churnTime } from '../../../plan/load/load-curve.ts';
import { type IntendedEvents, intendedEvents } from '../../../verdict/record/intended-events.ts';
import type { RunOrder } from '../order/run-order.ts';

/** The returns that a curve intends; null if it intends none. */
export function plannedCurveReturns(
  { settings, online }: RunOrder['plan'],
  startMicros: number,
): IntendedEvents | null {
  const churn = churnTime(settings);
  if (churn === undefined) return null;
  const { phones, phases } = settings;
  const returns = intendedReturns({
    online,
    sessionMicros: phones.session,
    awayMicros: phones.away,
    platforms: lanePlatforms(settings),
    churnTime: churn,
    churnByZone: churnByZone(settings),
    untilMicros: phases.settle + phases.measure + phases.drain,
  });
  return returns && intendedEvents(returns, startMicros);
}

/**
 * The returns per second of phones with platforms at the rates of the scenario: where all rates change together, they
 * change with them. Null if phones have no platforms, if nobody leaves, or if messages wake phones.
 */
export function plannedReturnsPerSecond({ settings, online }: RunOrder['plan']): number | null {
  const platforms = lanePlatforms(settings);
  return platforms === undefined ? null : platformReturnsPerSecond(online, platforms);
}

/** How many phones with platforms are connected while as many return as leave; null as above. */
export function plannedConnected({ settings, online }: RunOrder['plan']): number | null {
  const platforms = lanePlatforms(settings);
  return platforms === undefined ? null : platformsConnected(online, platforms);
}
