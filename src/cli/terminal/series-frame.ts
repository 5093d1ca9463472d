/** The frame of a series of runs: which run it is, how long the others will take, and the estimate so far. */
import type { Palette } from '../../report/text/palette.ts';
import { fitLine, type StyledLine } from './styled-line.ts';
import type { TerminalSize } from './terminal-size.ts';
import { formatSeconds } from './time-left.ts';

export interface RunCount {
  readonly ended: number;
  readonly all: number;
  /** Whether all are an estimate: not given where their number is known. */
  readonly isEstimate?: boolean;
}

/** What is known of a series. */
export interface SeriesProgress {
  /** What is running, such as `run 3 of 20: candidate`. */
  readonly now: string;
  /** Runs that have ended, and all; null in a phase that is no run of the series. */
  readonly runs: RunCount | null;
  /**
   * Seconds that the series needs, about, besides the rest of its runs: from the start of what is running; 0 if not
   * given.
   */
  readonly otherSeconds?: number;
  /** What the runs so far say, one line each. */
  readonly estimate: readonly string[];
}

const BAR_CELLS_MAX = 40;
const LABEL_CELLS = 9;
const LABELLED_COLUMNS_MIN = 60;

/** The lines of a frame, at most as many as fit. @param leftSeconds null if it is not known yet. */
export function seriesFrame(
  name: string,
  { now, runs, estimate }: SeriesProgress,
  { runSeconds, leftSeconds }: { readonly runSeconds: number; readonly leftSeconds: number | null },
  { columns, rows }: TerminalSize,
  palette: Palette,
  keys: string,
): string[] {
  const left = leftSeconds === null ? '' : ` · about ${formatSeconds(leftSeconds)} left`;
  const all: [label: string, line: StyledLine][] = [
    [name, [{ text: now, paint: palette.strong }, { text: ` · for ${formatSeconds(runSeconds)}${left}` }]],
    ...(runs === null ? [] : [['runs', barLine(runs, columns, palette)] as [string, StyledLine]]),
    ...estimate.map((text, n): [string, StyledLine] => [n === 0 ? 'so far' : '', [{ text }]]),
    ['', [{ text: keys, paint: palette.faint }]],
  ];
  return all
    .filter(([, pieces]) => pieces.some(({ text }) => text !== ''))
    .slice(0, Math.max(0, rows - 1))
    .map(([label, pieces]) => {
      const labelled = { text: label.padEnd(LABEL_CELLS), paint: palette.faint };
      return fitLine(columns < LABELLED_COLUMNS_MIN ? pieces : [labelled, ...pieces], columns);
    });
}

function barLine({ ended, all, isEstimate = false }: RunCount, columns: number, palette: Palette): StyledLine {
  const cells = Math.max(0, Math.min(BAR_CELLS_MAX, columns - LABEL_CELLS - (isEstimate ? 18 : 12)));
  const full = all > 0 ? Math.floor((ended / all) * cells) : 0;
  return [
    { text: '█'.repeat(full), paint: palette.good },
    { text: '─'.repeat(cells - full), paint: palette.faint },
    { text: ` ${ended} of ${isEstimate ? 'about ' : ''}${all}` },
  ];
}
