/** The page of a series of steps: one table of all steps, and their figures as charts. It reads only `steps.json`. */
import { formatBytes, formatMicros } from '../../../base/units.ts';
import type { StepEntry, Steps } from '../../../result/steps-schema.ts';
import { goodputCurve } from '../../run/goodput-curve.ts';
import { stepNotes, stepRows, stepsCount, stepsMarkdown } from '../../run/steps-text.ts';
import { linkTarget } from '../../text/link-target.ts';
import { chartTable, table } from '../chart-table.ts';
import { type Markup, markup } from '../markup.ts';
import type { Page, PageSection, PageVerdict } from '../page.ts';
import { bytesPlotScale, logarithmicPlotScale } from '../plot-scale.ts';
import { type PageSource, provenanceSection } from '../provenance.ts';
import { fixed, PLOT_X, plotY, svgPlot } from '../svg-plot.ts';
import { goodputPlot } from './goodput-plot.ts';

/** What a page of steps says besides the steps. */
export interface StepsPageContext {
  readonly commands: readonly string[];
  /** What differs from the scenario, as sentences. */
  readonly differences: readonly string[];
  readonly sources: readonly PageSource[];
}

type Part = readonly [name: string, className: string, bytes: (step: StepEntry) => number | null];

/** Memory per connection of a step, from the bottom of its bar. */
const PARTS: readonly Part[] = [
  [
    'switch',
    'part-switch',
    ({ figures }) =>
      (figures?.switchRss ?? figures?.switchLedger)?.bytesPerConnection ??
      figures?.switchLedger?.bytesPerConnection ??
      null,
  ],
  ['kernel, both ends', 'part-kernel', ({ figures }) => doubled(figures?.kernelEnd?.bytesPerConnection ?? null)],
  [
    'driver',
    'part-driver',
    ({ figures }) => figures?.driverRss?.bytesPerConnection ?? figures?.driverLedger?.bytesPerConnection ?? null,
  ],
];
const WHOLE = 'whole machine';
const BAR_WIDTH_MAX = 42;

/** The page of a series. */
export function stepsPage(steps: Steps, { commands, differences, sources }: StepsPageContext): Page {
  return {
    kind: 'steps',
    title: steps.name,
    about: [stepsCount(steps.steps), steps.startedAt.replace(/\.\d+Z$/, 'Z')],
    verdict: verdictOf(steps.steps),
    lead: stepTable(steps),
    sections: [
      { id: 'charts', title: 'Steps side by side', html: charts(steps.steps) },
      ...notesSection(steps.steps),
      provenanceSection({
        commands,
        differences,
        sources,
        facts: [
          ['series', steps.id],
          ['schema', steps.schema],
          ['environment and seed', 'in the report of each step'],
        ],
        environment: null,
      }),
    ],
    timelines: [],
    markdown: stepsMarkdown(steps),
  };
}

function verdictOf(steps: readonly StepEntry[]): PageVerdict {
  const passed = steps.filter(({ outcome }) => outcome === 'passed').length;
  const isBad = steps.some(({ outcome }) => ['thresholds failed', 'invalid', 'failed'].includes(outcome));
  const sentence = `${passed} of ${steps.length} steps are valid and passed their thresholds.`;
  if (isBad) return { tone: 'bad', sentence };
  return { tone: passed === steps.length ? 'good' : 'warning', sentence };
}

/** One row per step; its name leads to the report of its run. */
function stepTable({ steps }: Steps): Markup {
  const [head = [], ...rows] = stepRows(steps);
  const all = table(
    'Steps',
    head,
    rows.map((row, i) => {
      const step = steps[i];
      const [name = '', outcome = '', ...cells] = row;
      return [
        step === undefined || step.resultFile === null
          ? name
          : markup`<a href="${pageOf(step.resultFile)}">${name}</a>`,
        markup`<span class="${outcome === 'passed' ? 'good' : outcome === 'not run' ? 'warning' : 'bad'}-text">${outcome}</span>`,
        ...cells,
      ];
    }),
  );
  return markup`<div class="steps">${all}</div>`;
}

/** The report beside a result. */
function pageOf(resultFile: string): string {
  return linkTarget(resultFile.replace(/result\.json$/, 'report.html'));
}

function charts(steps: readonly StepEntry[]): Markup {
  const ran = steps.filter(({ figures }) => figures !== null);
  if (ran.length === 0) return markup`<p>No step has figures.</p>`;
  return markup`<div class="charts">${goodputChart(ran)}${memoryChart(ran)}${latencyChart(ran)}</div>`;
}

function goodputChart(steps: readonly StepEntry[]): Markup | null {
  const curve = goodputCurve(steps);
  return curve === null ? null : goodputPlot(curve);
}

/** A bar per step, stacked, with a mark for the whole machine. */
function memoryChart(steps: readonly StepEntry[]): Markup {
  const whole = ({ figures }: StepEntry): number | null => figures?.machine?.bytesPerConnection ?? null;
  const sums = steps.map((step) => PARTS.reduce((sum, [, , bytes]) => sum + (bytes(step) ?? 0), 0));
  const y = bytesPlotScale(0, Math.max(1, ...sums, ...steps.map((step) => whole(step) ?? 0)), plotY());
  const { centre, width, axis } = columnsOf(steps);
  const bars = steps.map((step, i) => {
    let below = 0;
    const pieces = PARTS.map(([, className, bytes]) => {
      const value = Math.max(0, bytes(step) ?? 0);
      const top = y.position(below + value);
      const piece = markup`<rect class="${className}" x="${fixed(centre(i) - width / 2)}" y="${fixed(top)}" width="${fixed(width)}" height="${fixed(y.position(below) - top)}"/>`;
      below += value;
      return piece;
    });
    const machine = whole(step);
    const mark =
      machine === null
        ? null
        : markup`<line class="limit-mark" x1="${fixed(centre(i) - width / 2 - 4)}" x2="${fixed(centre(i) + width / 2 + 4)}" y1="${fixed(y.position(machine))}" y2="${fixed(y.position(machine))}"/>`;
    return [...pieces, mark];
  });
  const legend = [
    ...PARTS.map(([name, className]) => markup`<li><span class="swatch-part ${className}"></span>${name}</li>`),
    markup`<li><span class="swatch line-6"></span>${WHOLE}</li>`,
  ];
  const shown = (bytes: number | null): string => (bytes === null ? '–' : formatBytes(bytes));
  const rows = steps.map((step) => [step.name, ...PARTS.map(([, , bytes]) => shown(bytes(step))), shown(whole(step))]);
  const word = steps.some(({ isSimulated }) => isSimulated) ? ' (simulated steps have no kernel sockets)' : '';
  const title = `Memory per connection${word}`;
  return markup`<figure class="chart">
<figcaption><h3>${title}</h3><ul class="legend">${legend}</ul></figcaption>
${svgPlot({ label: `${title} by step. The table below has the values.`, x: { scale: axis, title: 'step', format: (i) => steps[i]?.name ?? '' }, y: { scale: y, format: formatBytes }, marks: bars.flat() })}
${chartTable(title, ['step', ...PARTS.map(([name]) => name), WHOLE], rows)}
</figure>`;
}

/** p50 and p99 of deliveries, as a range per step. */
function latencyChart(steps: readonly StepEntry[]): Markup {
  const figures = steps.map(
    ({ figures: one }) => [one?.deliveryP50Micros ?? null, one?.deliveryP99Micros ?? null] as const,
  );
  const known = figures.flat().filter((micros) => micros !== null && micros > 0) as number[]; // no null is left
  if (known.length === 0) return markup``;
  const y = logarithmicPlotScale(Math.min(...known), Math.max(...known), plotY());
  const { centre, axis } = columnsOf(steps);
  const marks = figures.map(([p50, p99], i) => {
    const at = fixed(centre(i));
    const dot = (micros: number | null, className: string): Markup | null =>
      micros === null
        ? null
        : markup`<circle class="dot ${className}" cx="${at}" cy="${fixed(y.position(micros))}" r="4.5"/>`;
    const stem =
      p50 === null || p99 === null
        ? null
        : markup`<line class="stem" x1="${at}" x2="${at}" y1="${fixed(y.position(p50))}" y2="${fixed(y.position(p99))}"/>`;
    return [stem, dot(p50, 'line-1'), dot(p99, 'line-2')];
  });
  const shown = (micros: number | null): string => (micros === null ? '–' : formatMicros(micros));
  const title = 'Delivery from the due time';
  return markup`<figure class="chart">
<figcaption><h3>${title}</h3><ul class="legend"><li><span class="swatch line-1"></span>p50</li><li><span class="swatch line-2"></span>p99</li></ul></figcaption>
${svgPlot({ label: `${title}, p50 and p99 by step. The table below has the values.`, x: { scale: axis, title: 'step', format: (i) => steps[i]?.name ?? '' }, y: { scale: y, format: formatMicros }, marks: marks.flat() })}
${chartTable(
  title,
  ['step', 'p50', 'p99'],
  steps.map(({ name }, i) => [name, shown(figures[i]?.[0] ?? null), shown(figures[i]?.[1] ?? null)]),
)}
</figure>`;
}

/** Equal columns, one per step. */
function columnsOf(steps: readonly StepEntry[]) {
  const each = (PLOT_X.to - PLOT_X.from) / steps.length;
  const centre = (i: number): number => PLOT_X.from + (i + 0.5) * each;
  return {
    centre,
    width: Math.min(BAR_WIDTH_MAX, each * 0.6),
    axis: { position: centre, ticks: steps.map((_, i) => i) },
  };
}

function notesSection(steps: readonly StepEntry[]): PageSection[] {
  const notes = stepNotes(steps)
    .filter(([label]) => label !== 'goodput') // it has a chart
    .flatMap(([label, lines]) => lines.map((text) => markup`<li>${label}: ${text}</li>`));
  if (notes.length === 0) return [];
  return [{ id: 'notes', title: 'Notes', html: markup`<ul class="sentences">${notes}</ul>` }];
}

function doubled(bytes: number | null): number | null {
  return bytes === null ? null : 2 * bytes;
}
