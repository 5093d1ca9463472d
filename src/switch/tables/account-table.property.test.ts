import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { SERIAL_MASK } from '../../base/serial-distance.ts';
import { AccountTable } from './account-table.ts';

const ROWS = 4;

/** What the table is meant to know of an account. */
interface Account {
  isOnline: boolean;
  first: number;
  second: number;
  mailbox: number;
  isQueued: boolean;
  isWatched: boolean;
  hasBacklog: boolean;
  sequence: number;
  hasLoggedIn: boolean;
  isUnavailable: boolean;
  lastSeen: number;
}

const row = fc.nat(ROWS - 1);
const seen = fc.constantFrom(0, 1, 0x8000, 0xffff);
const step = fc.oneof(
  fc.record({ kind: fc.constant('online' as const), row, first: fc.nat(2 ** 29), second: fc.nat(2047) }),
  fc.record({
    kind: fc.constant('away' as const),
    row,
    first: fc.constantFrom(0, 5, SERIAL_MASK),
    second: fc.constantFrom(0, 3, 0xffff),
    seen,
  }),
  fc.record({ kind: fc.constant('available' as const), row, is: fc.boolean(), seen }),
  fc.record({ kind: fc.constant('last seen' as const), row, seen }),
  fc.record({ kind: fc.constant('mailbox' as const), row, first: fc.constantFrom(0, 1, 2 ** 29 - 1) }),
  fc.record({ kind: fc.constant('queued' as const), row, is: fc.boolean() }),
  fc.record({ kind: fc.constant('watched' as const), row, is: fc.boolean() }),
  fc.record({ kind: fc.constant('backlog' as const), row, is: fc.boolean() }),
  fc.record({ kind: fc.constant('sequence' as const), row, first: fc.constantFrom(0, 1, SERIAL_MASK) }),
);

it('knows of each account what records would, and counts each once that has ever logged in', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const table = new AccountTable(ROWS);
      const naive = Array.from({ length: ROWS }, () => ({}) as Partial<Account>);
      for (const one of steps) {
        const account = naive[one.row] as Partial<Account>; // rows are below ROWS
        if (one.kind === 'online') {
          table.setOnline(one.row, one.first, one.second);
          Object.assign(account, { isOnline: true, first: one.first, second: one.second, hasLoggedIn: true });
          Object.assign(account, { isUnavailable: false, lastSeen: 0 });
        } else if (one.kind === 'away') {
          table.setAway(one.row, one.first, one.second, one.seen);
          Object.assign(account, { isOnline: false, first: one.first, second: one.second, lastSeen: one.seen });
        } else if (one.kind === 'available') {
          if (account.isOnline !== true) continue;
          table.setAvailable(one.row, one.is, one.seen);
          Object.assign(account, { isUnavailable: !one.is, lastSeen: one.is ? 0 : one.seen });
        } else if (one.kind === 'last seen') {
          if (account.isOnline === true && account.isUnavailable !== true) continue;
          table.setLastSeen(one.row, one.seen);
          account.lastSeen = one.seen;
        } else if (one.kind === 'mailbox') {
          table.setMailbox(one.row, one.first);
          account.mailbox = one.first;
        } else if (one.kind === 'queued') {
          table.setQueued(one.row, one.is);
          account.isQueued = one.is;
        } else if (one.kind === 'watched') {
          table.setWatched(one.row, one.is);
          account.isWatched = one.is;
        } else if (one.kind === 'backlog') {
          table.setBacklog(one.row, one.is);
          account.hasBacklog = one.is;
        } else {
          table.setSequence(one.row, one.first);
          account.sequence = one.first;
        }
      }
      naive.forEach((account, n) => {
        const { isOnline = false, first = 0, second = 0, mailbox = 0, isQueued = false, hasBacklog = false } = account;
        assert.deepEqual([table.isOnline(n), table.isQueued(n), table.hasBacklog(n)], [isOnline, isQueued, hasBacklog]);
        const { isUnavailable = false, lastSeen = 0, isWatched = false } = account;
        assert.equal(table.mayBeWatched(n), isWatched);
        assert.deepEqual([table.address(n), table.highest(n), table.mailbox(n)], [first, first, mailbox]);
        if (isOnline) assert.equal(table.generation(n), second);
        else assert.equal(table.seen(n), second);
        assert.equal(table.isAvailable(n), isOnline && !isUnavailable);
        if (!table.isAvailable(n)) assert.equal(table.lastSeen(n), lastSeen);
        assert.ok(!isOnline || table.isSession(n, first, second));
        assert.ok(!table.isSession(n, first, second + 1) && !table.isSession(n, first - 1, second));
        assert.equal(table.nextSequence(n), ((account.sequence ?? 0) + 1) & SERIAL_MASK);
      });
      assert.equal(table.ledger()[0]?.rowsUsed, naive.filter(({ hasLoggedIn }) => hasLoggedIn === true).length);
    }),
  );
});
