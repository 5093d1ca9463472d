/**
 * Gives back the space of records that are no longer needed. It goes through the older files from the oldest on, copies
 * what is still needed from several files into a draft, and replaces the first of them with the draft; the others are
 * then removed. The order of the records stays as it was.
 *
 * A sweep through all files begins when the log has grown to twice the size that the last sweep left, plus some files.
 * So each byte is copied about once on average, however much is kept. It ends with the files that were there when it
 * began: what their removals removed is gone from the files before them by then, so dropping a removal that a later one
 * covers brings nothing back, and at no place does a log hold more entries than its shard held there.
 */
import { assert } from '../../base/assert.ts';
import { type Checksum, DRAFT, type LogDisk } from './log-disk.ts';
import { FORMAT_VERSION, HeaderBlock, LOG_HEADER_BYTES, Magic } from './log-frames.ts';
import { RECORD_BYTES_MAX, REMOVED_BYTES, RecordKind, RecordReader, writeMark, writeRemoved } from './log-records.ts';
import { type LogState, Need } from './log-state.ts';
import { damaged, type FramedFile, type LogIdentity } from './read-log.ts';

/** Bytes of records in a frame of a draft. */
const DRAFT_FRAME_BYTES = 2 ** 17;
/** Files' worth of bytes that a log may have beyond twice of what its last sweep left. */
export const SLACK_FILES = 4;

export interface LogCleanerParts {
  readonly disk: LogDisk;
  readonly checksum: Checksum;
  readonly state: LogState;
  /** The files of the log, oldest first; the newest one is not touched. */
  readonly files: FramedFile[];
}

export class LogCleaner {
  readonly #identity: LogIdentity;
  readonly #fileBytesMax: number;
  readonly #parts: LogCleanerParts;
  readonly #header: HeaderBlock;
  readonly #records = new RecordReader();
  #source = new Uint8Array(2 ** 16);
  #sourceView = new DataView(this.#source.buffer);
  /** A frame of the draft: its header, and the records so far. */
  readonly #frame = new Uint8Array(LOG_HEADER_BYTES + DRAFT_FRAME_BYTES + RECORD_BYTES_MAX);
  readonly #frameView = new DataView(this.#frame.buffer);
  #frameBytes = LOG_HEADER_BYTES;
  #isSweeping = false;
  /** The newest file when the sweep began: the sweep ends before it. */
  #endFile = 0;
  /** Where the draft belongs: number of files before it. */
  #place = 0;
  /** Files whose records are in the draft, or are being copied; 0 while there is no draft. */
  #copied = 0;
  /** Where the next frame of the last of them begins. */
  #at = LOG_HEADER_BYTES;
  #draftBytes = 0;
  #draftFrame = 0;
  #isSyncing = false;
  /** What the last sweep left, with the newest file: those that were begun meanwhile are for the next one. */
  #sweptBytes: number;

  /**
   * @param fileBytesMax a draft ends when it has so many bytes.
   */
  constructor(identity: LogIdentity, fileBytesMax: number, parts: LogCleanerParts) {
    this.#identity = identity;
    this.#fileBytesMax = fileBytesMax;
    this.#parts = parts;
    this.#header = new HeaderBlock(parts.checksum);
    this.#sweptBytes = bytesOf(parts.files) / 2;
  }

  /** Whether the draft is being made permanent: until that is over, nothing else can be. */
  get isSyncing(): boolean {
    return this.#isSyncing;
  }

  /** Whether a step would find something to do. */
  get isNeeded(): boolean {
    if (this.#isSweeping) return true;
    const { files } = this.#parts;
    return files.length > 1 && bytesOf(files) > 2 * this.#sweptBytes + SLACK_FILES * this.#fileBytesMax;
  }

  /**
   * Copies one frame, or begins or ends a draft. All records that {@link LogState} knows must be permanent.
   * @returns false if it waits for the disk.
   */
  step(): boolean {
    const { disk, files } = this.#parts;
    if (this.#isSyncing) return this.#endDraft();
    if (!this.#isSweeping) {
      this.#isSweeping = true;
      this.#place = 0;
      this.#endFile = this.#fileAt(files.length - 1).number;
    }
    if (this.#copied === 0) {
      if (this.#fileAt(this.#place).number >= this.#endFile) {
        this.#isSweeping = false;
        this.#sweptBytes = bytesOf([...files.slice(0, this.#place), ...files.slice(-1)]);
        return true;
      }
      if (!disk.create(DRAFT)) return this.#giveUp();
      this.#copied = 1;
      this.#at = LOG_HEADER_BYTES;
      this.#draftBytes = 0;
      this.#draftFrame = this.#first.firstFrame;
    }
    if (this.#copyFrame()) return true;
    if (!this.#isSweeping) return false; // given up
    const next = files[this.#place + this.#copied];
    const isInSweep = next !== undefined && next.number < this.#endFile;
    if (isInSweep && this.#draftBytes + this.#frameBytes + next.bytes <= this.#fileBytesMax) {
      this.#copied++;
      this.#at = LOG_HEADER_BYTES;
      return true;
    }
    return this.#beginSync();
  }

  /**
   * Gives up the draft, because the disk is full: its bytes are free again, if a file can be opened, and a later sweep
   * begins anew.
   */
  #giveUp(): boolean {
    this.#parts.disk.create(DRAFT);
    this.#copied = 0;
    this.#frameBytes = LOG_HEADER_BYTES;
    this.#isSweeping = false;
    this.#sweptBytes = bytesOf(this.#parts.files);
    return false;
  }

  get #first(): FramedFile {
    return this.#fileAt(this.#place);
  }

  get #last(): FramedFile {
    return this.#fileAt(this.#place + this.#copied - 1);
  }

  #fileAt(n: number): FramedFile {
    const file = this.#parts.files[n];
    assert(file !== undefined, 'files are only removed here');
    return file;
  }

  /** Copies what is needed of the next frame. @returns false at the end of the file. @throws STORE_DAMAGED. */
  #copyFrame(): boolean {
    const { disk, checksum } = this.#parts;
    const file = this.#last;
    const got = disk.read(file.number, this.#at, this.#header.bytes, 0, LOG_HEADER_BYTES);
    const { kind } = this.#header;
    if (got < LOG_HEADER_BYTES || kind !== Magic.FRAME) {
      if (got < LOG_HEADER_BYTES || kind !== Magic.FOOTER)
        throw damaged(disk.nameOf(file.number), this.#at, 'a frame or the footer');
      return false;
    }
    const { recordBytes, recordsChecksum } = this.#header.readFrame();
    if (recordBytes > this.#source.length) {
      this.#source = new Uint8Array(2 ** Math.ceil(Math.log2(recordBytes)));
      this.#sourceView = new DataView(this.#source.buffer);
    }
    const read = disk.read(file.number, this.#at + LOG_HEADER_BYTES, this.#source, 0, recordBytes);
    // A disk may damage what it had read right: a copy with a new checksum would hide that for ever.
    if (read < recordBytes || checksum(this.#source.subarray(0, recordBytes), 0) !== recordsChecksum)
      throw damaged(disk.nameOf(file.number), this.#at, 'the records of a frame');
    this.#at += LOG_HEADER_BYTES + recordBytes;
    return this.#copyRecords(recordBytes);
  }

  #copyRecords(bytes: number): boolean {
    const { state } = this.#parts;
    const reader = this.#records;
    for (let at = 0; at < bytes; ) {
      const next = reader.read(this.#sourceView, at, bytes);
      assert(next > at, 'records with the right checksum are whole');
      const { entry } = reader;
      if (reader.kind === RecordKind.REMOVED) {
        if (state.isRemovalNeeded(entry.accountRow, entry.sequence)) {
          writeRemoved(this.#frameView, this.#frameBytes, entry.accountRow, entry.sequence);
          this.#frameBytes += REMOVED_BYTES;
        }
      } else if (reader.kind === RecordKind.NOTE) {
        if (state.isNoteNeeded(reader.note, entry.accountRow, entry.sequence, reader.detail)) this.#copy(at, next);
      } else {
        const need = state.needOf(entry);
        if (need === Need.ENTRY) this.#copy(at, next);
        else if (need === Need.MARK) {
          this.#frameBytes += writeMark(this.#frameView, this.#frameBytes, entry);
        }
      }
      if (this.#frameBytes >= DRAFT_FRAME_BYTES && !this.#writeFrame()) return this.#giveUp();
      at = next;
    }
    return true;
  }

  #copy(from: number, to: number): void {
    this.#frame.set(this.#source.subarray(from, to), this.#frameBytes);
    this.#frameBytes += to - from;
  }

  /** @returns false if the disk is full. */
  #writeFrame(): boolean {
    const { disk, checksum } = this.#parts;
    if (this.#draftBytes === 0 && !this.#appendFileHeader()) return false;
    if (this.#frameBytes === LOG_HEADER_BYTES) return true;
    const records = this.#frame.subarray(LOG_HEADER_BYTES, this.#frameBytes);
    const frame = this.#draftFrame;
    const recordsChecksum = checksum(records, 0);
    this.#header.writeFrame({ recordBytes: records.length, frame, recordsChecksum, syncedFrame: frame });
    this.#frame.set(this.#header.bytes, 0);
    if (!disk.append(DRAFT, this.#frame, 0, this.#frameBytes)) return false;
    this.#draftBytes += this.#frameBytes;
    this.#draftFrame++;
    this.#frameBytes = LOG_HEADER_BYTES;
    return true;
  }

  #appendFileHeader(): boolean {
    const { number: file, firstFrame } = this.#first;
    this.#header.writeFile({ version: FORMAT_VERSION, isRewritten: true, ...this.#identity, file, firstFrame });
    if (!this.#parts.disk.append(DRAFT, this.#header.bytes, 0, LOG_HEADER_BYTES)) return false;
    this.#draftBytes = LOG_HEADER_BYTES;
    return true;
  }

  #beginSync(): boolean {
    const { disk } = this.#parts;
    if (!this.#writeFrame()) return this.#giveUp();
    this.#header.writeFooter({ nextFrame: this.#last.nextFrame, fileBytes: this.#draftBytes });
    if (!disk.append(DRAFT, this.#header.bytes, 0, LOG_HEADER_BYTES)) return this.#giveUp();
    this.#draftBytes += LOG_HEADER_BYTES;
    disk.beginSync(DRAFT);
    this.#isSyncing = true;
    return this.#endDraft();
  }

  /** Puts the draft in its place, once it is permanent. @returns false if the disk is still busy with it. */
  #endDraft(): boolean {
    const { disk, files } = this.#parts;
    if (!disk.isSynced()) return false;
    const { number, firstFrame } = this.#first;
    const { nextFrame } = this.#last;
    const sources = files.slice(this.#place, this.#place + this.#copied);
    // Nothing is left of the oldest files: they can go, since a log may begin with any frame.
    const isEmpty = this.#draftBytes === 2 * LOG_HEADER_BYTES && this.#place === 0;
    if (!isEmpty) disk.replace(number);
    for (const source of sources) if (isEmpty || source.number !== number) disk.remove(source.number);
    const kept = isEmpty ? [] : [{ number, bytes: this.#draftBytes, firstFrame, nextFrame }];
    files.splice(this.#place, this.#copied, ...kept);
    this.#place += kept.length;
    this.#copied = 0;
    this.#isSyncing = false;
    return true;
  }
}

function bytesOf(files: readonly FramedFile[]): number {
  let bytes = 0;
  for (const file of files) bytes += file.bytes;
  return bytes;
}
