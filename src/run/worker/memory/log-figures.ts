/**
 * What a store thread counts of the log of one shard, in shared memory: one writer, and the controller reads. All but
 * the size of the files only grow.
 */
import { DOUBLE_BYTES, histogramBytes, LOG_RANGE_BITS, LOG_ROW } from '../../../plan/sizes/run-shape.ts';
import { Histogram } from '../../../stats/histogram.ts';
import { LOG_FIGURES, LONGEST, type LogFigureName, type StoreFigures } from '../../../verdict/record/store-figures.ts';

export const LogFigure = Object.fromEntries(LOG_FIGURES.map((name, n) => [name, n])) as Record<LogFigureName, number>;

export class LogFigures {
  readonly row: Float64Array;
  /** Time from the first byte of a frame that is written until it is on the disk. */
  readonly commitLatency: Histogram;

  /** @param at where the figures begin. */
  constructor(memory: SharedArrayBuffer, at: number) {
    this.row = new Float64Array(memory, at, LOG_FIGURES.length);
    const counts = histogramBytes(LOG_RANGE_BITS) / Uint32Array.BYTES_PER_ELEMENT;
    this.commitLatency = new Histogram(new Uint32Array(memory, at + LOG_ROW * DOUBLE_BYTES, counts));
  }
}

/** The figures of all logs together; null if there are none. */
export function sumLogs(logs: readonly LogFigures[]): StoreFigures | null {
  if (logs.length === 0) return null;
  const commitLatency = Histogram.ofRange(LOG_RANGE_BITS);
  for (const log of logs) commitLatency.merge(log.commitLatency);
  const total = (name: LogFigureName): number => {
    const values = logs.map(({ row }) => row[LogFigure[name]] ?? 0);
    return LONGEST.includes(name) ? Math.max(...values) : values.reduce((sum, value) => sum + value, 0);
  };
  const totals = Object.fromEntries(LOG_FIGURES.map((name) => [name, total(name)])) as StoreFigures['totals'];
  return { totals, commitLatency: commitLatency.counts };
}
