/**
 * Figures that others have published, as reference marks: memory per connection of servers of long-lived connections.
 * They are of other machines, other loads and other parts of the machine, so they show an order of magnitude and no rank.
 */
import { formatBytes, formatShort } from '../../../base/units.ts';
import type { Result } from '../../../result/result-schema.ts';
import { chartTable } from '../chart-table.ts';
import { type Markup, markup } from '../markup.ts';
import { logarithmicScale } from '../plot-scale.ts';
import { fixed, PLOT_X, svgPlot } from '../svg-plot.ts';
import { memoryParts, memorySum } from './memory-parts.ts';

export interface PublishedFigure {
  readonly system: string;
  /** Connections at which it was measured; null if not published. */
  readonly connections: number | null;
  readonly bytesPerConnection: number;
  /** What the figure counts. "Derived": calculated from published figures. */
  readonly counts: string;
  readonly source: string;
}

export const PUBLISHED_FIGURES: readonly PublishedFigure[] = [
  {
    system: 'WhatsApp 2012',
    connections: 2_848_794,
    bytesPerConnection: 16.5 * 1024,
    counts: 'memory of the Erlang machine (derived)',
    source: 'Rick Reed, Erlang Factory SF 2012',
  },
  {
    system: 'WhatsApp, January 2012',
    connections: 2_277_845,
    bytesPerConnection: 24 * 1024,
    counts: 'whole machine (derived)',
    source: 'blog.whatsapp.com/1-million-is-so-2011',
  },
  {
    system: 'Phoenix 2015',
    connections: 2_000_000,
    bytesPerConnection: 42_000,
    counts: 'whole machine (derived)',
    source: 'phoenixframework.org',
  },
  {
    system: 'ejabberd 16.01',
    connections: 2_000_000,
    bytesPerConnection: 80_000,
    counts: 'up to; whole server (derived)',
    source: 'process-one.net',
  },
  {
    system: 'Centrifugo',
    connections: 1_000_000,
    bytesPerConnection: 30_000,
    counts: 'about; whole server',
    source: 'centrifugal.dev',
  },
  {
    system: 'uWebSockets.js 2019',
    connections: 1_000_000,
    bytesPerConnection: 4_700,
    counts: 'whole system (derived)',
    source: 'Millions of active WebSockets with Node.js',
  },
  {
    system: 'MigratoryData',
    connections: 12_000_000,
    bytesPerConnection: 3_000,
    counts: 'kernel only (derived)',
    source: 'migratorydata.com',
  },
  {
    system: 'Linux 6.18, idle socket',
    connections: null,
    bytesPerConnection: 3_712,
    counts: 'kernel, one end',
    source: '/proc/slabinfo',
  },
];

const ROW_HEIGHT = 22;
const TOP = 10;
const BOTTOM = 42;

/** The figures as marks on a logarithmic axis, with those of this run. */
export function publishedFigures(result: Result): Markup {
  const ours = ownFigures(result);
  const rows = [
    ...ours.map((one) => ({ ...one, isOurs: true })),
    ...PUBLISHED_FIGURES.map((one) => ({ ...one, isOurs: false })),
  ];
  const height = TOP + rows.length * ROW_HEIGHT + BOTTOM;
  const from = 150;
  const all = rows.map(({ bytesPerConnection }) => bytesPerConnection);
  const x = logarithmicScale(Math.max(1, Math.min(...all)), Math.max(...all), { from, to: PLOT_X.to - 46 });
  const marks = rows.map(({ system, bytesPerConnection, isOurs }, i) => {
    const middle = TOP + (i + 0.5) * ROW_HEIGHT;
    const left = fixed(x.position(bytesPerConnection));
    const name = isOurs ? 'own' : 'other';
    return markup`<text class="${name}-name" x="${from - 8}" y="${middle}" dy="0.35em" text-anchor="end">${system}</text><line class="stem" x1="${from}" x2="${left}" y1="${middle}" y2="${middle}"/><circle class="dot ${isOurs ? 'line-1' : 'line-6'}" cx="${left}" cy="${middle}" r="${isOurs ? 5 : 3.5}"/><text class="${name}-name" x="${left}" dx="9" y="${middle}" dy="0.35em">${formatBytes(bytesPerConnection)}</text>`;
  });
  const none = { position: () => 0, ticks: [] };
  const title = 'Published memory per connection';
  return markup`<figure class="chart">
<figcaption><h3>Memory per connection beside published figures</h3></figcaption>
${svgPlot({
  label: `Memory per connection beside published figures: ${rows.map(({ system, bytesPerConnection }) => `${system} ${formatBytes(bytesPerConnection)}`).join('; ')}`,
  x: { scale: x, title: 'bytes per connection', format: formatBytes10 },
  y: { scale: none, format: String },
  marks,
  height,
})}
${chartTable(
  title,
  ['system', 'connections', 'per connection', 'what it counts', 'source'],
  rows.map(({ system, connections, bytesPerConnection, counts, source }) => [
    system,
    connections === null ? '–' : formatShort(connections),
    formatBytes(bytesPerConnection),
    counts,
    source,
  ]),
)}
</figure>
<p class="note">Of other machines and loads, and of other parts of the machine: an order of magnitude, not a rank.</p>`;
}

/** What this run has to compare; the width of the drawing has room for short names. */
function ownFigures(result: Result): PublishedFigure[] {
  const { memory, scenario, sockets, connections } = result;
  const word = scenario.isSimulated ? ', simulated' : '';
  const sum = memorySum(memoryParts(result));
  const ends = sockets?.endsHere ?? 2;
  const kernel = memory.kernel?.bytesPerConnection ?? null;
  const figure = (system: string, bytes: number | null, counts: string): PublishedFigure[] =>
    bytes === null || bytes <= 0
      ? []
      : [
          {
            system: `${system}${word}`,
            connections: connections.held,
            bytesPerConnection: bytes,
            counts,
            source: result.id,
          },
        ];
  return [
    ...figure('This run', sum, scenario.isSimulated ? 'tables of both sides, no sockets' : 'whole machine, both sides'),
    ...figure('This run, kernel', kernel === null ? null : kernel / ends, 'kernel, one end'),
  ];
}

/** Decades of bytes: `1 kB`, `10 kB`. */
function formatBytes10(bytes: number): string {
  return bytes >= 1000 ? `${formatShort(bytes / 1000)} kB`.replace('.00', '') : `${bytes} B`;
}
