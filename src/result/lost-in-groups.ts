/** How many recipients of messages to groups were lost, as far as a result knows: 0 is said only where nobody was. */
import { formatCount, formatCountOf } from '../base/units.ts';
import type { GroupBalance } from './sections/groups-schema.ts';

/** Recipients who were lost; null if it is not known. Below 0: more were found than there are. */
export function lostInGroups(groups: GroupBalance): number | null {
  return whyLostUnknown(groups) === null ? groups.lost : null;
}

/** Why it is not known how many were lost; null if it is. Older results say 0 then. */
export function whyLostUnknown({ lost, ...of }: GroupBalance): string | null {
  const { untold, maybeRejected, queued, recipients, delivered } = of;
  if (untold > 0)
    return `the number of recipients of ${formatCountOf(untold, 'message')} is not known, since ${untold === 1 ? 'it was' : 'they were'} sent again`;
  if (maybeRejected > 0)
    return `${formatCountOf(maybeRejected, 'recipient')} ${maybeRejected === 1 ? 'was' : 'were'} rejected or lost; which ones a switch had rejected is forgotten when it is killed`;
  if (queued === null && recipients !== delivered)
    return `${formatCountOf(Math.abs(recipients - delivered), 'recipient')} may have messages waiting in mailboxes, which cannot be read`;
  return lost === null ? 'recipients were counted twice, or messages were still on their way' : null;
}

/** What a line that says how many messages were lost adds for groups; empty without messages to groups. */
export function lostInGroupsText(groups: GroupBalance | null): string {
  if (groups === null) return '';
  const lost = lostInGroups(groups);
  return `, in groups ${lost === null ? `not known${howMany(groups)}` : formatCount(lost)}`;
}

/** Of how many it is not known. */
function howMany({ untold, maybeRejected, queued, recipients, delivered }: GroupBalance): string {
  if (untold > 0) return ` (all recipients of ${formatCountOf(untold, 'message')})`;
  if (maybeRejected > 0) return ` (${formatCountOf(maybeRejected, 'recipient')})`;
  return queued === null ? ` (${formatCountOf(Math.abs(recipients - delivered), 'recipient')})` : '';
}
