/**
 * A frame of the live view of a run: lines that fit a terminal of any size. Rows are in a fixed order, so that figures
 * stay in their places; in a low terminal the least important rows are left out, and in a narrow one the labels and the
 * ends of lines.
 *
 * The first line stays the same during a run: log-update redraws a frame from its first changed line on.
 */
import { formatBytes, formatCount, formatMicros, formatShare, formatShort } from '../../base/units.ts';
import type { Palette } from '../../report/text/palette.ts';
import type { Interval } from '../../verdict/record/interval.ts';
import type { LiveRun } from './live-run.ts';
import { nearGuards } from './near-guards.ts';
import { cellsOf, fitLine, type Piece, type StyledLine } from './styled-line.ts';
import type { TerminalSize } from './terminal-size.ts';
import { expectedSeconds, formatSeconds, leftSeconds } from './time-left.ts';

/** A row of the frame. Rows with a higher rank are left out first. */
interface Row {
  readonly rank: number;
  readonly label: string;
  readonly pieces: StyledLine;
}

const LABEL_CELLS = 13;
/** A narrower terminal shows no labels. */
const LABELLED_COLUMNS_MIN = 60;
const BAR_CELLS_MAX = 40;
const BAR_CELLS_MIN = 4;
/** Busiest threads that are named. */
const THREADS_NAMED_MAX = 4;
const EVENTS_SHOWN_MAX = 4;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/**
 * The lines of a frame.
 *
 * @param nowSeconds since the view began.
 * @param keys what the keys do; empty if none are read.
 */
export function liveFrame(
  run: LiveRun,
  nowSeconds: number,
  { columns, rows }: TerminalSize,
  palette: Palette,
  keys: string,
): string[] {
  const all = rowsOf(run, nowSeconds, columns, palette, keys);
  const isLabelled = columns >= LABELLED_COLUMNS_MIN;
  // The cursor stands on a line below the frame.
  const kept = [...all].sort((a, b) => a.rank - b.rank).slice(0, Math.max(0, rows - 1));
  return all
    .filter((row) => kept.includes(row))
    .map(({ label, pieces }) => {
      const labelled = isLabelled ? [{ text: label.padEnd(LABEL_CELLS), paint: palette.faint }, ...pieces] : pieces;
      return fitLine(labelled, columns);
    });
}

function rowsOf(run: LiveRun, nowSeconds: number, columns: number, palette: Palette, keys: string): Row[] {
  const { interval } = run;
  const isLabelled = columns >= LABELLED_COLUMNS_MIN;
  return [
    { rank: 8, label: 'trunkline', pieces: titleLine(run, palette, keys) },
    { rank: 1, label: run.phase ?? 'start', pieces: phaseLine(run, nowSeconds, isLabelled, palette) },
    { rank: 2, label: 'connections', pieces: connectionsLine(run, columns, palette) },
    ...(interval === null ? [] : figureRows(run, interval, palette)),
    ...guardRows(run, nowSeconds, palette),
    ...eventRows(run, palette),
  ];
}

function titleLine({ plan }: LiveRun, palette: Palette, keys: string): Piece[] {
  const simulated = plan.isSimulated ? ', simulated' : '';
  return [
    { text: plan.scenario, paint: palette.strong },
    ...(plan.step === null ? [] : [{ text: ` · step ${plan.step}` }]),
    { text: ` · ${plan.transport}${simulated}` },
    ...(keys === '' ? [] : [{ text: ` · ${keys}`, paint: palette.faint }]),
  ];
}

/** The name of the phase is the label of the row, where there are labels. */
function phaseLine(run: LiveRun, nowSeconds: number, isLabelled: boolean, palette: Palette): Piece[] {
  const { phase, plan } = run;
  if (phase === null) return [{ text: 'starting threads' }];
  const seconds = run.phaseSeconds(nowSeconds);
  const expected = expectedSeconds(phase, plan);
  const held = run.interval?.held ?? 0;
  const left = leftSeconds(plan, { phase, phaseSeconds: seconds, held });
  const paused = run.isPaused
    ? [{ text: `PAUSED for ${formatSeconds(run.pausedSeconds(nowSeconds))} · `, paint: palette.warning }]
    : [];
  const of = phase === 'measure' ? ` of ${formatSeconds(expected)}` : '';
  const rest = run.isEnding ? 'ending early' : `about ${formatSeconds(left)} left`;
  return [
    ...paused,
    ...(isLabelled ? [] : [{ text: `${phase} `, paint: palette.strong }]),
    { text: `${formatSeconds(seconds)}${of} · ${rest}` },
  ];
}

function connectionsLine({ plan, interval }: LiveRun, columns: number, palette: Palette): Piece[] {
  const held = interval?.held ?? 0;
  const share = plan.online > 0 ? Math.min(1, held / plan.online) : 0;
  const counts = `${formatCount(held)} of ${formatCount(plan.online)} `;
  const percent = ` ${formatShare(share)}`;
  const label = columns >= LABELLED_COLUMNS_MIN ? LABEL_CELLS : 0;
  const cells = Math.min(BAR_CELLS_MAX, columns - label - cellsOf(counts) - cellsOf(percent));
  if (cells < BAR_CELLS_MIN) return [{ text: `${counts.trimEnd()}${percent}` }];
  return [{ text: counts }, ...bar(share, cells, palette), { text: percent }];
}

/** A bar with a resolution of an eighth of a cell. */
function bar(share: number, cells: number, palette: Palette): Piece[] {
  const eighths = Math.round(share * cells * 8);
  const full = `${'█'.repeat(Math.floor(eighths / 8))}${EIGHTHS[eighths % 8] ?? ''}`;
  return [
    { text: full, paint: palette.good },
    { text: '─'.repeat(Math.max(0, cells - full.length)), paint: palette.faint },
  ];
}

function figureRows(run: LiveRun, interval: Interval, palette: Palette): Row[] {
  const { deliveryP50Micros: p50, deliveryP99Micros: p99 } = interval;
  const micros = (value: number | null): string => (value === null ? '–' : formatMicros(value));
  return [
    {
      rank: 3,
      label: 'per second',
      pieces: [
        { text: `${formatShort(interval.messagesPerSecond)} messages · ` },
        { text: `${formatShort(interval.deliveriesPerSecond)} deliveries · ` },
        { text: `${formatShort(interval.loginsPerSecond)} logins` },
      ],
    },
    {
      rank: 4,
      label: 'delivery',
      pieces: [
        { text: `p50 ${micros(p50)} · p99 ${micros(p99)}` },
        ...(interval.backlogMessages >= 1
          ? [{ text: ` · ${formatShort(interval.backlogMessages)} late`, paint: palette.warning }]
          : []),
      ],
    },
    { rank: 6, label: 'memory', pieces: [{ text: memoryWords(run, interval) }] },
    ...threadRow(run.plan.threads, interval),
  ];
}

/** Memory per connection between the first and the latest level at which it was read. */
function memoryWords({ firstReading: first, lastReading: last }: LiveRun, interval: Interval): string {
  const now = `RSS ${formatBytes(interval.rssBytes)}`;
  const connections = (last?.connections ?? 0) - (first?.connections ?? 0);
  if (first === null || last === null || connections <= 0) return `per connection not yet known · ${now}`;
  // Few connections cost less than what the heap of the process grows or shrinks by meanwhile.
  const slope = (before: number | null, after: number | null): string =>
    before === null || after === null || after <= before
      ? 'not measurable'
      : formatBytes((after - before) / connections);
  const kernel = last.kernelBytes === null ? '' : `, kernel ${slope(first.kernelBytes, last.kernelBytes)}`;
  const levels = [first, last].map((one) => (one.connections < 1000 ? one.connections : formatShort(one.connections)));
  return `${slope(first.rssBytes, last.rssBytes)} per connection so far (RSS growth, ${levels.join(' to ')})${kernel} · ${now}`;
}

function threadRow(all: number, { threads }: Interval): Row[] {
  const measured = threads.filter(({ busyShare }) => busyShare !== null);
  if (measured.length === 0) return [];
  const busiest = [...measured].sort((a, b) => (b.busyShare ?? 0) - (a.busyShare ?? 0));
  const named = busiest
    .slice(0, THREADS_NAMED_MAX)
    .map(({ name, busyShare }) => `${name} ${formatShare(busyShare ?? 0)}`);
  const known = threads.length < all ? ` of ${formatCount(all)} threads` : '';
  const count = named.length < all ? `, the busiest of ${formatCount(threads.length)}${known}` : '';
  return [{ rank: 7, label: 'busy', pieces: [{ text: `${named.join(' · ')}${count}` }] }];
}

function guardRows(run: LiveRun, nowSeconds: number, palette: Palette): Row[] {
  const paused = run.pausedSeconds(nowSeconds);
  const pause: Piece[] =
    paused > 0 ? [{ text: `load paused ${formatSeconds(paused)}: the run is not valid`, paint: palette.bad }] : [];
  const near = run.interval === null ? [] : nearGuards(run.interval, run);
  const pieces = [
    ...pause,
    ...near.map(({ name, isBeyond, words }) => ({
      text: `${name}: ${words}`,
      paint: isBeyond ? palette.bad : palette.warning,
    })),
  ];
  if (pieces.length === 0) return [];
  const separated = pieces.flatMap((piece, n) => (n === 0 ? [piece] : [{ text: ' · ' }, piece]));
  return [{ rank: 5, label: 'guards', pieces: separated }];
}

function eventRows({ events }: LiveRun, palette: Palette): Row[] {
  return events.slice(-EVENTS_SHOWN_MAX).map(({ atSeconds, text }, n, shown) => ({
    rank: 9 + shown.length - n,
    label: n === 0 ? 'events' : '',
    pieces: [{ text: `${atSeconds.toFixed(1).padStart(6)} s  ${text}`, paint: palette.faint }],
  }));
}
