/** The reference for the logins of a run, from its plan. */
import { Arrivals } from '../../../driver/terms/arrivals.ts';
import { intendedReturns } from '../../../plan/load/intended-returns.ts';
import { churnTime } from '../../../plan/load/load-curve.ts';
import { RETURNS_PLANNED_MICROS, ScaledReturns } from '../../../plan/load/scaled-returns.ts';
import { type IntendedEvents, intendedEvents } from '../../../verdict/record/intended-events.ts';
import { lanePlatforms } from '../../worker/lane-platforms.ts';
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
    untilMicros: phases.settle + phases.measure + phases.drain,
  });
  return returns && intendedEvents(returns, startMicros);
}

/**
 * The returns of phones with platforms where all rates change together; null if they have no platforms, if nobody
 * leaves, or if messages wake phones.
 */
export function plannedTrialReturns({ settings, online }: RunOrder['plan'], startMicros: number): ScaledReturns | null {
  const platforms = lanePlatforms(settings);
  if (platforms === undefined) return null;
  const { session, away } = settings.phones;
  const returns = intendedReturns({
    online,
    sessionMicros: session,
    awayMicros: away,
    platforms,
    churnTime: Arrivals.constant(1e6), // time passes as in the run
    untilMicros: RETURNS_PLANNED_MICROS,
  });
  return returns && new ScaledReturns(returns, startMicros);
}
