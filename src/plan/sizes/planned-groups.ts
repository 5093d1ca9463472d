/** The groups of a run: their place behind the other accounts, the sizes of their tables, and the memory of these. */
import { CHANGING_GROUPS, CHANGING_PHONES_MAX } from '../../driver/groups/changed-groups.ts';
import type { ScenarioSettings } from '../../scenario/scenario-schema.ts';
import type { GroupSettings } from '../../switch/terms/shard-settings.ts';
import { GroupPlan, type GroupPlanSettings, listOwners } from '../../wire/group-plan.ts';
import type { NumberBlock } from '../../wire/numbering-plan.ts';
import { HOME_SALT, Placement } from '../../wire/placement.ts';

type GroupsOfScenario = ScenarioSettings['groups'];

/** Messages and changes that may wait at the home of groups, and at a shard: some milliseconds of fan-outs. */
const QUEUE_MAX = 4096;
/** Messages that a home remembers for their ✓✓: those of several seconds. */
const RECENT_MAX = 65_536;
const QUEUE_ITEM_BYTES = 24;
/** With group and sequence number, and the shards that have not reported, where messages are stored. */
const RECENT_BYTES = 40;
/** Notes that wait for the log, where messages are stored: each shard has room for those of all homes. */
const NOTE_BYTES = 12;
/** A membership: its word, and its part of a chunk that is not full. */
const MEMBERSHIP_BYTES = 8;
/** A group in the plan that each thread has, and its row and list on each shard. */
const GROUP_BYTES = 12 + 16;
/** A membership that differs from the plan, at the home of the group and at that of the member. */
const CHANGE_BYTES = 8 + 32;
/** What a lane keeps about a group that a phone joins and leaves. */
const CHANGED_BYTES = 28;

/**
 * The plan of the groups of a scenario; null without groups.
 * @param numbering the blocks of all other accounts.
 */
export function plannedGroups(
  { groups, phones, seed }: ScenarioSettings,
  online: number,
  numbering: readonly NumberBlock[],
): GroupPlanSettings | null {
  if (groups.count + groups.lists.count === 0) return null;
  return {
    seed,
    firstAccount: numbering.reduce((sum, block) => sum + block.count, 0),
    groups: groups.count,
    lists: groups.lists.count,
    phones: groups.members === 'all' ? phones.count : online,
    sizes: { median: groups.size, sigma: groups.sigma, max: groups.sizeMax },
  };
}

/** The numbers of groups are a block of their own behind the last number, so all other accounts keep their indexes. */
export function withGroups(
  numbering: readonly NumberBlock[],
  groups: GroupPlanSettings | null,
): readonly NumberBlock[] {
  if (groups === null) return numbering;
  const end = Math.max(...numbering.map(({ first, count }) => first + count));
  return [...numbering, { first: end, count: groups.groups + groups.lists }];
}

/** Where accounts have their homes, lists included. */
export function homesWith(groups: GroupPlanSettings | null, shards: number): Placement {
  return new Placement(shards, HOME_SALT, groups === null ? undefined : listOwners(groups));
}

/** The settings of groups on each shard. */
export function groupSettings(plan: GroupPlanSettings, shards: number): GroupSettings {
  // Homes of the changed groups are drawn by hash: twice the mean leaves room for the difference.
  const changesMax = Math.ceil((2 * CHANGING_PHONES_MAX * CHANGING_GROUPS) / shards);
  return { plan: new GroupPlan(plan), queueMax: QUEUE_MAX, recentMax: RECENT_MAX, changesMax };
}

/** Memory of groups on both sides, in bytes; 0 without groups. */
export function groupBytes(
  { count, lists, size, sigma, sizeMax }: GroupsOfScenario,
  shards: number,
  lanes: number,
): number {
  const groups = count + lists.count;
  if (groups === 0) return 0;
  const meanSize = Math.min(sizeMax, Math.ceil(size * Math.exp(sigma ** 2 / 2))); // of a log-normal distribution
  const changes = CHANGING_PHONES_MAX * CHANGING_GROUPS;
  return (
    groups * meanSize * MEMBERSHIP_BYTES +
    groups * (shards * shards * 4 + (shards + lanes) * GROUP_BYTES) +
    shards *
      ((1 + shards) * QUEUE_MAX * (QUEUE_ITEM_BYTES + NOTE_BYTES) +
        RECENT_MAX * RECENT_BYTES +
        2 * changes * CHANGE_BYTES) +
    changes * CHANGED_BYTES
  );
}
