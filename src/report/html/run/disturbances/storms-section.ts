/** Reconnection storms on the page of a run: times to restore, what the others noticed, and logins after the drop. */
import { formatCount, formatShort } from '../../../../base/units.ts';
import type { Result } from '../../../../result/result-schema.ts';
import { deliveriesOf, secondsOf } from '../../../run/disturbances/storm-lines.ts';
import { NOTHING } from '../../../text/figure-text.ts';
import { table } from '../../chart-table.ts';
import { markup } from '../../markup.ts';
import type { PageSection } from '../../page.ts';
import { noteList } from '../../sentence-list.ts';
import { stormLoginsPlot } from './storm-logins-plot.ts';

type CountKey = 'dropped' | 'restored' | 'givenUp' | 'riddenOut' | 'deferred' | 'loginsRefused' | 'messagesRejected';

/** One section, or none if the scenario declares no storm. */
export function stormsSection({ storms }: Result): PageSection[] {
  if (storms.length === 0) return [];
  const rows = (['restored50Seconds', 'restored90Seconds', 'restored99Seconds', 'restored999Seconds'] as const).map(
    (key, n) => [`${['50', '90', '99', '99.9'][n]} % restored after`, ...storms.map((storm) => secondsOf(storm[key]))],
  );
  const count = (name: string, key: CountKey): string[] => [
    name,
    ...storms.map(({ [key]: found }) => (found === null ? NOTHING : formatCount(found))),
  ];
  const html = markup`${table(
    'Storms',
    ['storm', ...storms.map((storm) => `${storm.what}, ${storm.notice}`)],
    [
      count('connections dropped', 'dropped'),
      ...rows,
      ...(storms.some(({ riddenOut }) => riddenOut > 0)
        ? [count('phones that kept their connection', 'riddenOut')]
        : []),
      count('phones that returned', 'restored'),
      count('phones that gave up', 'givenUp'),
      count('logins told to come back later', 'deferred'),
      count('logins refused', 'loginsRefused'),
      count('messages refused', 'messagesRejected'),
      ['peak logins/s', ...storms.map((storm) => formatShort(storm.peakLoginsPerSecond))],
      ['deliveries before', ...storms.map((storm) => deliveriesOf(storm.deliveriesBefore))],
      ['deliveries between phones that stayed', ...storms.map((storm) => deliveriesOf(storm.deliveriesStayed))],
    ],
  )}
<div class="charts">${storms.map(stormLoginsPlot)}</div>
${noteList(['Times count from the storm, or from the end of the outage. The peak is that of all logins from then to the next storm, in the first minute at most. What was refused or told to come back later counts until all had returned or the next storm began. Intervals in which phones are away because of a storm are not compared with the intended load.'])}`;
  return [{ id: 'storms', title: 'Storms', html }];
}
