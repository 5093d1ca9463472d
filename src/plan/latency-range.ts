/** How long the latencies of a run can be: its histograms are made for that. */
import type { ScenarioSettings } from '../scenario/scenario-schema.ts';
import { RANGE_BITS_LEAST, RANGE_BITS_MOST } from '../stats/histogram.ts';

const MICROS_PER_SECOND = 1e6;
/** Phones may come so many times more slowly than the scenario says; each time twice as long is 4 KiB a histogram. */
const RAMP_SLACK = 8;

/**
 * Bits of the range: 2^bits microseconds is at least the time that all phases of a run take, those of a
 * ramp in which every phone needs all of its attempts included.
 * @param online phones that connect.
 */
export function latencyRangeBits({ phases, login }: ScenarioSettings, online: number): number {
  const rampMicros = (online / login.rate) * MICROS_PER_SECOND * RAMP_SLACK;
  const attemptsMicros = login.attempts * (login.timeout + login.retry);
  const totalMicros = rampMicros + attemptsMicros + phases.settle + phases.measure + phases.drain;
  return Math.min(RANGE_BITS_MOST, Math.max(RANGE_BITS_LEAST, Math.ceil(Math.log2(totalMicros))));
}
