/**
 * The room that a guard on counts leaves for chance. Events that come at random are counted with a standard deviation of
 * √n (Poisson), so the difference of two such counts, as a share of one, has √(2/n). Four of those are passed by
 * chance once in 16,000 times, so that a run with some ten guards is invalid by chance far less than once in a hundred.
 */
const DEVIATIONS = 4;

/** How far two counts of about `count` events each may differ by chance, as a share of one; 1 where nothing was counted. */
export function countNoiseShare(count: number): number {
  return count > 0 ? DEVIATIONS * Math.sqrt(2 / count) : 1;
}

/** The same in events. */
export function countNoise(count: number): number {
  return DEVIATIONS * Math.sqrt(2 * Math.max(0, count));
}
