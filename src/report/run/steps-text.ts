/**
 * The steps of a series side by side: one column per step on a terminal, one row per step in Markdown, with the same
 * cells. It reads only `steps.json`.
 */
import { at } from '../../base/assert.ts';
import { formatCount, formatShort } from '../../base/units.ts';
import { besideOwn } from '../../result/as-published.ts';
import type { PerConnection, StepEntry, StepFigures, Steps } from '../../result/steps-schema.ts';
import { columns } from '../text/columns.ts';
import { fieldText, latencyText, NOTHING } from '../text/figure-text.ts';
import { linkTarget } from '../text/link-target.ts';
import { escapeMarkdown } from '../text/markdown.ts';
import type { Palette } from '../text/palette.ts';
import { printable, printableOutcome } from '../text/printable.ts';
import { publishedText } from '../text/published-words.ts';
import { goodputBars, goodputCurve, goodputSentence } from './goodput-curve.ts';

const LABEL_CHARACTERS = 13;
/** Columns per table: as many as fit a terminal of 140 characters. */
const ABREAST_MAX = 7;

type Cell = (figures: StepFigures) => string;

const rate = (value: number | null): string => (value === null ? NOTHING : `${formatShort(value)}/s`);
const time = (micros: number | null, { latencyRangeMicros }: StepFigures): string =>
  latencyText(micros, latencyRangeMicros ?? Number.POSITIVE_INFINITY);
const cost = (micros: number | null): string => (micros === null ? NOTHING : `${micros.toFixed(1)} µs`);
const bytes = (slope: PerConnection): string => {
  if (slope === null) return NOTHING;
  if (slope.bytesPerConnection === null) return 'not measurable';
  return `${formatCount(slope.bytesPerConnection)} B${slope.isLinear ? '' : '*'}`;
};

const CELLS: readonly (readonly [label: string, cell: Cell])[] = [
  ['connections held', (step) => formatCount(step.connectionsHeld)],
  ['connects in the ramp', (step) => rate(step.loginsPerSecond)],
  ['complete messages', (step) => rate(step.completeMessagesPerSecond)],
  ['delivery p50', (step) => time(step.deliveryP50Micros, step)],
  ['delivery p99', (step) => time(step.deliveryP99Micros, step)],
  ['stored delivery p99', (step) => time(step.storedDeliveryP99Micros, step)],
  ['send delay p50', (step) => time(step.sendDelayP50Micros, step)],
  ['send delay p99', (step) => time(step.sendDelayP99Micros, step)],
  ['per connection: switch, tables', (step) => bytes(step.switchLedger)],
  ['per connection: switch, RSS', (step) => bytes(step.switchRss)],
  ['per connection: driver, tables', (step) => bytes(step.driverLedger)],
  ['per connection: driver, RSS', (step) => bytes(step.driverRss)],
  ['per connection: kernel, per end', (step) => bytes(step.kernelEnd)],
  ['per connection: whole machine', (step) => bytes(step.machine)],
  ['CPU per message: switch', (step) => cost(step.switchMicrosPerMessage)],
  ['CPU per message: driver', (step) => cost(step.driverMicrosPerMessage)],
];

/** In tables with a step that has a storm. */
const STORM_CELLS: typeof CELLS = [
  ['storm: 99 % of connections back', (step) => time(step.stormRestored99Micros, step)],
  ['storm: most logins', (step) => rate(step.stormPeakLoginsPerSecond)],
];

/** One step in one line, printed while the next ones run. */
export function stepLine(entry: StepEntry, of: number, palette: Palette): string {
  const step = printableStep(entry);
  const { figures } = step;
  const head = `${palette.strong(`${step.number}/${of} ${step.name}`)}  ${outcome(step, palette)}`;
  if (figures === null) return `${head}: ${step.reason ?? ''}`;
  const memory = figures.machine ?? figures.switchLedger;
  return [
    head,
    `${formatCount(figures.connectionsHeld)} ${step.isSimulated ? 'simulated phones' : 'connections'} held`,
    `${rate(figures.completeMessagesPerSecond)} complete messages`,
    `delivery p50 ${time(figures.deliveryP50Micros, figures)}, p99 ${time(figures.deliveryP99Micros, figures)}`,
    `${bytes(memory)} per connection (${figures.machine === null ? "the switch's tables" : 'whole machine'})`,
    ...(step.reason === null ? [] : [step.reason]),
  ].join(' · ');
}

/** All steps, for a terminal. @param path the folder of the series. */
export function stepsText(stored: Steps, path: string, palette: Palette): string {
  const steps = stored.steps.map(printableStep);
  const tables = parts(steps, ABREAST_MAX).map((abreast) => columns(transposed(stepRows(abreast))).join('\n'));
  return [
    `${palette.strong(`trunkline ${printable(stored.name)}`)} · ${stepsCount(steps)}`,
    '',
    tables.join('\n\n'),
    '',
    ...stepNotes(steps).flatMap(([label, lines]) => labelled(label, lines)),
    ...labelled('results', [printable(path)]),
  ].join('\n');
}

/** All steps, as a table in Markdown. */
export function stepsMarkdown(series: Steps): string {
  const { steps } = series;
  const [head = [], ...rows] = stepRows(steps);
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
  return [
    `# ${escapeMarkdown(series.name)}`,
    '',
    `${stepsCount(steps)}; started ${escapeMarkdown(series.startedAt)}.`,
    '',
    line([...head, 'published']),
    line([...head, ''].map((_, i) => (i < LEFT_COLUMNS || i === head.length ? '---' : '---:'))),
    ...rows.map((row, i) => line([...row, stepPublished(at(steps, i)) ?? NOTHING])),
    '',
    ...stepNotes(steps)
      .filter(([label]) => label !== 'published')
      .flatMap(([label, lines]) =>
        (label === 'goodput' ? lines.slice(0, 1) : lines).map((text) => `- ${escapeMarkdown(`${label}: ${text}`)}`),
      ),
    ...steps.flatMap(({ name, resultFile }) =>
      resultFile === null
        ? []
        : [`- ${escapeMarkdown(name)}: [${escapeMarkdown(resultFile)}](${linkTarget(resultFile)})`],
    ),
    '',
  ].join('\n');
}

/** A reason may be a message of several lines, of which the first two say it. */
function printableStep(step: StepEntry): StepEntry {
  return printableOutcome({ ...step, reason: step.reason === null ? null : firstLine(step.reason) });
}

/** The first columns (step, outcome, transport) are text and left-aligned. */
const LEFT_COLUMNS = 3;

/** A header row, and one row per step. */
export function stepRows(steps: readonly StepEntry[]): string[][] {
  const hasStorm = steps.some(({ figures }) => typeof figures?.stormPeakLoginsPerSecond === 'number');
  const cells = hasStorm ? [...STORM_CELLS, ...CELLS] : CELLS;
  const head = ['step', 'outcome', 'transport', ...cells.map(([label]) => label)];
  const rows = steps.map((step) => {
    const { figures } = step;
    return [
      step.name,
      step.outcome,
      `${step.transport}${step.isSimulated ? ', simulated' : ''}`,
      ...cells.map(([, cell]) => (figures === null ? NOTHING : cell(figures))),
    ];
  });
  return [head, ...rows];
}

/** Notes for which the table has no space, by kind. */
export function stepNotes(steps: readonly StepEntry[]): [label: string, lines: string[]][] {
  const slopesOf = ({ figures }: StepEntry) =>
    Object.entries(figures ?? {}).flatMap(([key, one]) =>
      one !== null && typeof one === 'object' ? [{ key, ...one }] : [],
    );
  const isCurved = (step: StepEntry): boolean =>
    slopesOf(step).some(({ isLinear, bytesPerConnection }) => !isLinear && bytesPerConnection !== null);
  const unmeasured = steps.flatMap((step) =>
    slopesOf(step).flatMap(({ key, reason }) => (reason === null ? [] : [`${step.name}: ${words(key)}: ${reason}`])),
  );
  const reasons = steps.flatMap(({ name, outcome: word, reason }) =>
    reason === null ? [] : [`${name}: ${word}: ${firstLine(reason)}`],
  );
  const published = steps.flatMap((step) => {
    const text = stepPublished(step);
    return text === null ? [] : [`${step.name}: ${text}`];
  });
  return (
    [
      ['goodput', goodputNotes(steps)],
      ['published', published],
      ['not passed', reasons],
      ['no figure', unmeasured],
      ['*', steps.some(isCurved) ? ['not linear over the levels: do not extrapolate'] : []],
      ['simulated', steps.some((step) => step.isSimulated) ? ['phones are rows in memory, no kernel sockets'] : []],
    ] satisfies [string, string[]][]
  ).filter(([, lines]) => lines.length > 0);
}

/** The published figure that a step quotes, beside that of the step. */
function stepPublished({ published }: StepEntry): string | null {
  return published === null ? null : publishedText(besideOwn(published, published.own));
}

/** The curve of goodput, and what it says. */
function goodputNotes(steps: readonly StepEntry[]): string[] {
  const curve = goodputCurve(steps);
  return curve === null ? [] : [goodputSentence(curve), ...goodputBars(curve)];
}

/** `switchRss` as `switch RSS`. */
function words(key: string): string {
  return fieldText(key).replace(/ rss$/, ' RSS');
}

/** How many steps ran, and how many passed. */
export function stepsCount(steps: readonly StepEntry[]): string {
  const ran = steps.filter((step) => step.outcome !== 'not run').length;
  const passed = steps.filter((step) => step.outcome === 'passed').length;
  return `${ran} of ${steps.length} steps run, ${passed} passed`;
}

function outcome(step: StepEntry, palette: Palette): string {
  if (step.outcome === 'passed') return palette.good('VALID, passed');
  if (step.outcome === 'thresholds failed') return palette.bad('VALID, thresholds FAILED');
  if (step.outcome === 'interrupted' || step.outcome === 'not run' || step.outcome === 'reserve')
    return palette.warning(step.outcome.toUpperCase());
  return palette.bad(step.outcome.toUpperCase());
}

function firstLine(text: string): string {
  return text
    .split('\n')
    .slice(0, 2)
    .map((line) => line.trim())
    .join(' ');
}

function labelled(label: string, lines: readonly string[]): string[] {
  return lines.map((line, i) => `${(i === 0 ? label : '').padEnd(LABEL_CHARACTERS)}${line}`);
}

function parts<Item>(items: readonly Item[], sizeMax: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / sizeMax) }, (_, i) =>
    items.slice(i * sizeMax, (i + 1) * sizeMax),
  );
}

function transposed(rows: readonly (readonly string[])[]): string[][] {
  return (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] ?? ''));
}
