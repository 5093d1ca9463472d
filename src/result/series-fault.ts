/**
 * What the series of a stored result lacks: older results have fewer columns, and damaged ones columns of different
 * lengths.
 */
import type { IntervalSeries } from './series-schema.ts';

interface Column {
  readonly name: string;
  readonly length: number;
}

/** Why the columns cannot be read side by side; null if each has one entry per interval or none. */
export function seriesFault(series: IntervalSeries): string | null {
  const wanted = series.atSeconds.length;
  const wrong = columnsOf(series).find(({ length }) => length !== 0 && length !== wanted);
  if (wrong === undefined) return null;
  return `series.${wrong.name}: expected ${wanted} entries as in series.atSeconds, found ${wrong.length}`;
}

/** What a reader of the result does not find in its series, as a sentence; null if nothing is missing. */
export function seriesGap(series: IntervalSeries): string | null {
  if (series.atSeconds.length === 0) {
    return 'The result has no intervals, so no figures over time: its run ended before the first, or they were removed.';
  }
  const missing = columnsOf(series).filter(({ length }) => length === 0);
  const names = [...missing.map(({ name }) => name), ...(series.threads.length === 0 ? ['threads'] : [])];
  if (names.length === 0) return null;
  return `The result has no ${names.join(', ')} over time: an older trunkline wrote it, or they were removed.`;
}

function columnsOf({ threads, events: _, ...columns }: IntervalSeries): Column[] {
  return [
    ...Object.entries(columns).map(([name, { length }]) => ({ name, length })),
    ...threads.flatMap(({ name: thread, role: _role, ...ofThread }) =>
      Object.entries(ofThread).map(([name, { length }]) => ({ name: `threads.${thread}.${name}`, length })),
    ),
  ];
}
