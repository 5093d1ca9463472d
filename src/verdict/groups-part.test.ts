import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LedgerEntry } from '../base/ledger-entry.ts';
import { groupsSchema } from '../result/sections/groups-schema.ts';
import { scriptedPlan } from '../run/sides/scripted-sides.test-suite.ts';
import { groupsPart } from './groups-part.ts';
import type { RunRecord } from './record/run-record.ts';
import { type Snapshot, Window } from './record/window.ts';

const GROUPS = 'groups={count: 20, size: 10, sigma: 0, sizeMax: 30, lists: {count: 5}}';
/** All differ, so that no two figures can change places. */
const COUNTERS = {
  groupMessagesAcknowledged: 1000,
  groupMessagesRejected: 101,
  rejectedNotAMember: 102,
  groupReceipts: 103,
  groupJoins: 104,
  groupLeaves: 105,
  groupChangesRejected: 106,
  rejectedGroupFull: 107,
  groupChangesSkipped: 108,
  groupMembersUnknown: 109,
};

const snapshot = (atMicros: number, driver: Record<string, number>): Snapshot =>
  ({ atMicros, driver, switch: {} }) as unknown as Snapshot; // it reads nothing else

function recordOf(
  settings: readonly string[],
  measured: RunRecord['measured'] | { window: Window } = null,
  ledger: readonly LedgerEntry[] = [],
): RunRecord {
  const plan = scriptedPlan(...settings);
  const counters = { driver: COUNTERS, switch: {} };
  return { order: { plan }, counters, measured, readings: [{ ledger: [] }, { ledger }] } as unknown as RunRecord; // likewise
}

describe('the section about groups', () => {
  it('is left out without groups', () => {
    assert.equal(groupsPart(recordOf([])), null);
  });

  it('counts the whole run, each figure by its own counter, and has no rates without a measurement', () => {
    const part = groupsPart(recordOf([GROUPS]));
    assert.deepEqual(part, {
      ...{ groups: 20, lists: 5, memberships: 250, sizeMax: 30, bytes: null },
      ...{ messagesPerSecond: null, deliveriesPerSecond: null, refusedAfterLeavingPerSecond: null },
      ...{ messages: 1000, refused: 101, notMember: 102, receipts: 103, joins: 104, leaves: 105 },
      ...{ changesRefused: 106, groupFull: 107, changesSkipped: 108, unjudged: 109 },
    });
    assert.ok(groupsSchema.safeParse(part).success);
  });

  it('has the memory of their tables, in all shards, and of nothing else', () => {
    const table = (owner: LedgerEntry['owner'], name: string, bytes: number): LedgerEntry => {
      return { owner, name, bytes, rowBytes: 0, rowsUsed: 0 };
    };
    const part = groupsPart(
      recordOf([GROUPS], null, [
        table('switch', 'groups: members', 1000),
        table('switch', 'groups: members', 200),
        table('switch', 'groups: versions and counts', 30),
        table('switch', 'sessions', 5000),
        table('driver', 'groups', 7000),
      ]),
    );
    assert.equal(part?.bytes, 1230);
  });

  it('has rates of the measured time, not of the whole run', () => {
    const before = { groupMessagesAcknowledged: 400, groupDeliveries: 1000, rejectedAfterLeaving: 10 };
    const after = { groupMessagesAcknowledged: 800, groupDeliveries: 7000, rejectedAfterLeaving: 60 };
    const window = new Window(snapshot(3e6, before), snapshot(5e6, after));
    const part = groupsPart(recordOf([GROUPS], { window }));
    assert.deepEqual(
      [part?.messagesPerSecond, part?.deliveriesPerSecond, part?.refusedAfterLeavingPerSecond],
      [200, 3000, 25],
    );
    assert.equal(part?.messages, 1000);
  });
});
