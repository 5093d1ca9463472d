/** The messages that a scenario intends, over time: what lanes send by, and what their load is judged against. */
import { Arrivals, type RateStage } from '../../driver/arrivals.ts';
import type { RunPlan } from '../plan/run-plan.ts';

/** The rate over time: constant, or along straight lines from stage to stage. */
export function messageArrivals(traffic: RunPlan['settings']['traffic']): Arrivals {
  if (traffic.stages.length === 0) return Arrivals.constant(traffic.rate);
  let fromRate = traffic.rate;
  const stages = traffic.stages.map((stage): RateStage => {
    const made = { durationMicros: stage.duration, fromRate, toRate: stage.target };
    fromRate = stage.target;
    return made;
  });
  return new Arrivals(stages);
}

/** Messages intended from one time to another; of phones that are away as intended as well. */
export type IntendedMessages = (fromMicros: number, toMicros: number) => number;

/** @param startMicros when traffic started, on the clock that the times are of. */
export function intendedMessages(arrivals: Arrivals, startMicros: number): IntendedMessages {
  return (fromMicros, toMicros) =>
    arrivals.countAt(toMicros - startMicros) - arrivals.countAt(Math.max(0, fromMicros - startMicros));
}
