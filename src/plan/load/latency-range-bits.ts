/** The range of the latency histograms of a run: the longest latency that can occur. */
import type { ScenarioSettings } from '../../scenario/scenario-schema.ts';
import { RANGE_BITS_MAX, RANGE_BITS_MIN } from '../../stats/histogram.ts';

const MICROS_PER_SECOND = 1e6;
/** Factor by which phones may connect more slowly than intended; doubling it costs 4 KiB per histogram. */
const RAMP_SLACK = 8;

/**
 * Bits of the range: 2^bits microseconds is at least the duration of all phases, including a ramp in which every phone
 * needs all of its login attempts.
 * @param online phones that connect.
 */
export function latencyRangeBits({ phases, login }: ScenarioSettings, online: number): number {
  const rampMicros = (online / login.rate) * MICROS_PER_SECOND * RAMP_SLACK;
  const attemptsMicros = login.attempts * (login.timeout + login.retry);
  const totalMicros = rampMicros + attemptsMicros + phases.settle + phases.measure + phases.drain;
  return Math.min(RANGE_BITS_MAX, Math.max(RANGE_BITS_MIN, Math.ceil(Math.log2(totalMicros))));
}
