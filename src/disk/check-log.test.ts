/** What `store check` counts, on files that a log wrote. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { TrunklineError } from '../base/errors.ts';
import { logEntry } from '../store/durable/log-entries.test-suite.ts';
import { GroupItem } from '../store/mailbox-entry.ts';
import { GroupNote } from '../store/mailbox-log.ts';
import { checkLog } from './check-log.ts';
import { FileLog, IDENTITY } from './file-log.test-suite.ts';
import { logFolder, StoreFolder } from './store-folder.ts';

const root = mkdtempSync(join(tmpdir(), 'trunkline-check-'));
after(() => rmSync(root, { recursive: true, force: true }));

const ROWS = 8;
const GROUP_ROW = 7;
const GROUP = 9;

/** The folder of a store whose only log has what `write` records. */
function stored(write: (log: FileLog['log']) => void): StoreFolder {
  const path = mkdtempSync(join(root, 'store-'));
  const numbering = [{ first: 4477, count: 10 }];
  const opening = { shards: 1, numbering, groups: null, identity: IDENTITY.identity, processStart: () => null };
  const folder = StoreFolder.open(path, opening);
  folder.close();
  const file = new FileLog(logFolder(path, 0), ROWS);
  write(file.log);
  file.writeAll();
  file.close();
  return folder;
}

describe('a check of a log', () => {
  it('counts what waits: messages, receipts and mailboxes that are not empty', () => {
    const folder = stored((log) => {
      for (const sequence of [1, 2, 3]) log.append(logEntry({ accountRow: 0, sequence, id: sequence }));
      log.append(logEntry({ accountRow: 1, sequence: 1, isReceipt: true }));
      log.append(logEntry({ accountRow: 2, sequence: 1 }));
      log.remove(0, 2);
      log.remove(2, 1);
    });
    const { bytes, files, ...counts } = checkLog(folder, 0);
    const none = { groupItems: 0, groupChanges: 0, untrackedRecords: 0, tornBytes: 0 };
    assert.deepEqual(counts, { shard: 0, records: 7, messages: 1, receipts: 1, mailboxes: 2, ...none });
    assert.ok(files >= 1 && bytes > 0);
  });

  it('counts what a group has on the way, and members that have changed, each once', () => {
    const item = { accountRow: GROUP_ROW, group: GROUP, version: 1 };
    const folder = stored((log) => {
      log.append(logEntry({ ...item, sequence: 1, item: GroupItem.MESSAGE }));
      log.append(logEntry({ ...item, sequence: 2, item: GroupItem.JOIN }));
      log.append(logEntry({ ...item, sequence: 3, item: GroupItem.MESSAGE }));
      log.remove(GROUP_ROW, 1);
      log.note(GroupNote.JOINED, GROUP, 2, 0);
      log.note(GroupNote.LEFT, GROUP, 4, 0);
      log.note(GroupNote.JOINED, GROUP, 5, 1);
      log.note(GroupNote.TAKEN, GROUP, 6, 0);
      log.append(logEntry({ accountRow: 1, sequence: 1, group: GROUP, highest: 6 }));
    });
    const { groupItems, groupChanges, messages, mailboxes } = checkLog(folder, 0);
    assert.deepEqual([groupItems, groupChanges], [2, 2]);
    assert.deepEqual([messages, mailboxes], [1, 1], 'the mailbox of a group is not one of a phone');
  });

  it('counts the records of groups that no start will drop', () => {
    const folder = stored((log) => {
      for (const row of [2, 4, 5, 6]) log.note(GroupNote.JOINED, GROUP, row, row);
      log.note(GroupNote.LEFT, GROUP, 7, 4);
      log.note(GroupNote.LEFT, GROUP, 8, 6);
    });
    const found = [checkLog(folder, 0), checkLog(folder, 0, 3)];
    assert.deepEqual(
      found.map(({ groupChanges, untrackedRecords }) => [groupChanges, untrackedRecords]),
      [
        [4, 0],
        [3, 2],
      ],
    );
  });

  it('says how many bytes at the end were never permanent, and leaves them where they are', () => {
    const folder = stored((log) => void log.append(logEntry()));
    const path = logFolder(folder.path, 0);
    const last = join(path, readdirSync(path).sort().at(-1) ?? '');
    appendFileSync(last, Buffer.alloc(40, 1));
    const before = readFileSync(last, 'hex');
    const { messages, tornBytes } = checkLog(folder, 0);
    assert.equal(messages, 1);
    assert.ok(tornBytes >= 40, `${tornBytes} bytes`);
    assert.equal(readFileSync(last, 'hex'), before);
  });

  it('names the file that is damaged', () => {
    const folder = stored((log) => {
      for (let sequence = 1; sequence <= 200; sequence++) log.append(logEntry({ sequence, id: sequence }));
    });
    const path = logFolder(folder.path, 0);
    const [first = ''] = readdirSync(path).sort();
    const bytes = readFileSync(join(path, first));
    const middle = bytes.length >> 1;
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
    writeFileSync(join(path, first), bytes);
    assert.throws(
      () => checkLog(folder, 0),
      (error) =>
        error instanceof TrunklineError && error.code === 'STORE_DAMAGED' && error.message.includes(join(path, first)),
    );
  });
});
