/** A run over time: connections, throughput and p99 as sparklines, each with its maximum in figures. */
import { formatCount, formatMicros, formatShort } from '../../../base/units.ts';
import type { IntervalSeries } from '../../../result/series-schema.ts';
import { sparkline } from '../../text/sparkline.ts';

const CELLS = 40;
/** Fewer intervals have no shape. */
const INTERVALS_MIN = 5;
const NAME_CHARACTERS = 14;

/** One line per figure that was measured; none for a run that was too short. */
export function timelineLines(series: IntervalSeries): string[] {
  if (series.atSeconds.length < INTERVALS_MIN) return [];
  const p99 = series.deliveryP99Micros;
  return [
    line('connections', series.held, formatCount),
    line('messages/s', series.messagesPerSecond, formatShort),
    ...(p99.some((value) => value !== null) ? [line('delivery p99', p99, formatMicros)] : []),
  ];
}

function line(name: string, values: readonly (number | null)[], format: (value: number) => string): string {
  const max = values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
  return `${name.padEnd(NAME_CHARACTERS)}${sparkline(values, CELLS)}  at most ${format(max)}`;
}
