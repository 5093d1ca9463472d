/** Draws the charts over time into their places, with uPlot, in the colours of the style sheet. */
import uPlot from 'uplot';
import { formatValue, type Timeline, type TimelineChart } from '../timeline.ts';

const HEIGHT = 174;
/** Above the lines, for the names of marks: a line at the top of the scale would run through them. */
const MARKS_HEIGHT = 16;
const AXIS_WIDTH = 66;
const AXIS_HEIGHT = 30;
const MARK_TEXT_GAP = 3;
/** Powers of two for steps of sizes. */
const BITS_MAX = 50;
const DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 2], [8, 3, 2, 3]];
/** Lines of a chart before their colours repeat; the style sheet has as many. */
const COLOURS = 6;

/** Draws all charts, and again where the width or the colours change. */
export function drawTimelines(timelines: readonly Timeline[]): void {
  const plots: { readonly plot: uPlot; readonly place: HTMLElement }[] = [];
  for (const place of document.querySelectorAll<HTMLElement>('.plot')) {
    const timeline = timelines.find(({ id }) => id === place.dataset['timeline']);
    const chart = timeline?.charts.find(({ id }) => id === place.dataset['chart']);
    if (timeline !== undefined && chart !== undefined) plots.push({ plot: draw(place, timeline, chart), place });
  }
  const resized = new ResizeObserver(() => {
    for (const { plot, place } of plots) fit(plot, place);
  });
  for (const { place } of plots) resized.observe(place);
  const redraw = (): void => {
    for (const { plot, place } of plots) {
      fit(plot, place);
      plot.redraw(false, true);
    }
  };
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  matchMedia('print').addEventListener('change', redraw);
}

function fit(plot: uPlot, place: HTMLElement): void {
  const width = place.clientWidth;
  if (width > 0 && width !== plot.width) plot.setSize({ width, height: HEIGHT });
}

function draw(place: HTMLElement, timeline: Timeline, chart: TimelineChart): uPlot {
  const format = (value: number): string => formatValue(value, chart.unit);
  const readings = place.parentElement?.querySelectorAll<HTMLElement>('.reading') ?? [];
  const grid = (): string => colour('--grid');
  const text = (): string => colour('--ink-faint');
  const axis = {
    stroke: text,
    font: '11px system-ui, sans-serif',
    grid: { stroke: grid, width: 1 },
    ticks: { show: false },
  };
  const plot = new uPlot(
    {
      width: place.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      padding: [MARKS_HEIGHT, null, null, null],
      cursor: { sync: { key: timeline.id }, drag: { x: true, y: false }, points: { size: 5 } },
      scales: { x: { time: false }, y: { distr: chart.isLogarithmic ? 3 : 1, range: rangeOf(chart) } },
      axes: [
        { ...axis, size: AXIS_HEIGHT, values: (_, ticks) => ticks.map((seconds) => `${seconds} s`) },
        {
          ...axis,
          ...splitsOf(chart),
          size: AXIS_WIDTH,
          values: (_, ticks) => ticks.map((value) => (value === null ? '' : format(value))),
        },
      ],
      series: [
        {},
        ...chart.lines.map((line, i) => ({
          label: line.name,
          stroke: () => colour(`--line-${(i % COLOURS) + 1}`),
          dash: [...(DASHES[Math.floor(i / COLOURS) % DASHES.length] ?? [])],
          width: 1.5,
          points: { show: isSparse(line.values), size: 5, fill: () => colour(`--line-${(i % COLOURS) + 1}`) },
          spanGaps: false,
        })),
      ],
      hooks: {
        drawAxes: [(self) => drawMarks(self, timeline)],
        draw: [(self) => drawLimits(self, chart)],
        setCursor: [
          ({ cursor: { idx } }) => {
            for (const reading of readings) {
              const value = typeof idx === 'number' ? chart.lines[Number(reading.dataset['line'])]?.values[idx] : null;
              reading.textContent = value === null || value === undefined ? '' : format(value);
            }
          },
        ],
      },
    },
    [[...timeline.atSeconds], ...chart.lines.map(({ values }) => [...values])],
    place,
  );
  return plot;
}

/** Where the vertical axis has lines: sizes in powers of two, a logarithmic axis only at powers of ten. */
function splitsOf({ isLogarithmic, unit }: TimelineChart): Pick<uPlot.Axis, 'splits' | 'incrs'> {
  if (isLogarithmic) {
    return {
      splits: (_self, _axis, low, high) => {
        const first = Math.round(Math.log10(low));
        return Array.from({ length: Math.round(Math.log10(high)) - first + 1 }, (_, i) => 10 ** (first + i));
      },
    };
  }
  return unit === 'bytes' ? { incrs: Array.from({ length: BITS_MAX }, (_, bits) => 2 ** bits) } : {};
}

/** From 0, with the limits in view; a logarithmic axis from the decade below the lowest value. */
function rangeOf({ isLogarithmic, limits, unit }: TimelineChart): uPlot.Range.Function {
  return (_, low, high) => {
    const most = Math.max(high ?? 0, ...limits.map(({ value }) => value));
    if (isLogarithmic) {
      const least = low > 0 ? low : 1;
      return [10 ** Math.floor(Math.log10(least)), 10 ** Math.ceil(Math.log10(Math.max(most, least * 10)))];
    }
    if (!(most > 0)) return [0, 1];
    return [Math.min(0, low ?? 0), unit === 'share' && most > 0.5 && most <= 1 ? 1 : most * 1.08];
  };
}

/** A value between two gaps has no line to either side, and needs a point. */
function isSparse(values: readonly (number | null)[]): boolean {
  return values.some(
    (value, i) => value !== null && (values[i - 1] ?? null) === null && (values[i + 1] ?? null) === null,
  );
}

/** Vertical lines where phases begin and where something happened; names where there is room. */
function drawMarks(plot: uPlot, { marks }: Timeline): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = colour('--mark');
  ctx.fillStyle = colour('--ink-faint');
  ctx.lineWidth = devicePixelRatio;
  ctx.font = `${10 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'bottom';
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  let textEnd = 0;
  for (const { atSeconds, name } of marks) {
    const left = Math.round(plot.valToPos(atSeconds, 'x', true));
    if (left < bbox.left - 1 || left > bbox.left + bbox.width + 1) continue;
    ctx.beginPath();
    ctx.moveTo(left, bbox.top - MARKS_HEIGHT * devicePixelRatio);
    ctx.lineTo(left, bbox.top + bbox.height);
    ctx.stroke();
    const width = ctx.measureText(name).width + 2 * MARK_TEXT_GAP * devicePixelRatio;
    if (left < textEnd || left + width > bbox.left + bbox.width) continue;
    ctx.fillText(name, left + MARK_TEXT_GAP * devicePixelRatio, bbox.top - MARK_TEXT_GAP * devicePixelRatio);
    textEnd = left + width;
  }
  ctx.restore();
}

function drawLimits(plot: uPlot, { limits }: TimelineChart): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = colour('--bad');
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  for (const { value } of limits) {
    const top = Math.round(plot.valToPos(value, 'y', true));
    ctx.beginPath();
    ctx.moveTo(bbox.left, top);
    ctx.lineTo(bbox.left + bbox.width, top);
    ctx.stroke();
  }
  ctx.restore();
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
