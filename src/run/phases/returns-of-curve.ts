/** The reference for the logins of a run along a curve, from its plan. */
import { intendedReturns } from '../../plan/load/intended-returns.ts';
import { churnTime } from '../../plan/load/load-curve.ts';
import { type IntendedEvents, intendedEvents } from '../../verdict/record/intended-events.ts';
import { lanePlatforms } from '../worker/lane-platforms.ts';
import type { RunOrder } from './run-order.ts';

/** The returns that a curve intends; null if it intends none. */
export function returnsOfCurve({ settings, online }: RunOrder['plan'], startMicros: number): IntendedEvents | null {
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
