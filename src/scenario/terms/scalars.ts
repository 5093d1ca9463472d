/** The kinds of values in a scenario: text with units in the file, numbers in the program. */
import { z } from 'zod';
import { parseBytes, parseCount, parseDurationMicros, parseRate } from '../../base/units.ts';

interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

type Units = readonly (readonly [unit: string, factor: number])[];

/** In descending order; the last has the factor 1. */
const DURATION_UNITS: Units = [
  ['h', 3600e6],
  ['m', 60e6],
  ['s', 1e6],
  ['ms', 1e3],
  ['us', 1],
];
const SIZE_UNITS: Units = [
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
  ['B', 1],
];
const WITHOUT_UNIT: Units = [['', 1]];

/** A number as a scenario has it, in the largest unit of which it is a multiple: `15m`, `64KiB`. */
function written(value: number, units: Units): string {
  const [unit, factor] = units.find(([, one]) => value >= one && value % one === 0) ?? units.at(-1) ?? ['', 1];
  return `${value / factor}${unit}`;
}

/** A schema for text that `parse` converts to a number within bounds, which messages name in `units`. */
function scalar(
  what: string,
  parse: (text: string | number) => number | null,
  bounds: Bounds,
  units: Units = WITHOUT_UNIT,
) {
  const { min = 0, max = Number.POSITIVE_INFINITY } = bounds;
  return z.union([z.string(), z.number()], { error: what }).transform((text, context) => {
    const value = parse(text);
    if (value !== null && value >= min && value <= max) return value;
    const least = written(min, units);
    const range = Number.isFinite(max) ? ` from ${least} to ${written(max, units)}` : ` of at least ${least}`;
    const message = value === null ? what : `${what},${range}`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}

/** An integer: `1000`, `1M`, `2_000_000`. */
export function count(bounds: Bounds = {}) {
  const whole = (text: string | number): number | null => {
    const value = parseCount(text);
    return value !== null && Number.isInteger(value) ? value : null;
  };
  return scalar('a whole number such as 1000, 250k or 1M', whole, bounds);
}

/** Events per second: `50k`, `50k/s`. */
export function rate(bounds: Bounds = {}) {
  return scalar('events per second such as 1000 or 50k/s', parseRate, bounds);
}

/** A duration, converted to microseconds. */
export function durationMicros(bounds: Bounds = {}) {
  return scalar('a duration such as 500ms, 10s or 1h30m', parseDurationMicros, bounds, DURATION_UNITS);
}

/** A duration or `none`, converted to microseconds; Infinity for none. */
export function durationOrNone(bounds: Bounds = {}) {
  const parse = (text: string | number): number | null =>
    text === 'none' ? Number.POSITIVE_INFINITY : parseDurationMicros(text);
  return scalar('a duration such as 10s or 1h30m, or none', parse, bounds, DURATION_UNITS);
}

/** A size in bytes, with its unit: `64B`, `1MiB`. */
export function bytes(bounds: Bounds = {}) {
  return scalar('a size with its unit such as 64B, 256KiB or 1MiB', parseBytes, bounds, SIZE_UNITS);
}

/** A share: `0.05` or `5%`, converted to a number from 0 to 1. */
export function share() {
  const parse = (text: string | number): number | null => {
    const match = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(String(text).trim());
    return match === null ? null : Number(match[1]) / (match[2] === '%' ? 100 : 1);
  };
  return scalar('a share such as 0.05 or 5%', parse, { min: 0, max: 1 });
}
