/** Memory of mailboxes, of which a part is a mapped file. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { PLAIN_MEMORY } from '../../../base/table-memory.ts';
import { PHONE_TO_PHONE } from '../../../store/mailbox-entry.ts';
import { MailboxIndex } from '../../../store/mailbox-index.ts';
import { whyNoSystemCalls } from '../../../transport/tcp/system/system-calls.ts';
import { mailboxMemory, mappingRefused } from './mailbox-memory.ts';

const RESIDENT_BYTES = 2 ** 16;
const BLOCKS = 24_000;
const root = mkdtempSync(join(tmpdir(), 'trunkline-mapped-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** What this process has of mapped mailboxes in memory, and how much of that is anonymous. */
function mappedBytes(): { resident: number; anonymous: number } {
  const sums = { resident: 0, anonymous: 0 };
  for (const mapping of readFileSync('/proc/self/smaps', 'utf8').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)) {
    if (!mapping.includes('mailboxes.mapped')) continue;
    sums.resident += 1024 * Number(/^Rss:\s+(\d+) kB/m.exec(mapping)?.[1]);
    sums.anonymous += 1024 * Number(/^Anonymous:\s+(\d+) kB/m.exec(mapping)?.[1]);
  }
  return sums;
}

function fill(index: MailboxIndex, entries: number): number {
  const payload = new DataView(new ArrayBuffer(64));
  let mailbox = 0;
  for (let id = 1; id <= entries; id++) {
    payload.setInt32(0, id);
    const names = { accountRow: 3, sequence: id, sender: 5, id, isReceipt: false, address: 0, generation: 0 };
    const rest = { ...PHONE_TO_PHONE, highest: 0, seen: 0, payload, payloadAt: 0, payloadBytes: 64 };
    mailbox = index.append(mailbox, { ...names, ...rest });
  }
  return mailbox;
}

describe('memory of mailboxes', { skip: whyNoSystemCalls() ?? false }, () => {
  it('takes no anonymous memory beyond the part that stays', () => {
    const index = new MailboxIndex(BLOCKS, mailboxMemory(root, RESIDENT_BYTES, PLAIN_MEMORY));
    fill(index, BLOCKS);
    const { resident, anonymous } = mappedBytes();
    assert.ok(resident >= BLOCKS * 128 - 2 * RESIDENT_BYTES, `${resident} B of ${BLOCKS * 128} B are in the file`);
    assert.equal(anonymous, 0);
  });

  it('keeps every entry, whether its block is in memory or in the file, and leaves no file', () => {
    const index = new MailboxIndex(BLOCKS, mailboxMemory(root, RESIDENT_BYTES, PLAIN_MEMORY));
    assert.deepEqual(readdirSync(root), []);
    let mailbox = fill(index, BLOCKS);
    const target = new DataView(new ArrayBuffer(64));
    for (let id = 1; mailbox !== 0; id++) {
      const entry = index.first(mailbox);
      index.copyPayload(entry, target, 0);
      if (index.id(entry) !== id || target.getInt32(0) !== id) assert.fail(`entry ${id} is another one`);
      mailbox = index.removeFirst(mailbox);
      if (mailbox === 0) assert.equal(id, BLOCKS);
    }
  });

  it('is refused where the file cannot be made', () => {
    const memory = mailboxMemory(join(root, 'nowhere'), RESIDENT_BYTES, PLAIN_MEMORY);
    assert.throws(() => memory.words(RESIDENT_BYTES), { code: 'STORE_UNWRITABLE', message: /ENOENT/ });
  });

  it('names the error of the system, unless there is no room', () => {
    assert.match(mappingRefused('/store', 2 ** 20, 28).message, /in \/store, found none\. Free space on the disk/);
    const other = mappingRefused('/store', 2 ** 20, 95).message;
    assert.match(other, /found the error EOPNOTSUPP \(95\)\. Use a folder on another file system/);
  });

  it('is plain where everything may stay', () => {
    const memory = mailboxMemory(join(root, 'nowhere'), 2 ** 20, PLAIN_MEMORY);
    assert.equal(memory.words(1000).length, 1000);
  });
});
