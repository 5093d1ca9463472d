/** The balance of messages to groups as text: how many recipients they had, and where those are. */
import { formatCount, formatCountOf } from '../base/units.ts';
import { lostInGroups, whyLostUnknown } from './lost-in-groups.ts';
import type { GroupBalance } from './sections/groups-schema.ts';

/** For example `1,200 recipients = 1,000 delivered + 200 queued + 0 rejected`, then what is wrong or unknown. */
export function groupBalanceText(groups: GroupBalance): string[] {
  const { isSound, recipients, delivered, queued, rejected, strangers, wrongRecipients } = groups;
  const lost = lostInGroups(groups) ?? 0;
  const unknown = whyLostUnknown(groups);
  const places = [
    `${formatCount(delivered)} delivered`,
    ...(queued === null ? [] : [`${formatCount(queued)} queued`]),
    ...(rejected === null ? [] : [`${formatCount(rejected)} rejected`]),
  ];
  const found = delivered + (queued ?? 0) + (rejected ?? 0);
  const faults = [
    ...(lost === 0 ? [] : [`${formatCount(lost)} lost`]),
    ...(strangers === 0 ? [] : [`${formatCount(strangers)} delivered to phones that were not members`]),
    ...(wrongRecipients === 0 ? [] : [`${formatCount(wrongRecipients)} accepted for a wrong number of recipients`]),
  ];
  return [
    `${formatCountOf(recipients, 'recipient')} ${isSound && found === recipients ? '=' : 'against'} ${places.join(' + ')}`,
    ...(faults.length === 0 ? [] : [`wrong: ${faults.join(', ')}`]),
    ...(unknown === null ? [] : [`not balanced: ${unknown}; how many are lost is not known`]),
  ];
}
