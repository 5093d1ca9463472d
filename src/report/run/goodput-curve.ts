/**
 * Goodput against what was offered, over the steps of a series: flat beyond the capacity if the switch bounds its
 * overload.
 */
import { formatShare, formatShort } from '../../base/units.ts';
import type { StepEntry } from '../../result/steps-schema.ts';

export interface GoodputPoint {
  readonly step: string;
  readonly offeredPerSecond: number;
  readonly goodputPerSecond: number;
}

export interface GoodputCurve {
  /** By what was offered, ascending; at least two. */
  readonly points: readonly GoodputPoint[];
  readonly bestPerSecond: number;
  /** Goodput at the largest load, as a share of the best. */
  readonly lastShare: number;
}

const BAR_CELLS = 40;

/** The curve of a series; null if fewer than two steps measured goodput. */
export function goodputCurve(steps: readonly StepEntry[]): GoodputCurve | null {
  const points = steps
    .flatMap(({ name, figures }): GoodputPoint[] => {
      const { offeredMessagesPerSecond: offeredPerSecond = null, goodputPerSecond = null } = figures ?? {};
      if (offeredPerSecond === null || goodputPerSecond === null) return [];
      return [{ step: name, offeredPerSecond, goodputPerSecond }];
    })
    .sort((a, b) => a.offeredPerSecond - b.offeredPerSecond);
  const last = points.at(-1);
  if (points.length < 2 || last === undefined) return null;
  const bestPerSecond = Math.max(...points.map(({ goodputPerSecond }) => goodputPerSecond));
  return { points, bestPerSecond, lastShare: bestPerSecond === 0 ? 0 : last.goodputPerSecond / bestPerSecond };
}

/** What the curve says, in one sentence. */
export function goodputSentence({ points, bestPerSecond, lastShare }: GoodputCurve): string {
  const last = points.at(-1);
  return `at ${formatShort(last?.offeredPerSecond ?? 0)}/s offered (${last?.step ?? ''}), goodput is ${formatShare(lastShare)} of the best, which is ${formatShort(bestPerSecond)}/s`;
}

/** The curve as bars for a terminal: what was offered (░), and of it the goodput (█). */
export function goodputBars({ points }: GoodputCurve): string[] {
  const most = Math.max(...points.map(({ offeredPerSecond }) => offeredPerSecond));
  const nameWidth = Math.max(...points.map(({ step }) => step.length));
  const cells = (rate: number): number => (most === 0 ? 0 : Math.min(BAR_CELLS, Math.round((rate / most) * BAR_CELLS)));
  return points.map(({ step, offeredPerSecond, goodputPerSecond }) => {
    const good = cells(goodputPerSecond);
    const bar = '█'.repeat(good) + '░'.repeat(Math.max(0, cells(offeredPerSecond) - good));
    const rates = `${formatShort(goodputPerSecond)}/s of ${formatShort(offeredPerSecond)}/s`;
    return `${step.padEnd(nameWidth)}  ${bar.padEnd(BAR_CELLS)}  ${rates}`;
  });
}
