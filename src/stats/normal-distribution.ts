/**
 * The standard normal distribution, to about 15 digits, also in the tails: where p-values are small, the usual
 * approximations by polynomials have few digits left.
 */
import { assert } from '../base/assert.ts';

const DENSITY_AT_ZERO = 1 / Math.sqrt(2 * Math.PI);
/** From this value the continued fraction converges faster than the series. */
const TAIL_FROM = 3;
/** Sufficient for 16 digits at {@link TAIL_FROM}, where convergence is slowest. */
const FRACTION_DEPTH = 200;
/** Beyond this value both tails are 0 in a double. */
const FARTHEST = 39;
/** Bisections of [0, 39] until the bounds are adjacent doubles. */
const HALVINGS = 64;

/**
 * P(Z ≤ z). In the middle the series φ(z)·(z + z³/3 + z⁵/(3·5) + …) (Marsaglia, "Evaluating the normal distribution",
 * 2004), in the tails Laplace's continued fraction (Abramowitz and Stegun, 26.2.14).
 */
export function normalCdf(z: number): number {
  if (z > TAIL_FROM) return 1 - upperTail(z);
  if (z < -TAIL_FROM) return upperTail(-z);
  let term = z;
  let sum = z;
  for (let i = 3; sum + term !== sum; i += 2) {
    term *= (z * z) / i;
    sum += term;
  }
  return 0.5 + sum * density(z);
}

/** P(Z > z) for z ≥ 3. */
function upperTail(z: number): number {
  let fraction = 0;
  for (let i = FRACTION_DEPTH; i > 0; i--) fraction = i / (z + fraction);
  return density(z) / (z + fraction);
}

function density(z: number): number {
  return DENSITY_AT_ZERO * Math.exp((-z * z) / 2);
}

/** The z with P(Z ≤ z) = `probability`, by bisection; −Infinity for 0, Infinity for 1. */
export function normalQuantile(probability: number): number {
  assert(probability >= 0 && probability <= 1, 'a probability is between 0 and 1');
  if (probability > 0.5) return -normalQuantile(1 - probability);
  if (probability === 0) return Number.NEGATIVE_INFINITY;
  let low = -FARTHEST;
  let high = 0;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < probability) low = middle;
    else high = middle;
  }
  return high;
}
