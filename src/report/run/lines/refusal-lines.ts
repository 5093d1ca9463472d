/** Why the switch refused messages of the driver, in words: the sum of a run only says how many there were. */
import { formatCount } from '../../../base/units.ts';
import type { Result } from '../../../result/result-schema.ts';
import { fieldText } from '../../text/figure-text.ts';

/** Counters of refusals begin with this, and go on with the reason. */
const REFUSED = 'rejected';
/** This one is a sum of times. */
const TIMES = 'rejectedMicros';

/** For example `refused: mailbox full 1,200, id too old 3`, the most frequent first; none if nothing was refused. */
export function refusalLines({ counters, groups }: Pick<Result, 'counters' | 'groups'>): string[] {
  const reasons = Object.entries(counters.driver)
    .filter(([name, count]) => name.startsWith(REFUSED) && name !== TIMES && count > 0)
    .sort(([, one], [, other]) => other - one)
    .map(([name, count]) => `${fieldText(name.slice(REFUSED.length)).trim()} ${formatCount(count)}`);
  if (reasons.length === 0) return [];
  const also = groups === null ? '' : ', messages to groups and joins included';
  return [`refused${also}: ${reasons.join(', ')}`];
}
