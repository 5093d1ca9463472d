/** The messages that a scenario intends, over time: what lanes send by, and what their load is judged against. */
import { Arrivals, type RateStage } from '../driver/arrivals.ts';
import type { RunPlan } from './run-plan.ts';

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
