/** The smallest difference that a number of runs can detect, given their noise. */
import { normalQuantile } from './normal-distribution.ts';

/** Probability of detecting a difference that exists (Cohen, "Statistical Power Analysis", 1988: 0.8). */
const POWER = 0.8;
/** Efficiency of the rank tests relative to the t tests for normal noise (Lehmann, 1975, 2.4 and 4.3). */
const RANK_EFFICIENCY = 3 / Math.PI;

/**
 * (z₁₋α⸝₂ + z₀.₈)·s·√(1/n), with n reduced by the efficiency of rank tests: the difference that is detected with a
 * probability of 0.8, in the unit of `deviation`.
 *
 * @param deviation standard deviation of the differences (paired) or of the figures (unpaired).
 * @param inverseRuns 1/n for pairs, 1/n + 1/m for two samples.
 */
export function detectableDifference(deviation: number, inverseRuns: number, confidence: number): number {
  const quantiles = normalQuantile(1 - (1 - confidence) / 2) + normalQuantile(POWER);
  return quantiles * deviation * Math.sqrt(inverseRuns / RANK_EFFICIENCY);
}

/** Of a sample, divided by n − 1; 0 for fewer than two values. */
export function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}
