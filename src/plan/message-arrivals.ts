/** The intended messages of a scenario over time. Lanes send by them, and their load is judged by them. */
import { Arrivals, type RateStage } from '../driver/arrivals.ts';
import type { RunPlan } from './run-plan.ts';

/** The rate over time: constant, or linear between stages. */
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
