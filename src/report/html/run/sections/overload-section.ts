/** Overload on the page of a run: goodput against what was offered, and what was shed, when and for how long. */
import { formatCount, formatMicros } from '../../../../base/units.ts';
import type { Result } from '../../../../result/result-schema.ts';
import { goodputOmissions, shedName } from '../../../run/lines/overload-lines.ts';
import { NOTHING, rateText } from '../../../text/figure-text.ts';
import { table } from '../../chart-table.ts';
import { markup } from '../../markup.ts';
import type { PageSection } from '../../page.ts';
import { noteList } from '../../sentence-list.ts';

/** One section, or none if the run neither shed nor had work per message. */
export function overloadSection(result: Result): PageSection[] {
  const { overload } = result;
  if (overload === null) return [];
  const seconds = (value: number | null): string => (value === null ? NOTHING : `${value.toFixed(1)} s`);
  const { delayMicros, workMicrosPerMessage, withinMicros } = overload;
  const html = markup`${table(
    'Goodput',
    ['messages', 'found'],
    [
      ['offered', rateText(overload.offeredPerSecond)],
      [`delivered within ${formatMicros(withinMicros)} (goodput)`, rateText(overload.goodputPerSecond)],
      ['refused (ERROR 6)', rateText(overload.refusedPerSecond)],
      ['longest wait of input', delayMicros === null ? 'no limit' : formatMicros(delayMicros)],
      ['work per message', workMicrosPerMessage === 0 ? 'none' : formatMicros(workMicrosPerMessage)],
    ],
  )}
${table(
  'Shed load, in the order of shedding',
  ['what', 'count', 'first', 'last', 'time in which it was to be shed, summed over shards'],
  overload.shed.map(({ kind, count, firstSeconds, lastSeconds, shardSeconds }) => [
    shedName(kind),
    formatCount(count),
    seconds(firstSeconds),
    seconds(lastSeconds),
    seconds(shardSeconds),
  ]),
)}
${noteList([...goodputOmissions(result).map((note) => `${note.charAt(0).toUpperCase()}${note.slice(1)}.`), 'Times count from the start of the run, and are as exact as the intervals of the series. Acknowledgements, deliveries and receipts are never shed.'])}`;
  return [{ id: 'overload', title: 'Overload', html }];
}
