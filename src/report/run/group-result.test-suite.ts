/** The result of a run with groups and broadcast lists, whose messages balance. */
import { madeResult } from '../../analysis/comparison/made-results.test-suite.ts';
import type { Result } from '../../result/result-schema.ts';

export function groupResult(): Result {
  const made = madeResult();
  return {
    ...made,
    groups: {
      groups: 4000,
      lists: 20,
      memberships: 1_024_000,
      sizeMax: 300,
      bytes: 12 * 2 ** 20,
      messagesPerSecond: 4000,
      deliveriesPerSecond: 1_020_000,
      messages: 60_000,
      refused: 7,
      notMember: 5,
      refusedAfterLeavingPerSecond: 2,
      receipts: 59_990,
      joins: 300,
      leaves: 299,
      changesRefused: 4,
      groupFull: 3,
      changesSkipped: 2,
      unjudged: 1,
    },
    integrity: {
      ...made.integrity,
      groups: {
        recipients: 1000,
        delivered: 900,
        queued: 60,
        rejected: 40,
        lost: 0,
        untold: 0,
        maybeRejected: 0,
        strangers: 0,
        wrongRecipients: 0,
        isSound: true,
      },
    },
  };
}
