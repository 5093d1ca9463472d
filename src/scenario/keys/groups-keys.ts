/** The keys of groups and broadcast lists, and what they demand of other keys. */
import { z } from 'zod';
import type { KeyFault } from '../terms/key-fault.ts';
import { GROUP_MEMBERS_MAX, GROUP_PAYLOAD_BYTES_MAX, GROUPS_MAX, LIST_MEMBERS_MAX } from '../terms/limits.ts';
import { count, rate, share } from '../terms/scalars.ts';

const lists = z.strictObject({
  count: count({ max: GROUPS_MAX })
    .prefault(0)
    .describe(
      'Broadcast lists, each with an owner of its own, who alone sends to it, and with whom it has its home shard; sizes as those of groups',
    ),
  share: share()
    .prefault(0)
    .describe('Share of the messages of the owner of a list that go to the list; the rest goes to groups and phones'),
});

export const groupsKeys = z.strictObject({
  count: count({ max: GROUPS_MAX }).prefault(0).describe('Groups; 0: none'),
  size: count({ min: 1, max: GROUP_MEMBERS_MAX })
    .prefault(16)
    .describe('Median number of members of a group at the start of the run; sizes are log-normal'),
  sigma: z
    .number()
    .min(0)
    .max(3)
    .prefault(0)
    .describe('Standard deviation of the logarithm of the size; 0: all groups have the same size'),
  sizeMax: count({ min: 1, max: GROUP_MEMBERS_MAX })
    .prefault(256)
    .describe('Most members of a group, those who join later included; the switch refuses to add one more'),
  members: z
    .enum(['online', 'all'])
    .prefault('online')
    .describe(
      'Phones that groups have as members: those that connect, or all; what is sent to a phone that never connects stays in its mailbox',
    ),
  share: share().prefault(0).describe('Share of the messages of a member of some group that go to its groups'),
  joins: rate()
    .prefault('0/s')
    .describe('Joins per second, by the first 4,096 phones that connect; each joins and leaves at most four groups'),
  leaves: rate().prefault('0/s').describe('Leaves per second, by the same phones'),
  lists: lists.prefault({}),
});

export type GroupsKeys = z.output<typeof groupsKeys>;

/** The other keys that groups depend on. */
interface Surroundings {
  readonly groups: GroupsKeys;
  readonly phones: { readonly count: number; readonly offline: number };
  readonly traffic: { readonly payload: number };
}

/** The first fault of the groups of a scenario; null if there is none. */
export function groupsFault(settings: Surroundings): KeyFault | null {
  const { groups, phones, traffic } = settings;
  const { lists: listKeys } = groups;
  const fault = (key: string, what: string) => ({ path: ['groups', ...key.split('.')], what });
  if (groups.count === 0 && groups.share > 0) return fault('share', 'expected groups.count as well');
  if (groups.count === 0 && groups.joins > 0) return fault('joins', 'expected groups.count as well');
  if (groups.count === 0 && groups.leaves > 0) return fault('leaves', 'expected groups.count as well');
  if (listKeys.count === 0 && listKeys.share > 0) return fault('lists.share', 'expected groups.lists.count as well');
  if (groups.count + listKeys.count === 0) return null;
  if (groups.count + listKeys.count > GROUPS_MAX)
    return fault('lists.count', `expected at most ${GROUPS_MAX} groups and lists together`);
  if (groups.size > groups.sizeMax) return fault('size', `expected at most groups.sizeMax, ${groups.sizeMax}`);
  if (listKeys.count > 0 && groups.sizeMax > LIST_MEMBERS_MAX) {
    return fault('sizeMax', `expected at most ${LIST_MEMBERS_MAX}, the size of a broadcast list, with groups.lists`);
  }
  const members = groups.members === 'all' ? phones.count : Math.floor(phones.count * (1 - phones.offline));
  if (groups.sizeMax > members)
    return fault('sizeMax', `expected at most as many members as there are phones for them, ${members}`);
  if (listKeys.count > members)
    return fault('lists.count', `expected at most one list per phone that is a member of groups, ${members}`);
  if (traffic.payload > GROUP_PAYLOAD_BYTES_MAX) {
    return {
      path: ['traffic', 'payload'],
      what: `expected at most ${GROUP_PAYLOAD_BYTES_MAX} B with groups, whose frames have longer headers`,
    };
  }
  return null;
}
