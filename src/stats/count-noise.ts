/**
 * The random variation that a guard on counts allows. The count of n random events has a standard deviation of √n
 * (Poisson), so the difference of two such counts has √(2/n) as a share of one. Four standard deviations are exceeded
 * by chance once in 16,000 cases. A run with about ten guards is therefore invalid by chance far less often than once
 * in a hundred runs.
 */
const DEVIATIONS = 4;

/** The share by which two counts of about `count` events each may differ by chance; 1 if nothing was counted. */
export function countNoiseShare(count: number): number {
  return count > 0 ? DEVIATIONS * Math.sqrt(2 / count) : 1;
}

/** The same as a number of events. */
export function countNoise(count: number): number {
  return DEVIATIONS * Math.sqrt(2 * Math.max(0, count));
}
