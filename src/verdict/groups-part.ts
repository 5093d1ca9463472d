/** The section on groups of a result. */
import type { GroupsResult } from '../result/sections/groups-schema.ts';
import { GroupPlan } from '../wire/group-plan.ts';
import type { MemoryReading } from './record/memory-reading.ts';
import type { RunRecord } from './record/run-record.ts';
import { perSecond } from './record/window.ts';

/** What the names of their tables in the ledger begin with. */
const TABLES = 'groups: ';

/** Null for a run without groups. */
export function groupsPart({ order, counters, measured, readings }: RunRecord): GroupsResult | null {
  const { groups } = order.plan;
  if (groups === null) return null;
  const of = (name: string): number => counters.driver[name] ?? 0;
  return {
    groups: groups.groups,
    lists: groups.lists,
    memberships: new GroupPlan(groups).memberships,
    sizeMax: groups.sizes.max,
    bytes: tableBytes(readings.at(-1)),
    messagesPerSecond: perSecond(measured?.window, (one) => one.driver('groupMessagesAcknowledged')),
    deliveriesPerSecond: perSecond(measured?.window, (one) => one.driver('groupDeliveries')),
    messages: of('groupMessagesAcknowledged'),
    refused: of('groupMessagesRejected'),
    notMember: of('rejectedNotAMember'),
    refusedAfterLeavingPerSecond: perSecond(measured?.window, (one) => one.driver('rejectedAfterLeaving')),
    receipts: of('groupReceipts'),
    joins: of('groupJoins'),
    leaves: of('groupLeaves'),
    changesRefused: of('groupChangesRejected'),
    groupFull: of('rejectedGroupFull'),
    changesSkipped: of('groupChangesSkipped'),
    unjudged: of('groupMembersUnknown'),
  };
}

/** Bytes of the tables of groups; null without a reading of the switch, whose memory may be elsewhere. */
function tableBytes(reading: MemoryReading | undefined): number | null {
  const tables = reading?.ledger.filter(({ owner, name }) => owner === 'switch' && name.startsWith(TABLES)) ?? [];
  return tables.length === 0 ? null : tables.reduce((sum, { bytes }) => sum + bytes, 0);
}
