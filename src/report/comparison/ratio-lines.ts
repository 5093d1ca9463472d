/**
 * The ratios of a paired comparison as sparklines, pair by pair in the order of the runs: a trend or a single outlier
 * shows.
 */
import type { Comparison } from '../../analysis/comparison/comparison-schema.ts';
import { sparkline } from '../text/sparkline.ts';

export const RATIOS_TITLE = 'Candidate / base by pair, in the order of the runs';

const CELLS = 40;
/** Fewer pairs have no shape. */
const PAIRS_MIN = 3;
const DIGITS = 4;

export interface RatioLine {
  readonly metric: string;
  /** From the lowest ratio to the highest. */
  readonly line: string;
  /** Both in figures. */
  readonly range: string;
}

/** One for each metric that decides by ratios; none for unpaired runs. */
export function ratioLines({ rows }: Comparison): RatioLine[] {
  return rows.flatMap(({ metric, role, kind, ratios }) => {
    if (role !== 'gating' || kind !== 'ratio' || ratios.length < PAIRS_MIN) return [];
    const [low, high] = [Math.min(...ratios), Math.max(...ratios)];
    const line = sparkline(
      ratios.map((ratio) => ratio - low),
      CELLS,
    );
    return [{ metric, line, range: `${low.toPrecision(DIGITS)} to ${high.toPrecision(DIGITS)}` }];
  });
}
