/**
 * The frame of a chart that is drawn as SVG when the report is written: grid, ticks and titles of both axes. Such a
 * chart needs no script. Colours and fonts come from the style sheet, by class.
 */
import { type Markup, type MarkupValue, markup } from './markup.ts';
import type { AxisEnds, PlotScale } from './plot-scale.ts';

/** Width of every plot in units of the drawing; the page scales it to its column. */
const PLOT_WIDTH = 440;
const PLOT_HEIGHT = 250;
const LEFT = 64;
const RIGHT = 24;
const TOP = 10;
const BOTTOM = 42;

/** Where the axes of a plot begin and end. */
export const PLOT_X: AxisEnds = { from: LEFT, to: PLOT_WIDTH - RIGHT };

/** Ends of the vertical axis of a plot of a height. */
export function plotY(height = PLOT_HEIGHT): AxisEnds {
  return { from: height - BOTTOM, to: TOP };
}

export interface PlotAxis {
  readonly scale: PlotScale;
  /** Below the axis; the labels of a vertical axis have their units and need none. */
  readonly title: string;
  readonly format: (value: number) => string;
}

export interface Plot {
  /** What a screen reader says instead of the picture. */
  readonly label: string;
  readonly x: PlotAxis;
  readonly y: Omit<PlotAxis, 'title'>;
  /** What is drawn inside the frame. */
  readonly marks: MarkupValue;
  readonly height?: number;
}

/** The plot as an SVG element. */
export function svgPlot({ label, x, y, marks, height = PLOT_HEIGHT }: Plot): Markup {
  const { from: bottom, to: top } = plotY(height);
  const vertical = x.scale.ticks.map((tick) => {
    const at = fixed(x.scale.position(tick));
    return markup`<line class="grid" x1="${at}" x2="${at}" y1="${top}" y2="${bottom}"/><text x="${at}" y="${bottom + 20}" text-anchor="middle">${x.format(tick)}</text>`;
  });
  const horizontal = y.scale.ticks.map((tick) => {
    const at = fixed(y.scale.position(tick));
    return markup`<line class="grid" x1="${LEFT}" x2="${PLOT_WIDTH - RIGHT}" y1="${at}" y2="${at}"/><text x="${LEFT - 6}" y="${at}" dy="0.35em" text-anchor="end">${y.format(tick)}</text>`;
  });
  return markup`<svg class="drawing" viewBox="0 0 ${PLOT_WIDTH} ${height}" role="img" aria-label="${label}">
${vertical}${horizontal}
<text x="${(LEFT + PLOT_WIDTH - RIGHT) / 2}" y="${height - 6}" text-anchor="middle">${x.title}</text>
${marks}</svg>
`;
}

/** A line through points; a null begins a new piece. @param className such as `line-1`. */
export function svgLine(points: readonly (readonly [x: number, y: number] | null)[], className: string): Markup {
  let isPen = false;
  const path = points.map((point) => {
    const command = isPen ? 'L' : 'M';
    isPen = point !== null;
    return point === null ? '' : `${command}${fixed(point[0])} ${fixed(point[1])}`;
  });
  return markup`<path class="stroke ${className}" d="${path.join('')}"/>`;
}

/** A number with one decimal: a tenth of a unit cannot be seen. */
export function fixed(value: number): string {
  return Number(value.toFixed(1)).toString();
}
