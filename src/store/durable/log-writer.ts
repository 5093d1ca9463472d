/**
 * The store thread's end of a log: takes records from the buffer that it shares with its shard, and makes them
 * permanent. All records that have come since the last turn are one frame, written and synced together: the longer a
 * sync takes, the more messages share it. Like a shard it does not own its thread; a turn is one call of {@link
 * LogWriter.doWork}.
 *
 * A file ends when it has reached its size, and a new one follows. Between two frames the cleaner has its turn.
 *
 * While the disk is full, the frame waits and is tried again, and the shard refuses messages; nothing that was taken is
 * lost.
 */
import { assert } from '../../base/assert.ts';
import type { TableMemory } from '../../base/table-memory.ts';
import {
  COMPLETED_WORD,
  DISK_FULL_WORD,
  LOG_HEAD_WORD,
  LOG_TAIL_WORD,
  type LogBuffer,
  NO_BATCH,
  SUBMITTED_WORD,
} from './log-buffer.ts';
import { LogCleaner } from './log-cleaner.ts';
import type { Checksum, LogDisk } from './log-disk.ts';
import { FORMAT_VERSION, HeaderBlock, LOG_HEADER_BYTES } from './log-frames.ts';
import { kindAt, RecordKind, RecordReader } from './log-records.ts';
import { LogState } from './log-state.ts';
import { type FramedFile, type LogIdentity, readLog } from './read-log.ts';
import type { RecordSender } from './restored-records.ts';

export interface LogWriterSettings extends LogIdentity {
  /** A file ends with the first frame that makes it as long. */
  readonly fileBytesMax: number;
  /** Accounts that have their home at the shard. */
  readonly rows: number;
  /** As in Durability. */
  readonly idWindowsMax: number;
  /** As in GroupState, which has a default. */
  readonly pairsMax?: number;
}

export interface LogWriterParts {
  readonly buffer: LogBuffer;
  readonly disk: LogDisk;
  readonly checksum: Checksum;
  /** Wakes the shard. */
  readonly wake: () => void;
  /** Passes on to the shard what the log has kept; without it the shard reads the log itself. */
  readonly restored?: RecordSender;
  /** Memory of large tables. */
  readonly tables?: TableMemory;
}

const Phase = { IDLE: 0, SYNCING_FRAME: 1, SYNCING_FOOTER: 2 } as const;

export class LogWriter {
  /** Frames that were written, and records in them. */
  frames = 0;
  records = 0;
  readonly #settings: LogWriterSettings;
  readonly #parts: LogWriterParts;
  readonly #state: LogState;
  readonly #files: FramedFile[];
  readonly #cleaner: LogCleaner;
  readonly #header: HeaderBlock;
  readonly #records = new RecordReader();
  /** A frame: file header if it is the first of its file, frame header, records. */
  readonly #staged: Uint8Array;
  readonly #stagedView: DataView;
  #phase: number = Phase.IDLE;
  /** Whether the disk was full when something was written last, and the cleaner could not help. */
  #isStuck = false;
  /** Whether the newest file takes frames; otherwise the next frame begins a new one. */
  #isOpen: boolean;
  #nextFrame: number;
  /** Newest batch of the frame that is being written. */
  #batch = NO_BATCH;

  /**
   * Reads what the log has kept, and cuts off frames that were never permanent.
   * @throws TrunklineError as readLog does.
   */
  constructor(settings: LogWriterSettings, parts: LogWriterParts) {
    const { shard, identity, rows, idWindowsMax, pairsMax, fileBytesMax } = settings;
    const { disk, checksum, buffer, restored, tables } = parts;
    this.#settings = settings;
    this.#parts = parts;
    this.#state = new LogState(rows, idWindowsMax, pairsMax, tables);
    this.#header = new HeaderBlock(checksum);
    const end = readLog(disk, { shard, identity }, checksum, this.#state, (records, from, to) =>
      restored?.send(records, from, to),
    );
    this.#files = [...end.files];
    this.#nextFrame = end.nextFrame;
    this.#isOpen = !end.isSealed;
    for (const file of end.leftovers) disk.remove(file);
    const newest = this.#files.at(-1);
    if (newest !== undefined && !end.isSealed) disk.truncate(newest.number, newest.bytes);
    this.#cleaner = new LogCleaner({ shard, identity }, fileBytesMax, {
      disk,
      checksum,
      state: this.#state,
      files: this.#files,
    });
    this.#staged = new Uint8Array(2 * LOG_HEADER_BYTES + buffer.ringBytes);
    this.#stagedView = new DataView(this.#staged.buffer);
    restored?.end();
  }

  /** Whether the disk was full when something was written last: a turn tries again. */
  get isStuck(): boolean {
    return this.#isStuck;
  }

  /** Bytes of the files of the log. */
  get bytes(): number {
    return this.#files.reduce((sum, file) => sum + file.bytes, 0);
  }

  /** Records that are never dropped, however long the log grows: see GroupState. */
  get untrackedRecords(): number {
    return this.#state.untracked;
  }

  /** Bytes of memory that the state of the log takes, besides its buffer. */
  get memoryBytes(): number {
    return this.#state.bytes + this.#staged.byteLength;
  }

  /**
   * Whether a turn would find something to do; asked before a thread goes to sleep. While the disk is full there is
   * nothing to wait for: the thread sleeps for a time, and tries again.
   */
  hasWork(): boolean {
    if (this.#isStuck) return false;
    const { words } = this.#parts.buffer;
    if (this.#phase !== Phase.IDLE) return this.#parts.disk.isSynced();
    return Atomics.load(words, SUBMITTED_WORD) !== Atomics.load(words, COMPLETED_WORD) || this.#cleaner.isNeeded;
  }

  /** @returns whether something was done; if not, it waits for records, or for the disk. */
  doWork(): boolean {
    this.#isStuck = false;
    if (this.#phase !== Phase.IDLE) {
      if (!this.#parts.disk.isSynced()) return false;
      if (this.#phase === Phase.SYNCING_FRAME) this.#complete();
      else this.#isOpen = false;
      this.#phase = Phase.IDLE;
      return true;
    }
    if (this.#cleaner.isSyncing) return this.#cleaner.step();
    // A long file is ended first, so that the cleaner is never more than a file behind.
    const hasWritten = this.#isLong() ? this.#writeFooter() : this.#writeFrame();
    if (hasWritten) return true;
    return this.#cleaner.isNeeded && this.#cleaner.step();
  }

  #isLong(): boolean {
    return this.#isOpen && (this.#files.at(-1)?.bytes ?? 0) >= this.#settings.fileBytesMax;
  }

  #writeFooter(): boolean {
    const { disk } = this.#parts;
    const file = this.#newest();
    this.#header.writeFooter({ nextFrame: this.#nextFrame, fileBytes: file.bytes });
    if (!disk.append(file.number, this.#header.bytes, 0, LOG_HEADER_BYTES)) return this.#full();
    // Nothing else may be waiting, and the shard sends nothing while it believes that the disk is full.
    Atomics.store(this.#parts.buffer.words, DISK_FULL_WORD, 0);
    this.#grow(LOG_HEADER_BYTES);
    disk.beginSync(file.number);
    this.#phase = Phase.SYNCING_FOOTER;
    return true;
  }

  /** @returns whether a frame was written, or only a batch was found to be complete. */
  #writeFrame(): boolean {
    const { buffer, disk, checksum } = this.#parts;
    const { words } = buffer;
    // In this order: a batch that is seen has all of its records before the tail.
    const batch = Atomics.load(words, SUBMITTED_WORD);
    const tail = Atomics.load(words, LOG_TAIL_WORD);
    const head = Atomics.load(words, LOG_HEAD_WORD);
    this.#batch = batch;
    if (tail === head) {
      if (batch === Atomics.load(words, COMPLETED_WORD)) return false;
      this.#complete();
      return true;
    }
    const isFirst = !this.#isOpen || this.#newest().bytes === 0;
    const headersBytes = isFirst ? 2 * LOG_HEADER_BYTES : LOG_HEADER_BYTES;
    const end = this.#stage(head, tail, headersBytes);
    const records = this.#staged.subarray(headersBytes, end);
    if (isFirst && !this.#stageFileHeader()) return this.#full();
    const frame = this.#nextFrame;
    // Frames are written one by one: the one before was synced.
    const header = {
      recordBytes: records.length,
      frame,
      recordsChecksum: checksum(records, 0),
      syncedFrame: frame - 1,
    };
    this.#header.writeFrame(header);
    this.#staged.set(this.#header.bytes, headersBytes - LOG_HEADER_BYTES);
    const { number } = this.#newest();
    if (!disk.append(number, this.#staged, 0, end)) return this.#full();
    Atomics.store(words, DISK_FULL_WORD, 0);
    Atomics.store(words, LOG_HEAD_WORD, tail);
    this.#nextFrame++;
    this.frames++;
    this.#grow(end);
    this.#note(headersBytes, end);
    disk.beginSync(number);
    this.#phase = Phase.SYNCING_FRAME;
    return true;
  }

  /** Copies records out of the ring, without the padding at its end. @returns where they end. */
  #stage(head: number, tail: number, at: number): number {
    const { bytes, view, ringBytes } = this.#parts.buffer;
    const from = head & (ringBytes - 1);
    const length = (tail - head) | 0;
    if (from + length <= ringBytes) {
      this.#staged.set(bytes.subarray(from, from + length), at);
      return at + length;
    }
    let last = from;
    while (last < ringBytes && !isPadding(view, last)) last = this.#records.read(view, last, ringBytes);
    this.#staged.set(bytes.subarray(from, last), at);
    const wrapped = from + length - ringBytes;
    this.#staged.set(bytes.subarray(0, wrapped), at + last - from);
    return at + last - from + wrapped;
  }

  /** @returns false if a file that is needed cannot be created now. */
  #stageFileHeader(): boolean {
    const { shard, identity } = this.#settings;
    if (!this.#isOpen) {
      const number = (this.#files.at(-1)?.number ?? 0) + 1;
      if (!this.#parts.disk.create(number)) return false;
      this.#files.push({ number, bytes: 0, firstFrame: this.#nextFrame, nextFrame: this.#nextFrame });
      this.#isOpen = true;
    }
    const { number: file, firstFrame } = this.#newest();
    this.#header.writeFile({ version: FORMAT_VERSION, isRewritten: false, shard, identity, file, firstFrame });
    this.#staged.set(this.#header.bytes, 0);
    return true;
  }

  /** Tells the state about the records of a frame. */
  #note(start: number, end: number): void {
    for (let at = start; at < end; ) {
      at = this.#records.read(this.#stagedView, at, end);
      assert(at > 0, 'a shard writes whole records');
      this.records++;
      const { kind, entry, note, detail } = this.#records;
      if (kind === RecordKind.APPENDED) this.#state.appended(entry);
      else if (kind === RecordKind.NOTE) this.#state.noted(note, entry.accountRow, entry.sequence, detail);
      else this.#state.removed(entry.accountRow, entry.sequence);
    }
  }

  #complete(): void {
    Atomics.store(this.#parts.buffer.words, COMPLETED_WORD, this.#batch);
    this.#parts.wake();
  }

  /** The disk is full: only the cleaner can help. */
  #full(): boolean {
    Atomics.store(this.#parts.buffer.words, DISK_FULL_WORD, 1);
    this.#isStuck = !this.#cleaner.step();
    return !this.#isStuck;
  }

  #newest(): FramedFile {
    const file = this.#files.at(-1);
    assert(file !== undefined, 'a log that takes frames has a file');
    return file;
  }

  #grow(bytes: number): void {
    const file = this.#newest();
    file.bytes += bytes;
    file.nextFrame = this.#nextFrame;
  }
}

function isPadding(view: DataView, at: number): boolean {
  return kindAt(view, at) === RecordKind.PADDING;
}
