/** A cleaner on files that a test writes, beside a list of all records, and mailboxes that follow from them. */
import assert from 'node:assert/strict';
import { crc32 as checksum } from 'node:zlib';
import { mixPair } from '../../base/pseudo-random.ts';
import { SimulatedDisk } from '../../simulate/disk/simulated-disk.ts';
import type { MailboxEntry } from '../mailbox-entry.ts';
import { GroupNote, type LogVisitor } from '../mailbox-log.ts';
import { NaiveMailboxes } from '../naive-mailboxes.test-suite.ts';
import { LogCleaner } from './log-cleaner.ts';
import { logEntry } from './log-entries.test-suite.ts';
import { FORMAT_VERSION, HeaderBlock } from './log-frames.ts';
import { recordBytes, writeAppended, writeMark, writeNote, writeRemoved } from './log-records.ts';
import { LogState, Need } from './log-state.ts';
import { type FramedFile, readLog } from './read-log.ts';

const IDENTITY = { shard: 2, identity: 9 };
const [GROUP, WINDOWS_MAX] = [77, 64];
/** Accounts with mailboxes. */
export const ROWS = 3;
export const FILE_BYTES_MAX = 700;
const BUFFER_BYTES = 4096;

/** The process is killed. */
class Killed extends Error {}

/** A disk on which the process is killed before it removes a file. */
class KilledDisk extends SimulatedDisk {
  removalsLeft = Number.POSITIVE_INFINITY;

  override remove(file: number): void {
    if (this.removalsLeft-- <= 0) throw new Killed();
    super.remove(file);
  }
}

type Made =
  | { readonly kind: 'entry'; readonly entry: MailboxEntry }
  | { readonly kind: 'removal'; readonly row: number; readonly sequence: number }
  | { readonly kind: 'joined'; readonly row: number; readonly sequence: number };

/** The bytes of a record. */
function bytesOf(write: (view: DataView) => unknown): Buffer {
  const view = new DataView(new ArrayBuffer(BUFFER_BYTES));
  write(view);
  return Buffer.from(view.buffer, 0, recordBytes(view, 0));
}

function recordOf(made: Made): Buffer {
  if (made.kind === 'entry') return bytesOf((view) => writeAppended(view, 0, made.entry));
  if (made.kind === 'removal') return bytesOf((view) => writeRemoved(view, 0, made.row, made.sequence));
  return bytesOf((view) => writeNote(view, 0, GroupNote.JOINED, GROUP, made.sequence, made.row));
}

/** What a log without any needless record has of a record: itself, a mark, or nothing. */
function neededOf(made: Made, state: LogState): Buffer[] {
  if (made.kind === 'removal') return state.isRemovalNeeded(made.row, made.sequence) ? [recordOf(made)] : [];
  if (made.kind === 'joined')
    return state.isNoteNeeded(GroupNote.JOINED, GROUP, made.sequence, made.row) ? [recordOf(made)] : [];
  const need = state.needOf(made.entry);
  if (need === Need.ENTRY) return [recordOf(made)];
  return need === Need.MARK ? [bytesOf((view) => writeMark(view, 0, made.entry))] : [];
}

/** How many entries mailboxes hold, and how many they have held at most. */
class HeldEntries implements LogVisitor {
  most = 0;
  #held = 0;
  /** Sequence numbers by row. */
  readonly #mailboxes = Array.from({ length: ROWS }, (): number[] => []);

  appended({ accountRow, sequence }: MailboxEntry): void {
    this.#mailboxes[accountRow]?.push(sequence);
    this.most = Math.max(this.most, ++this.#held);
  }

  removed(accountRow: number, sequence: number): void {
    const mailbox = this.#mailboxes[accountRow] ?? [];
    const kept = mailbox.findIndex((one) => one > sequence);
    this.#held -= mailbox.splice(0, kept < 0 ? mailbox.length : kept).length;
  }

  noted(): void {}
}

/** Files with all records that were ever made, and a cleaner on them. */
export class CleanedLog {
  readonly disk = new KilledDisk();
  cleaner: LogCleaner;
  #state = new LogState(ROWS, WINDOWS_MAX);
  #files: FramedFile[] = [];
  readonly #header = new HeaderBlock(checksum);
  readonly #made: Made[] = [];
  readonly #mailboxes = new NaiveMailboxes();
  readonly #held = new HeldEntries();
  /** Records that are not in the newest file. */
  #older = 0;
  #longest = FILE_BYTES_MAX;
  readonly #sequences = new Array<number>(ROWS).fill(0);
  readonly #removed = new Array<number>(ROWS).fill(0);
  #ids = 0;

  constructor() {
    this.#begin(1, 0);
    this.cleaner = this.#open();
  }

  get bytes(): number {
    return this.disk.files().reduce((sum, { bytes }) => sum + bytes, 0);
  }

  message(row: number, sender: number, payloadBytes: number): void {
    const sequence = this.#next(row);
    const id = ++this.#ids;
    const payload = new DataView(Uint8Array.from({ length: payloadBytes }, (_, n) => id + n).buffer);
    const entry = logEntry({ accountRow: row, sequence, sender, id, highest: id, payload, payloadBytes });
    this.#make({ kind: 'entry', entry });
  }

  receipt(row: number): void {
    this.#make({ kind: 'entry', entry: logEntry({ accountRow: row, sequence: this.#next(row), isReceipt: true }) });
  }

  /** Removes the oldest entries of a mailbox, if there are so many. */
  remove(row: number, entries: number): void {
    const sequence = (this.#removed[row] ?? 0) + entries;
    if (sequence > (this.#sequences[row] ?? 0)) return;
    this.#removed[row] = sequence;
    this.#make({ kind: 'removal', row, sequence });
  }

  join(row: number): void {
    this.#make({ kind: 'joined', row, sequence: ++this.#ids });
  }

  /** The newest file ends, and another one begins. */
  seal(): void {
    this.#waitForSync();
    const newest = this.#newest;
    this.#header.writeFooter({ nextFrame: newest.nextFrame, fileBytes: newest.bytes });
    this.#append(this.#header.bytes);
    this.#older = this.#made.length;
    this.#longest = Math.max(this.#longest, newest.bytes);
    this.#begin(newest.number + 1, newest.nextFrame);
  }

  /** A step of the cleaner, on a disk of this size. @returns whether it goes on. */
  step(capacityBytes = Number.POSITIVE_INFINITY): boolean {
    this.disk.capacityBytes = capacityBytes;
    try {
      const goesOn = this.cleaner.step();
      const isGivenUp = !goesOn && !this.cleaner.isSyncing;
      if (isGivenUp) assert.equal(this.disk.usedBytes, this.bytes, 'a draft that was given up takes no space');
      return goesOn;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      this.cleaner = this.#open();
      return true;
    } finally {
      this.disk.capacityBytes = Number.POSITIVE_INFINITY;
    }
  }

  /** The cleaner goes on to the end of a sweep. */
  sweep(): void {
    let steps = 0;
    do {
      this.step();
      assert.ok(steps++ < 10_000, 'it comes to an end');
    } while (this.cleaner.isNeeded);
  }

  /** The machine stops, and what was not synced survives in part. */
  crash(seed: number): void {
    let draw = seed;
    this.disk.crash((bound) => {
      draw = mixPair(draw, bound) >>> 0;
      return draw % bound;
    });
    this.cleaner = this.#open();
  }

  /** The files say what all records say, and whoever reads them needs room for no more entries than there were. */
  check(): void {
    const found = new NaiveMailboxes();
    readLog(this.disk, IDENTITY, checksum, found);
    assert.equal(`${found}`, `${this.#mailboxes}`);
    const held = new HeldEntries();
    readLog(this.disk, IDENTITY, checksum, held);
    assert.ok(held.most <= this.#held.most, `${held.most} entries, after at most ${this.#held.most}`);
  }

  /** The files have what is needed, and nothing else but the newest file. */
  checkSwept(): void {
    const kept = this.#made.slice(0, this.#older).flatMap((made) => neededOf(made, this.#state));
    const all = [...kept, ...this.#made.slice(this.#older).map(recordOf)];
    assert.deepEqual(
      this.records().map((record) => record.toString('hex')),
      all.map((record) => record.toString('hex')),
    );
    assert.deepEqual(
      this.#files.map(({ number, bytes }) => ({ number, bytes })),
      this.disk.files(),
      'it knows the files',
    );
    for (const { bytes } of this.disk.files().slice(0, -1))
      assert.ok(bytes <= this.#longest, `a file has ${bytes} bytes`);
  }

  /** All records of the files, in their order. @param framesMost the most bytes of a frame. */
  records(framesMost = Number.POSITIVE_INFINITY): Buffer[] {
    const records: Buffer[] = [];
    const visitor = { appended: () => {}, removed: () => {}, noted: () => {} };
    readLog(this.disk, IDENTITY, checksum, visitor, (view, from, end) => {
      assert.ok(end - from <= framesMost, `a frame has ${end - from} bytes`);
      for (let at = from; at < end; at += recordBytes(view, at))
        records.push(Buffer.from(new Uint8Array(view.buffer, at, recordBytes(view, at))));
    });
    return records;
  }

  /** Opens what the disk has, as the writer of a log does. */
  #open(): LogCleaner {
    this.disk.removalsLeft = Number.POSITIVE_INFINITY;
    this.#state = new LogState(ROWS, WINDOWS_MAX);
    const end = readLog(this.disk, IDENTITY, checksum, this.#state);
    for (const file of end.leftovers) this.disk.remove(file);
    this.#files = [...end.files];
    const parts = { disk: this.disk, checksum, state: this.#state, files: this.#files };
    return new LogCleaner(IDENTITY, FILE_BYTES_MAX, parts);
  }

  /** Begins a file. */
  #begin(number: number, firstFrame: number): void {
    assert.ok(this.disk.create(number));
    this.#files.push({ number, bytes: 0, firstFrame, nextFrame: firstFrame });
    this.#header.writeFile({ version: FORMAT_VERSION, isRewritten: false, ...IDENTITY, file: number, firstFrame });
    this.#append(this.#header.bytes);
  }

  /** Makes a record, in a frame of its own. */
  #make(made: Made): void {
    this.#waitForSync();
    const record = recordOf(made);
    const { nextFrame: frame } = this.#newest;
    const recordsChecksum = checksum(record, 0);
    this.#header.writeFrame({ recordBytes: record.length, frame, recordsChecksum, syncedFrame: frame - 1 });
    this.#append(Buffer.concat([this.#header.bytes, record]));
    this.#newest.nextFrame++;
    this.#made.push(made);
    const visitors: readonly LogVisitor[] = [this.#state, this.#mailboxes, this.#held];
    for (const visitor of visitors) {
      if (made.kind === 'entry') visitor.appended(made.entry);
      else if (made.kind === 'removal') visitor.removed(made.row, made.sequence);
      else visitor.noted(GroupNote.JOINED, GROUP, made.sequence, made.row);
    }
  }

  #append(bytes: Uint8Array): void {
    const { number } = this.#newest;
    assert.ok(this.disk.append(number, bytes, 0, bytes.length));
    this.#newest.bytes += bytes.length;
    this.disk.beginSync(number);
    while (!this.disk.isSynced());
  }

  /** A disk makes one thing permanent at a time. */
  #waitForSync(): void {
    while (this.cleaner.isSyncing) this.step();
  }

  #next(row: number): number {
    const sequence = (this.#sequences[row] ?? 0) + 1;
    this.#sequences[row] = sequence;
    return sequence;
  }

  get #newest(): FramedFile {
    return this.#files.at(-1) ?? assert.fail('there is always a file');
  }
}
