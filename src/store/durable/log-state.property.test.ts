/** What is needed of the records of a log, against what follows from all of them. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { SERIAL_MASK, serialDistance } from '../../base/serial-distance.ts';
import { IdWindows } from '../id-windows.ts';
import type { MailboxEntry } from '../mailbox-entry.ts';
import { GroupNote } from '../mailbox-log.ts';
import { logEntry } from './log-entries.test-suite.ts';
import { LogState, Need } from './log-state.ts';

const ROWS = 3;
const row = fc.nat(ROWS - 1);
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      row,
      sender: fc.nat(2),
      what: fc.constantFrom('message', 'receipt', 'group'),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('remove' as const), row, entries: fc.nat(4) }) },
  // A record of an earlier removal comes again when the log is read.
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('again' as const), row, back: fc.integer({ min: 1, max: 3 }) }),
  },
);

/** Where the sequence numbers of a row begin: near their end, so that they start anew. */
const firstOf = (one: number): number => [1, SERIAL_MASK - 3, SERIAL_MASK][one] ?? 1;

for (const idWindowsMax of [0, 64]) {
  it(`is the entry, a mark or nothing, by what its account and its sender have had since, with ${idWindowsMax} windows`, () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const state = new LogState(ROWS, idWindowsMax);
        /** Judges ids as a home does, so that entries have the windows that they would have. */
        const windows = new IdWindows(64);
        const entries: MailboxEntry[] = [];
        const removed: (number | undefined)[] = new Array(ROWS).fill(undefined);
        const next = Array.from({ length: ROWS }, (_, one) => firstOf(one));
        let id = 0;
        for (const one of steps) {
          if (one.kind === 'append') {
            const sequence = next[one.row] ?? 0;
            next[one.row] = (sequence + 1) & SERIAL_MASK;
            const isMessage = one.what === 'message';
            const entry = logEntry({ accountRow: one.row, sequence, sender: one.sender, id: ++id });
            if (isMessage) {
              windows.judge(entry);
              windows.put(entry);
            } else Object.assign(entry, one.what === 'receipt' ? { isReceipt: true } : { group: 77, version: 1 });
            entries.push(entry);
            state.appended(entry);
            // All members have it at once; see group-state.property.test.ts for others.
            if (one.what === 'group') state.noted(GroupNote.TAKEN, 77, sequence, 0);
          } else if (one.kind === 'remove') {
            const last = entries.filter(({ accountRow }) => accountRow === one.row).at(-1 - one.entries);
            if (last === undefined) continue;
            const before = removed[one.row];
            if (before === undefined || serialDistance(last.sequence, before) > 0) removed[one.row] = last.sequence;
            state.removed(one.row, last.sequence);
          } else {
            const before = removed[one.row];
            if (before !== undefined) state.removed(one.row, (before - one.back) & SERIAL_MASK);
          }
          check();
        }

        function check(): void {
          for (const [n, entry] of entries.entries()) {
            const after = entries.slice(n + 1).filter(({ accountRow }) => accountRow === entry.accountRow);
            const isMessage = !entry.isReceipt && entry.group < 0;
            const isNewestOfSender =
              isMessage && !after.some((other) => !other.isReceipt && other.group < 0 && other.sender === entry.sender);
            const limit = removed[entry.accountRow];
            const isThere = limit === undefined || serialDistance(entry.sequence, limit) > 0;
            const isMarked = after.length === 0 || (idWindowsMax > 0 && isNewestOfSender);
            const expected = isThere ? Need.ENTRY : isMarked ? Need.MARK : Need.NOTHING;
            assert.equal(state.needOf(entry), expected, `entry ${entry.sequence} of row ${entry.accountRow}`);
            assert.equal(state.isRemovalNeeded(entry.accountRow, entry.sequence), limit === entry.sequence);
          }
        }
      }),
      { numRuns: 100 },
    );
  });
}
