/**
 * Figures that others have published, as reference marks beside one's own, each with its source: memory per connection,
 * connections, deliveries per second. They are of other machines, other loads and other parts of the machine, so they
 * show an order of magnitude and no rank.
 */
import { formatBytes, formatShort } from '../../base/units.ts';
import type { PublishedFigure } from '../../result/published-figures.ts';
import { chartTable } from './chart-table.ts';
import { type Markup, markup } from './markup.ts';
import type { PageSection } from './page.ts';
import { logarithmicPlotScale } from './plot-scale.ts';
import { sentenceList } from './sentence-list.ts';
import { fixed, PLOT_X, svgPlot } from './svg-plot.ts';

/** What is published of a system, or known of one's own; null where it is not. */
export interface SystemFigures {
  readonly system: string;
  /** Connections at once. */
  readonly connections: number | null;
  readonly bytesPerConnection: number | null;
  readonly deliveriesPerSecond: number | null;
  /** What the figures count. "Derived": calculated from published figures. */
  readonly counts: string;
  readonly source: string;
}

export const PUBLISHED_SYSTEMS: readonly SystemFigures[] = [
  {
    system: 'WhatsApp 2012',
    connections: 2_848_794,
    bytesPerConnection: 16.5 * 1024,
    deliveriesPerSecond: null,
    counts: 'memory of the Erlang machine (derived)',
    source: 'Rick Reed, Erlang Factory SF 2012',
  },
  {
    system: 'WhatsApp, Jan 2012',
    connections: 2_277_845,
    bytesPerConnection: 24 * 1024,
    deliveriesPerSecond: null,
    counts: 'whole machine (derived)',
    source: 'blog.whatsapp.com/1-million-is-so-2011',
  },
  {
    system: 'Phoenix 2015',
    connections: 2_000_000,
    bytesPerConnection: 42_000,
    deliveriesPerSecond: null,
    counts: 'whole machine (derived)',
    source: 'phoenixframework.org',
  },
  {
    system: 'ejabberd 16.01',
    connections: 2_000_000,
    bytesPerConnection: 80_000,
    deliveriesPerSecond: null,
    counts: 'up to; whole server (derived)',
    source: 'process-one.net',
  },
  {
    system: 'Centrifugo',
    connections: 1_000_000,
    bytesPerConnection: 30_000,
    deliveriesPerSecond: 500_000,
    counts: 'about; whole server',
    source: 'centrifugal.dev',
  },
  {
    system: 'uWebSockets.js 2019',
    connections: 1_000_000,
    bytesPerConnection: 4_700,
    deliveriesPerSecond: null,
    counts: 'whole system (derived)',
    source: 'Millions of active WebSockets with Node.js',
  },
  {
    system: 'MigratoryData',
    connections: 12_000_000,
    bytesPerConnection: 3_000,
    deliveriesPerSecond: null,
    counts: 'kernel only (derived)',
    source: 'migratorydata.com',
  },
  {
    system: 'MigratoryData, busy',
    connections: 192_000,
    bytesPerConnection: null,
    deliveriesPerSecond: 1_920_000,
    counts: 'one server, mean latency 597 ms',
    source: 'migratorydata.com',
  },
  {
    system: 'WhatsApp 2014',
    connections: 147_000_000,
    bytesPerConnection: null,
    deliveriesPerSecond: 712_000,
    counts: 'the whole service, about 150 chat servers',
    source: 'Rick Reed, Erlang Factory SF 2014',
  },
  {
    system: 'Linux 6.18, socket',
    connections: null,
    bytesPerConnection: 3_712,
    deliveriesPerSecond: null,
    counts: 'kernel, one end',
    source: '/proc/slabinfo',
  },
];

/** A figure that several systems have. */
interface Measure {
  readonly title: string;
  readonly axis: string;
  readonly heading: string;
  readonly read: (figures: SystemFigures) => number | null;
  readonly words: (figure: number) => string;
  /** Decades of the axis: `1 kB`, `10 kB`. */
  readonly tick: (figure: number) => string;
}

const shortTick = (figure: number): string => formatShort(figure).replace(/\.0+(?=\D|$)/, '');
const MEASURES: readonly Measure[] = [
  {
    title: 'Memory per connection beside published figures',
    axis: 'bytes per connection',
    heading: 'per connection',
    read: ({ bytesPerConnection }) => bytesPerConnection,
    words: formatBytes,
    tick: (bytes) => (bytes >= 1000 ? `${shortTick(bytes / 1000)} kB` : `${bytes} B`),
  },
  {
    title: 'Connections beside published figures',
    axis: 'connections at once',
    heading: 'connections',
    read: ({ connections }) => connections,
    words: formatShort,
    tick: shortTick,
  },
  {
    title: 'Deliveries per second beside published figures',
    axis: 'messages delivered per second',
    heading: 'deliveries/s',
    read: ({ deliveriesPerSecond }) => deliveriesPerSecond,
    words: (rate) => `${formatShort(rate)}/s`,
    tick: shortTick,
  },
];

const ROW_HEIGHT = 22;
const TOP = 10;
const BOTTOM = 42;
/** Where the axis begins: the names to the left of it have room for some twenty letters. */
const NAMES_WIDTH = 166;
const NAME_LETTERS_MAX = 20;
/** To the right of the axis, for the figure of the last mark. */
const FIGURE_WIDTH = 46;

/**
 * The section of a page. A kind of figure is drawn if one of one's own has it.
 *
 * @param own figures of the runs that the page is about.
 * @param quoted figures that the scenarios of the runs quote, in words.
 */
export function publishedSection(
  own: readonly SystemFigures[],
  quoted: readonly PublishedFigure[],
): readonly PageSection[] {
  const drawn = MEASURES.filter(({ read }) => own.some((one) => (read(one) ?? 0) > 0));
  if (drawn.length === 0 && quoted.length === 0) return [];
  const charts = drawn.map((measure) => publishedChart(measure, own));
  const html = markup`${quotedList(quoted)}${
    drawn.length === 0
      ? null
      : markup`<div class="charts">${charts}</div>
<p class="note">Of other machines and loads, and of other parts of the machine: an order of magnitude, not a rank.</p>`
  }`;
  return [{ id: 'published', title: 'Published figures', html }];
}

function quotedList(quoted: readonly PublishedFigure[]): Markup | null {
  if (quoted.length === 0) return null;
  return markup`${sentenceList(quoted.map(({ figure, source }) => `published: ${figure} (${source})`))}
`;
}

/** The figures as marks on a logarithmic axis, one's own first. */
function publishedChart(measure: Measure, own: readonly SystemFigures[]): Markup {
  const { title, words } = measure;
  const rows = [
    ...own.map((figures) => ({ figures, isOwn: true })),
    ...PUBLISHED_SYSTEMS.map((figures) => ({ figures, isOwn: false })),
  ].flatMap(({ figures, isOwn }) => {
    const value = measure.read(figures);
    return value === null || value <= 0 ? [] : [{ ...figures, value, isOwn }];
  });
  const height = TOP + rows.length * ROW_HEIGHT + BOTTOM;
  const all = rows.map(({ value }) => value);
  const ends = { from: NAMES_WIDTH, to: PLOT_X.to - FIGURE_WIDTH };
  const x = logarithmicPlotScale(Math.max(1, Math.min(...all)), Math.max(...all), ends);
  const marks = rows.map(({ system, value, isOwn }, i) => {
    const middle = TOP + (i + 0.5) * ROW_HEIGHT;
    const left = fixed(x.position(value));
    const name = isOwn ? 'own' : 'other';
    return markup`<text class="${name}-name" x="${NAMES_WIDTH - 8}" y="${middle}" dy="0.35em" text-anchor="end">${shortName(system)}</text><line class="stem" x1="${NAMES_WIDTH}" x2="${left}" y1="${middle}" y2="${middle}"/><circle class="dot ${isOwn ? 'line-1' : 'line-6'}" cx="${left}" cy="${middle}" r="${isOwn ? 5 : 3.5}"/><text class="${name}-name" x="${left}" dx="9" y="${middle}" dy="0.35em">${words(value)}</text>`;
  });
  return markup`<figure class="chart">
<figcaption><h3>${title}</h3></figcaption>
${svgPlot({
  label: `${title}: ${rows.map(({ system, value }) => `${system} ${words(value)}`).join('; ')}`,
  x: { scale: x, title: measure.axis, format: measure.tick },
  y: { scale: { position: () => 0, ticks: [] }, format: String },
  marks,
  height,
})}
${chartTable(
  title,
  ['system', measure.heading, 'at connections', 'what it counts', 'source'],
  rows.map(({ system, value, connections, counts, source }) => [
    system,
    words(value),
    connections === null ? '–' : formatShort(connections),
    counts,
    source,
  ]),
)}
</figure>`;
}

/** Cuts a long name, but not what its end says of the figure, such as `, simulated`. */
function shortName(system: string): string {
  const letters = [...system];
  if (letters.length <= NAME_LETTERS_MAX) return system;
  const [, end = ''] = /(, (?:simulated|kernel))$/.exec(system) ?? [];
  return `${letters.slice(0, NAME_LETTERS_MAX - 1 - end.length).join('')}…${end}`;
}
