/** Round figures for the marks of an axis. */
import type { Scale } from './scale.ts';

const STEPS = [1, 2, 5, 10] as const;
/** Changes that are marked on an axis of ratios. */
const CHANGE_SHARES = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];
const LARGE_CHANGE_SHARES = [1, -0.75, 3, -0.9, 9, -0.99, 99];

/** Multiples of 1, 2 or 5 times a power of ten, at most `most` of them, within the domain. */
export function linearTicks({ low, high }: Scale, most: number): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (STEPS.find((factor) => factor * power >= rough * (1 - 1e-9)) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => tidy((first + i) * step));
}

/** 1, 2 and 5 times the powers of ten within the domain, or only the powers; linear ticks below a factor of five. */
export function logTicks(scale: Scale, most: number): number[] {
  const { low, high } = scale;
  if (!(low > 0) || high / low < 5) return linearTicks(scale, most);
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const inside = (factors: readonly number[]): number[] =>
    Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i))
      .flatMap((power) => factors.map((factor) => tidy(power * factor)))
      .filter((value) => value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9));
  for (const factors of [[1, 2, 5], [1, 3], [1]]) {
    const ticks = inside(factors);
    if (ticks.length <= most) return ticks;
  }
  const decades = inside([1]);
  const every = Math.ceil(decades.length / Math.max(1, most));
  return decades.filter((_, i) => i % every === 0);
}

/**
 * Round changes on an axis of ratios, as shares: 0, ±1 %, ±2 %, ±5 % …, none closer than `gap` pixels to another. 0 is
 * always among them.
 */
export function changeTicks(scale: Scale, gap: number): number[] {
  const kept = [0];
  const isFree = (share: number): boolean =>
    kept.every((other) => Math.abs(scale.at(1 + other) - scale.at(1 + share)) >= gap);
  const isInside = (share: number): boolean => !scale.isOutside(1 + share);
  const wanted = [...CHANGE_SHARES.flatMap((share) => [share, -share]), ...LARGE_CHANGE_SHARES].reverse();
  for (const share of wanted) if (isInside(share) && isFree(share)) kept.push(share);
  return kept.sort((a, b) => a - b);
}

/** Without the last digits of binary arithmetic. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}

/** `+5 %`, `−50 %`; from double on as a factor: `×4`. @param equal the label of no change. */
export function changeLabel(share: number, equal: string): string {
  if (share === 0) return equal;
  if (share >= 1) return `×${1 + share}`;
  return `${share > 0 ? '+' : '−'}${Number((Math.abs(share) * 100).toPrecision(3))} %`;
}
