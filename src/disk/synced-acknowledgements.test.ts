/**
 * A switch whose logs are on real files: no ✓ before the sync of its message is over, and a store of which only that is
 * left which was synced starts with every message that had a ✓. Killing a process cannot show this, because the system
 * keeps what it has written.
 */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import { DurableLog } from '../store/durable/durable-log.ts';
import { logBuffer, logBufferBytes } from '../store/durable/log-buffer.ts';
import { LogWriter } from '../store/durable/log-writer.ts';
import { readLog } from '../store/durable/read-log.ts';
import { HonestPhone } from '../switch/honest-phone.test-suite.ts';
import { SmallSwitch } from '../switch/small-switch.test-suite.ts';
import { FileDisk } from './file-disk.ts';

const RING_BYTES = 2 ** 14;
const PHONES = 4;
const FILE_BYTES = 1500;
const root = mkdtempSync(join(tmpdir(), 'trunkline-synced-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** Notes how long each file was when it was last synced: a trace of completed syncs. */
class TracedDisk extends FileDisk {
  readonly synced = new Map<string, number>();
  syncs = 0;
  readonly #path: string;

  constructor(path: string) {
    super(path);
    this.#path = path;
  }

  override beginSync(file: number): void {
    super.beginSync(file);
    this.syncs++;
    for (const { number, bytes } of this.files()) if (number === file) this.synced.set(nameOf(number), bytes);
  }

  /** Copies what would be left if the power failed now. */
  copySynced(to: string): void {
    mkdirSync(to, { recursive: true });
    for (const name of readdirSync(this.#path)) {
      const bytes = this.synced.get(name);
      if (bytes === undefined) continue;
      copyFileSync(join(this.#path, name), join(to, name));
      truncateSync(join(to, name), bytes);
    }
  }
}

function nameOf(file: number): string {
  return `${String(file).padStart(10, '0')}.log`;
}

/** A switch of one shard, its phones, and its store thread, which works when the test says so. */
class StoredSwitch {
  readonly disk: TracedDisk;
  readonly writer: LogWriter;
  readonly phones: HonestPhone[];
  readonly small: SmallSwitch;

  constructor(path: string) {
    mkdirSync(path, { recursive: true });
    this.disk = new TracedDisk(path);
    const buffer = logBuffer(new SharedArrayBuffer(logBufferBytes(RING_BYTES)), RING_BYTES);
    const settings = { shard: 0, identity: 1, fileBytesMax: FILE_BYTES, rows: PHONES, idWindowsMax: 64 };
    this.writer = new LogWriter(settings, { buffer, disk: this.disk, checksum: crc32, wake: () => {} });
    this.small = new SmallSwitch({
      accounts: PHONES,
      messagesPerAccount: 500,
      mailboxBlocks: 2000,
      durability: { acknowledgementsMax: 64, idWindowsMax: 64 },
      makeLog: () =>
        new DurableLog({
          buffer,
          wake: () => {},
          replay: (visitor) => void readLog(this.disk, settings, crc32, visitor),
        }),
    });
    this.phones = Array.from({ length: PHONES }, (_, account) => new HonestPhone(this.small, account, PHONES));
  }

  logIn(...accounts: number[]): void {
    for (const account of accounts) this.phones[account]?.logIn(0);
    this.settle();
  }

  settle(): void {
    for (let n = 0; n < 3; n++) {
      this.small.settle();
      for (const phone of this.phones) phone.take();
    }
  }

  get acknowledged(): number {
    return this.phones.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
  }
}

describe('a switch with its log on real files', () => {
  it('gives no ✓ and delivers nothing before the sync of the message is over', () => {
    const stored = new StoredSwitch(join(root, 'order'));
    stored.logIn(0, 1);
    stored.phones[0]?.send(1);
    stored.settle();
    assert.deepEqual([stored.acknowledged, stored.phones[1]?.received.length], [0, 0], 'not even written');
    const { syncs } = stored.disk;
    stored.writer.doWork();
    assert.equal(stored.disk.syncs, syncs + 1, 'its frame was written and synced');
    stored.writer.doWork();
    stored.settle();
    assert.deepEqual([stored.acknowledged, stored.phones[1]?.received.length], [1, 1]);
  });

  it('commits the messages of all senders with one sync', () => {
    const stored = new StoredSwitch(join(root, 'group'));
    stored.logIn(0, 1, 2);
    for (const from of [0, 1, 2]) for (let n = 0; n < 5; n++) stored.phones[from]?.send(3);
    stored.settle();
    const { syncs } = stored.disk;
    while (stored.writer.hasWork()) stored.writer.doWork();
    stored.settle();
    assert.deepEqual([stored.acknowledged, stored.disk.syncs - syncs], [15, 1]);
  });

  it('has every message that had a ✓ when it starts from what was synced, at any moment', () => {
    const stored = new StoredSwitch(join(root, 'cut'));
    stored.logIn(0, 1, 2);
    for (let round = 0; round < 60; round++) {
      for (const from of [0, 1, 2]) if ((round + from) % 2 === 0) stored.phones[from]?.send(3);
      stored.settle();
      // The store thread is anywhere in its work when the power fails.
      for (let n = 0; n < round % 4; n++) stored.writer.doWork();
      stored.settle();
      if (round % 5 !== 0) continue;
      const copy = join(root, `cut-${round}`);
      stored.disk.copySynced(copy);
      const again = new StoredSwitch(copy);
      again.logIn(3);
      for (let n = 0; n < 400 && again.small.count('messagesQueued') > 0; n++) {
        again.phones[3]?.confirm();
        again.settle();
        while (again.writer.hasWork()) again.writer.doWork();
      }
      const key = ({ from, serial }: { from: number; serial: number }): string => `${from}/${serial}`;
      const found = new Set(again.phones[3]?.received.map(key));
      const lost = stored.phones.flatMap(({ acknowledged }) => acknowledged.map(key)).filter((one) => !found.has(one));
      assert.deepEqual(lost, [], `after round ${round}`);
      again.disk.close();
    }
    assert.ok(stored.acknowledged > 50, `${stored.acknowledged} were acknowledged`);
    assert.ok(stored.disk.files().length > 1, 'in several files');
  });
});
