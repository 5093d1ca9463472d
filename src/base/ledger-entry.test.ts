import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type LedgerEntry, ledgerUsedBytes } from './ledger-entry.ts';

describe('a ledger', () => {
  it('counts rows that are in use, and all of what has no rows, of one owner, without what is apart', () => {
    const entries: LedgerEntry[] = [
      { owner: 'switch', name: 'sessions', bytes: 20_000, rowBytes: 20, rowsUsed: 3 },
      { owner: 'switch', name: 'wheel', bytes: 1024, rowBytes: 0, rowsUsed: 0 },
      { owner: 'switch', name: 'subscriptions', bytes: 9000, rowBytes: 26, rowsUsed: 7, isApart: true },
      { owner: 'driver', name: 'phones', bytes: 4000, rowBytes: 24, rowsUsed: 10 },
    ];
    assert.equal(ledgerUsedBytes(entries, 'switch'), 3 * 20 + 1024);
    assert.equal(ledgerUsedBytes(entries, 'driver'), 240);
    assert.equal(ledgerUsedBytes(entries, 'run'), 0);
  });
});
