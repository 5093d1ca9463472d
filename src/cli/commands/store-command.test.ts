/** What `store check` says of what it has counted. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { CheckedLog } from '../../disk/check-log.ts';
import { checkedText } from './store-command.ts';

const LOG: CheckedLog = {
  ...{ shard: 0, files: 1, bytes: 2048, records: 9, messages: 3, receipts: 0, mailboxes: 2 },
  ...{ groupItems: 0, groupChanges: 5, untrackedRecords: 0, tornBytes: 0 },
};

it('says of all logs together which records stay for ever, and what to do', () => {
  assert.doesNotMatch(checkedText([LOG, LOG], 1000), /for ever/);
  const text = checkedText([LOG, { ...LOG, shard: 1, untrackedRecords: 1200 }], 1000);
  assert.match(text, /^1,200 records of groups stay in the store for ever.*Begin a new store.*$/m);
  assert.match(text, /The store is undamaged\.$/);
});
