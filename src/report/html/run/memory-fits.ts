/**
 * Memory against connections: the readings at each level, the line fitted to them, and below it what the line misses.
 * A line that is not a figure, since its interval includes zero, is drawn faint and says why.
 */
import { formatBytes, formatCount, formatCountOf, formatShort } from '../../../base/units.ts';
import type { Result } from '../../../result/result-schema.ts';
import type { Slope } from '../../../result/sections/memory-schema.ts';
import { isDriverAlone } from '../../run/lines/is-driver-alone.ts';
import { plainBytes } from '../../run/lines/memory-lines.ts';
import { chartTable } from '../chart-table.ts';
import { type Markup, markup } from '../markup.ts';
import { bytesPlotScale, linearPlotScale } from '../plot-scale.ts';
import { fixed, PLOT_X, plotY, svgLine, svgPlot } from '../svg-plot.ts';

const FIT_HEIGHT = 210;
const RESIDUAL_HEIGHT = 96;
const TICKS = 4;

interface Fit {
  readonly title: string;
  readonly slope: Slope;
}

/** One figure per source of memory that was read at the levels. */
export function memoryFits(result: Result): Markup {
  const { connections } = result.memory;
  const fits = fitsOf(result).filter(
    ({ slope }) => slope.bytes.length === connections.length && slope.bytes.length > 0,
  );
  if (fits.length === 0)
    return markup`<p>Memory was not read: ${connections.length === 0 ? 'the ramp did not reach a level.' : 'there were too few levels.'}</p>`;
  return markup`<p class="note">Theil–Sen lines over ${formatCountOf(connections.length, 'level')} of connections, read at rest after garbage collection; intervals of 95 %.</p>
<div class="fits">${fits.map((fit) => fitFigure(connections, fit))}</div>`;
}

function fitsOf(result: Result): Fit[] {
  const { memory } = result;
  const ofSwitch = isDriverAlone(result) ? { ledger: null, heap: null, rss: null } : memory.switch;
  const all: readonly (readonly [title: string, slope: Slope | null])[] = [
    ['Whole machine (decrease of free memory)', memory.machine],
    ['Kernel sockets', memory.kernel],
    ['Both sides in one process, RSS', memory.isSimulated ? memory.process.rss : null],
    ['Switch, RSS', ofSwitch.rss],
    ['Switch, tables', ofSwitch.ledger],
    ['Switch, heap', ofSwitch.heap],
    ['Driver, RSS', memory.driver.rss],
    ['Driver, tables', memory.driver.ledger],
    ['Driver, heap', memory.driver.heap],
  ];
  return all.flatMap(([title, slope]) => (slope === null ? [] : [{ title, slope }]));
}

function fitFigure(connections: readonly number[], { title, slope }: Fit): Markup {
  const fitted = fittedBytes(connections, slope);
  const rows = connections.map((count, i) => {
    const read = slope.bytes[i] ?? 0;
    const line = fitted?.[i];
    return [
      formatCount(count),
      formatBytes(read),
      line === undefined ? '–' : formatBytes(line),
      line === undefined ? '–' : signedBytes(read - line),
    ];
  });
  return markup`<figure class="chart">
<figcaption><h3>${title}</h3><p class="faint">${slopeSentence(slope)}</p></figcaption>
${fitPlot(title, connections, slope, fitted)}
${fitted === null ? null : residualPlot(title, connections, slope, fitted)}
${chartTable(title, ['connections', 'read', 'line', 'off the line'], rows)}
</figure>
`;
}

/** The line at each level; null if the line is no figure. */
function fittedBytes(connections: readonly number[], { bytesPerConnection, baseBytes }: Slope): number[] | null {
  return bytesPerConnection === null ? null : connections.map((count) => baseBytes + bytesPerConnection * count);
}

/** The slope with its interval and base, or why there is none. */
export function slopeSentence(slope: Slope): string {
  const { bytesPerConnection, lowBytesPerConnection: low, highBytesPerConnection: high, baseBytes } = slope;
  if (bytesPerConnection === null) return slope.reason ?? 'not measurable';
  const interval = high - low < 0.05 ? '' : ` (${plainBytes(low)}…${plainBytes(high)})`;
  const linear = slope.isLinear ? '' : '; not linear, do not extrapolate';
  return `${plainBytes(bytesPerConnection)} B per connection${interval}, base ${formatBytes(baseBytes)}${linear}`;
}

function fitPlot(
  title: string,
  connections: readonly number[],
  slope: Slope,
  fitted: readonly number[] | null,
): Markup {
  const most = Math.max(...slope.bytes, ...(fitted ?? []));
  const x = linearPlotScale(0, Math.max(...connections), PLOT_X, TICKS + 1);
  const y = bytesPlotScale(0, most, plotY(FIT_HEIGHT), TICKS);
  const place = (count: number, bytes: number): [number, number] => [x.position(count), y.position(bytes)];
  const line =
    fitted === null || slope.bytesPerConnection === null
      ? null
      : svgLine(
          [0, connections.at(-1) ?? 0].map((count) =>
            place(count, slope.baseBytes + (slope.bytesPerConnection ?? 0) * count),
          ),
          'line-1',
        );
  const points = connections.map((count, i) => {
    const [left, top] = place(count, slope.bytes[i] ?? 0);
    return markup`<circle class="dot ${fitted === null ? 'faint-dot' : 'line-2'}" cx="${fixed(left)}" cy="${fixed(top)}" r="3.5"/>`;
  });
  return svgPlot({
    label: `${title} against connections: ${slopeSentence(slope)}. The table below has the values.`,
    x: { scale: x, title: 'connections', format: formatShort },
    y: { scale: y, format: formatTick },
    marks: [line, points].flat(),
    height: FIT_HEIGHT,
  });
}

function residualPlot(title: string, connections: readonly number[], slope: Slope, fitted: readonly number[]): Markup {
  const residuals = connections.map((_, i) => (slope.bytes[i] ?? 0) - (fitted[i] ?? 0));
  const most = Math.max(1, ...residuals.map(Math.abs));
  const x = linearPlotScale(0, Math.max(...connections), PLOT_X, TICKS + 1);
  const y = bytesPlotScale(-most, most, plotY(RESIDUAL_HEIGHT), 3);
  const zero = fixed(y.position(0));
  const marks = connections.map((count, i) => {
    const left = fixed(x.position(count));
    const top = fixed(y.position(residuals[i] ?? 0));
    return markup`<line class="stem" x1="${left}" x2="${left}" y1="${zero}" y2="${top}"/><circle class="dot line-2" cx="${left}" cy="${top}" r="3"/>`;
  });
  return svgPlot({
    label: `${title}: what the line misses, at most ${formatBytes(most)}.`,
    x: { scale: { ...x, ticks: [] }, title: 'off the line', format: formatShort },
    y: { scale: y, format: (bytes) => signedBytes(bytes) },
    marks: [markup`<line class="zero" x1="${PLOT_X.from}" x2="${PLOT_X.to}" y1="${zero}" y2="${zero}"/>`, ...marks],
    height: RESIDUAL_HEIGHT,
  });
}

function formatTick(bytes: number): string {
  return formatBytes(bytes).replace(/\.0+ /, ' ');
}

function signedBytes(bytes: number): string {
  return bytes > 0 ? `+${formatTick(bytes)}` : formatTick(bytes).replace(/^-/, '−');
}
