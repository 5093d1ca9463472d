/** Scales of a drawn chart: from values to positions, with round numbers as ticks. */
import { assert } from '../../base/assert.ts';

export interface PlotScale {
  /** Position of a value along the axis, in the units of the drawing. */
  readonly position: (value: number) => number;
  /** Values that get a line and a label, ascending. */
  readonly ticks: readonly number[];
}

/** Both ends of an axis in the units of the drawing. */
export interface AxisEnds {
  readonly from: number;
  readonly to: number;
}

/** Multiples of a power of ten that make round steps. */
const ROUND_STEPS = [1, 2, 2.5, 5, 10];

const RELATIVE_SPAN_MIN = 1e-9;
const SPAN_MIN = 1e-100;

/** A linear scale that covers low to high, extended to the next ticks. @param ticksMax at least 2. */
export function linearPlotScale(low: number, high: number, { from, to }: AxisEnds, ticksMax = 6): PlotScale {
  assert(Number.isFinite(low) && Number.isFinite(high), 'an axis has finite ends');
  const magnitude = Math.max(Math.abs(low), Math.abs(high));
  // Ends that differ by rounding, or by less than a division can express, are one value.
  const isRange = high - low > Math.max(magnitude * RELATIVE_SPAN_MIN, SPAN_MIN);
  const span = isRange ? high - low : Math.max(magnitude, 1);
  const power = 10 ** Math.floor(Math.log10(span / ticksMax));
  const step = (ROUND_STEPS.find((one) => (one * power * (ticksMax - 1)) / span >= 1) ?? 10) * power;
  const first = Math.floor(low / step + 1e-9) * step;
  const steps = Math.max(1, Math.ceil((high - first) / step - 1e-9));
  const ticks = Array.from({ length: steps + 1 }, (_, i) => Number((first + i * step).toPrecision(12)));
  const last = first + steps * step;
  return { position: (value) => from + ((value - first) / (last - first)) * (to - from), ticks };
}

/** As {@link linearPlotScale}, with ticks that are round in the unit in which sizes are written: KiB, MiB or GiB. */
export function bytesPlotScale(low: number, high: number, ends: AxisEnds, ticksMax = 6): PlotScale {
  const power = Math.floor(Math.log2(Math.max(1, Math.abs(low), Math.abs(high))) / 10);
  const unit = 2 ** (10 * Math.min(3, power));
  const { position, ticks } = linearPlotScale(low / unit, high / unit, ends, ticksMax);
  return { position: (value) => position(value / unit), ticks: ticks.map((tick) => tick * unit) };
}

/** A logarithmic scale over whole decades that cover low to high. Values below the first decade stand at its start. */
export function logarithmicPlotScale(low: number, high: number, { from, to }: AxisEnds): PlotScale {
  assert(low > 0 && Number.isFinite(high), 'a logarithmic axis begins above 0');
  const first = Math.floor(Math.log10(low) + 1e-9);
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(high, low)) - 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => Number(`1e${first + i}`));
  const least = 10 ** first;
  return {
    position: (value) => from + ((Math.log10(Math.max(value, least)) - first) / (last - first)) * (to - from),
    ticks,
  };
}
