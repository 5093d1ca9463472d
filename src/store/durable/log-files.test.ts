/** The files of a log: full disks, files that are cleaned, and files that are missing or were left over. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crc32 as checksum } from 'node:zlib';
import { SimulatedDisk } from '../../simulate/disk/simulated-disk.ts';
import { DurableLog } from './durable-log.ts';
import { logBuffer, logBufferBytes } from './log-buffer.ts';
import { DRAFT } from './log-disk.ts';
import { logEntry } from './log-entries.test-suite.ts';
import { LogWriter } from './log-writer.ts';
import { readLog } from './read-log.ts';

const RING_BYTES = 2 ** 13;
const FILE_BYTES_MAX = 2000;
const PAYLOAD_BYTES = 200;
const IDENTITY = { shard: 1, identity: 5 };

/** A disk that counts what is appended to files and to drafts, and can lose the removal of files. */
class CountingDisk extends SimulatedDisk {
  appended = 0;
  drafted = 0;
  removes = true;

  override append(file: number, bytes: Uint8Array, start: number, end: number): boolean {
    const isDone = super.append(file, bytes, start, end);
    if (isDone && file === DRAFT) this.drafted += end - start;
    else if (isDone) this.appended += end - start;
    return isDone;
  }

  override remove(file: number): void {
    if (this.removes) super.remove(file);
  }
}

/** A log with its writer on a disk; entries are of one account, and removed from the oldest on. */
class Written {
  readonly disk: CountingDisk;
  log: DurableLog;
  writer: LogWriter;
  newest = 0;

  constructor(disk = new CountingDisk()) {
    this.disk = disk;
    [this.log, this.writer] = this.#open();
  }

  #open(): [DurableLog, LogWriter] {
    const buffer = logBuffer(new SharedArrayBuffer(logBufferBytes(RING_BYTES)), RING_BYTES);
    const settings = { ...IDENTITY, fileBytesMax: FILE_BYTES_MAX, rows: 2, idWindowsMax: 0 };
    const writer = new LogWriter(settings, { buffer, disk: this.disk, checksum, wake: () => {} });
    return [new DurableLog({ buffer, wake: () => {}, replay: () => {} }), writer];
  }

  /** The store thread starts again on the same disk. */
  reopen(): void {
    [this.log, this.writer] = this.#open();
  }

  /** @returns whether the entry was taken. */
  append(): boolean {
    const isTaken = this.log.append(logEntry({ sequence: this.newest + 1, payloadBytes: PAYLOAD_BYTES }));
    if (isTaken) this.newest++;
    this.write();
    return isTaken;
  }

  /** An entry of another account comes and goes. */
  churn(sequence: number): void {
    this.log.append(logEntry({ accountRow: 1, sequence, payloadBytes: PAYLOAD_BYTES }));
    this.log.remove(1, sequence);
    this.write();
  }

  remove(sequence: number): void {
    this.log.remove(0, sequence);
    this.write();
  }

  write(): void {
    this.log.submit();
    for (let n = 0; n < 1000 && this.writer.doWork(); n++);
  }

  /** What the log keeps of the first account: sequence numbers of entries, and the newest that was removed. */
  kept(): { entries: number[]; removed: number } {
    const entries: number[] = [];
    let removed = 0;
    readLog(this.disk, IDENTITY, checksum, {
      appended: ({ accountRow, sequence, payloadBytes }) => {
        if (accountRow === 0 && payloadBytes > 0) entries.push(sequence);
      },
      removed: (row, sequence) => {
        if (row === 0) removed = Math.max(removed, sequence);
      },
      noted: () => {},
    });
    return { entries: entries.filter((sequence) => sequence > removed), removed };
  }
}

const upTo = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, n) => first + n);

describe('a log whose disk is full', () => {
  it('refuses messages until there is room, and takes them then, also where only the end of a file found no room', () => {
    // With any capacity: what finds no room is a frame, a file header or a footer.
    for (let capacity = 2000; capacity < 4400; capacity += 40) {
      const written = new Written();
      written.disk.capacityBytes = capacity;
      while (written.append()) assert.ok(written.newest < 100);
      written.remove(written.newest);
      written.disk.capacityBytes = Number.POSITIVE_INFINITY;
      for (let n = 0; n < 3; n++) written.write(); // a turn tries again what found no room
      assert.ok(written.append(), `${capacity} bytes: the disk has room again`);
      assert.deepEqual(written.kept().entries.at(-1), written.newest);
    }
  });

  it('takes messages again where only the end of a file waited for room, and no record did', () => {
    let ends = 0;
    for (let entries = 5; entries <= 8; entries++) {
      for (let room = 240; room < 420; room += 4) {
        const written = new Written();
        for (let n = 0; n < entries; n++) written.append();
        written.disk.capacityBytes = written.disk.usedBytes + room;
        written.log.append(logEntry({ accountRow: 1, payloadBytes: PAYLOAD_BYTES }));
        written.log.remove(1, 1);
        written.write();
        const isComplete = written.log.completedBatch === written.log.openBatch - 1;
        const refuses = !written.log.append(logEntry({ accountRow: 1, sequence: 2 }));
        if (isComplete && refuses) ends++;
        written.disk.capacityBytes = Number.POSITIVE_INFINITY;
        for (let n = 0; n < 3; n++) written.write();
        assert.ok(written.append(), `${entries} entries and ${room} bytes: there is room again`);
      }
    }
    assert.ok(ends > 0, 'a record had room, and the end of its file had none');
  });
});

describe('the cleaner of a log', () => {
  it('copies each byte about once, however much is kept', () => {
    const written = new Written();
    for (let n = 0; n < 400; n++) written.append();
    assert.deepEqual(written.kept().entries, upTo(1, 400));
    assert.ok(written.disk.drafted > 0, 'it has looked');
    assert.ok(written.disk.drafted < 2 * written.disk.appended, `${written.disk.drafted} of ${written.disk.appended}`);
  });

  it('leaves few files and bytes of entries that are gone, and all of those that stay', () => {
    const written = new Written();
    for (let n = 0; n < 300; n++) {
      written.append();
      if (n >= 3) written.remove(written.newest - 3);
      assert.ok(written.disk.usedBytes <= 8 * FILE_BYTES_MAX, `${written.disk.usedBytes} bytes after ${n}`);
    }
    assert.deepEqual(written.kept(), { entries: upTo(298, 300), removed: 297 });
    assert.equal(written.writer.bytes, written.disk.usedBytes, 'it knows how much there is');
  });

  it('begins anew where the disk was full when it wanted to copy, and loses nothing', () => {
    const written = new Written();
    for (let n = 0; n < 40; n++) written.append();
    written.disk.capacityBytes = written.disk.usedBytes + 500; // no room for a draft
    while (written.append()) assert.ok(written.newest < 100);
    const last = written.newest; // it may be on its way
    assert.deepEqual(upTo(1, last).slice(0, -1), written.kept().entries.slice(0, last - 1));
    written.disk.capacityBytes = Number.POSITIVE_INFINITY;
    for (let n = 0; n < 3; n++) written.write();
    for (let n = 0; n < 200; n++) assert.ok(written.append());
    assert.deepEqual(written.kept().entries, upTo(1, last + 200));
  });
});

describe('the files of a log that is opened again', () => {
  it('are without those whose records are in an earlier one', () => {
    const written = new Written();
    for (let n = 0; n < 12; n++) written.append();
    written.disk.removes = false; // the machine stops after a draft has taken its place
    for (let n = 1; n <= 400; n++) written.churn(n);
    const before = written.kept();
    const files = written.disk.files().length;
    written.disk.removes = true;
    written.reopen();
    assert.ok(written.disk.files().length < files, 'leftovers are removed');
    assert.deepEqual(written.kept(), before);
    assert.ok(written.append());
    assert.deepEqual(written.kept().entries, [...before.entries, written.newest]);
  });

  it('cannot be opened without one of them, and the error says what is missing', () => {
    const written = new Written();
    for (let n = 0; n < 30; n++) written.append();
    const files = written.disk.files();
    const middle = files[Math.floor(files.length / 2)]?.number ?? 0;
    written.disk.remove(middle);
    assert.throws(() => written.kept(), {
      code: 'STORE_DAMAGED',
      message: /frames \d+ to \d+ before it, which are in no file/,
    });
    assert.throws(() => written.reopen(), { code: 'STORE_DAMAGED' });
    assert.equal(written.disk.files().length, files.length - 1, 'nothing was changed');
  });

  it('go on in a new file after a footer, and in the same one without', () => {
    const written = new Written();
    for (let n = 0; n < 25; n++) {
      written.append();
      const files = written.disk.files().length;
      written.reopen();
      written.append();
      assert.ok(written.disk.files().length <= files + 1);
      assert.deepEqual(written.kept().entries, upTo(1, written.newest));
    }
  });
});
