/**
 * Reads the files of a log from the first to the last, and checks that nothing is missing.
 *
 * The newest file may end with frames that were never permanent: they are ignored. Anything else that is damaged is an
 * error, since acknowledged messages would be lost without notice. The two can be told apart, because a frame says
 * which earlier frame was permanent when it was written; only for the very last frame this is unknown.
 */
import { TrunklineError } from '../../base/errors.ts';
import type { LogVisitor } from '../mailbox-log.ts';
import type { Checksum, LogDisk, LogFile } from './log-disk.ts';
import { FORMAT_VERSION, HeaderBlock, LOG_HEADER_BYTES, Magic } from './log-frames.ts';
import { RecordKind, RecordReader } from './log-records.ts';

/** The most bytes of records in a frame: what a buffer can hold. */
const FRAME_BYTES_MAX = 2 ** 24;
/** Bytes that are searched at a time for frames behind a damaged one. */
const SEARCH_BYTES = 2 ** 16;
/** Bytes that are read at a time: most frames are much shorter. */
const PIECE_BYTES = 2 ** 20;

export interface LogIdentity {
  readonly shard: number;
  readonly identity: number;
}

/** A file of a log, and the frames that it stands for. */
export interface FramedFile extends LogFile {
  /** They grow while the file is the newest. */
  bytes: number;
  readonly firstFrame: number;
  nextFrame: number;
}

/** Where a log ends, and so where it goes on. */
export interface LogEnd {
  /** Files with records, oldest first; the newest one may be longer on disk than its valid bytes, which are given. */
  readonly files: readonly FramedFile[];
  /** Files whose records were moved to an earlier file before they could be removed. */
  readonly leftovers: readonly number[];
  /** Whether the newest file ends with a footer, or there is none: a new file follows. */
  readonly isSealed: boolean;
  /** The number of the next frame. */
  readonly nextFrame: number;
}

/** Receives the records of a frame, from one place in a view to another; they are valid only during the call. */
export type FrameVisitor = (records: DataView, from: number, end: number) => void;

/**
 * Calls back for each record that survived.
 * @param frames is called for each frame, after its records.
 * @throws TrunklineError STORE_DAMAGED, STORE_VERSION or STORE_FOREIGN, with the file and the place.
 */
export function readLog(
  disk: LogDisk,
  identity: LogIdentity,
  checksum: Checksum,
  visitor: LogVisitor,
  frames: FrameVisitor = () => {},
): LogEnd {
  return new LogReader(disk, identity, checksum, visitor, frames).read();
}

class LogReader {
  readonly #disk: LogDisk;
  readonly #identity: LogIdentity;
  readonly #checksum: Checksum;
  readonly #visitor: LogVisitor;
  readonly #frames: FrameVisitor;
  readonly #header: HeaderBlock;
  readonly #records = new RecordReader();
  /** A piece of a file. */
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  #pieceFile = -1;
  #pieceAt = 0;
  #pieceBytes = 0;
  #nextFrame = -1;

  constructor(disk: LogDisk, identity: LogIdentity, checksum: Checksum, visitor: LogVisitor, frames: FrameVisitor) {
    this.#disk = disk;
    this.#identity = identity;
    this.#checksum = checksum;
    this.#visitor = visitor;
    this.#frames = frames;
    this.#header = new HeaderBlock(checksum);
  }

  read(): LogEnd {
    const all = this.#disk.files();
    this.#makeRoom(Math.min(PIECE_BYTES, Math.max(LOG_HEADER_BYTES, ...all.map(({ bytes }) => bytes))));
    const files: FramedFile[] = [];
    const leftovers: number[] = [];
    let isSealed = true;
    for (const [n, file] of all.entries()) {
      const isNewest = n === all.length - 1;
      if (!this.#readFileHeader(file, isNewest)) {
        const frame = Math.max(0, this.#nextFrame);
        files.push({ number: file.number, bytes: 0, firstFrame: frame, nextFrame: frame });
        isSealed = false;
        break;
      }
      const { firstFrame, isRewritten } = this.#header.readFile();
      if (this.#nextFrame >= 0 && firstFrame < this.#nextFrame) {
        leftovers.push(file.number);
        continue;
      }
      if (this.#nextFrame >= 0 && firstFrame > this.#nextFrame) {
        throw this.#damaged(file, 0, `frames ${this.#nextFrame} to ${firstFrame - 1} before it, which are in no file`);
      }
      this.#nextFrame = firstFrame;
      const end = this.#readFrames(file, isRewritten, isNewest);
      isSealed = end < 0;
      const bytes = isSealed ? file.bytes : end;
      files.push({ number: file.number, bytes, firstFrame, nextFrame: this.#nextFrame });
    }
    return { files, leftovers, isSealed, nextFrame: Math.max(0, this.#nextFrame) };
  }

  /** @returns false if the newest file was never begun for good. */
  #readFileHeader(file: LogFile, isNewest: boolean): boolean {
    if (!this.#readHeader(file, 0) || this.#header.kind !== Magic.FILE) {
      if (!isNewest || this.#hasSyncedFrameBehind(file, LOG_HEADER_BYTES, this.#nextFrame))
        throw this.#damaged(file, 0, 'a file header');
      return false;
    }
    const { version, shard, identity, file: number } = this.#header.readFile();
    if (version !== FORMAT_VERSION) {
      throw new TrunklineError(
        'STORE_VERSION',
        `Expected ${this.#disk.nameOf(file.number)} in format ${FORMAT_VERSION}, found format ${version}. Start the version of trunkline that wrote it, or use another folder.`,
      );
    }
    if (shard !== this.#identity.shard || identity !== this.#identity.identity || number !== file.number) {
      throw new TrunklineError(
        'STORE_FOREIGN',
        `Expected ${this.#disk.nameOf(file.number)} to belong to shard ${this.#identity.shard} of this store, found file ${number} of shard ${shard}${identity === this.#identity.identity ? '' : ' of another store'}. Put the files back where they were.`,
      );
    }
    return true;
  }

  /** @returns where the file ends, or -1 if it ends with its footer. */
  #readFrames(file: LogFile, isRewritten: boolean, isNewest: boolean): number {
    let frame = this.#nextFrame;
    for (let at = LOG_HEADER_BYTES; ; frame++) {
      const isHeader = this.#readHeader(file, at);
      const { kind } = this.#header;
      if (isHeader && kind === Magic.FOOTER) {
        const { nextFrame, fileBytes } = this.#header.readFooter();
        const isRight = fileBytes === at && (isRewritten ? nextFrame >= this.#nextFrame : nextFrame === frame);
        if (!isRight) throw this.#damaged(file, at, 'the footer of a whole file');
        this.#nextFrame = nextFrame;
        return -1;
      }
      const end = isHeader && kind === Magic.FRAME ? this.#readFrame(file, at, frame) : -1;
      if (end < 0) {
        const isTorn = isNewest && !isRewritten && !this.#hasSyncedFrameBehind(file, at, frame);
        if (!isTorn) throw this.#damaged(file, at, `frame ${frame}`);
        this.#nextFrame = frame;
        return at;
      }
      at = end;
    }
  }

  /** Reads the frame whose header was read. @returns where it ends, or -1 if it is damaged. */
  #readFrame(file: LogFile, at: number, frame: number): number {
    const header = this.#header.readFrame();
    const { recordBytes } = header;
    if (header.frame !== frame || recordBytes > FRAME_BYTES_MAX) return -1;
    const place = this.#load(file, at + LOG_HEADER_BYTES, recordBytes);
    if (place < 0) return -1;
    const end = place + recordBytes;
    if (this.#checksum(this.#bytes.subarray(place, end), 0) !== header.recordsChecksum) return -1;
    if (!visitRecords(this.#records, this.#view, place, end, this.#visitor))
      throw this.#damaged(file, at, `the records of frame ${frame}`);
    this.#frames(this.#view, place, end);
    return at + LOG_HEADER_BYTES + recordBytes;
  }

  /** Whether a frame behind this place says that the damaged one was permanent. */
  #hasSyncedFrameBehind(file: LogFile, from: number, frame: number): boolean {
    const bytes = new Uint8Array(SEARCH_BYTES + LOG_HEADER_BYTES);
    const header = new HeaderBlock(this.#checksum);
    for (let at = from; at < file.bytes; at += SEARCH_BYTES) {
      const got = this.#disk.read(file.number, at, bytes, 0, bytes.length);
      for (let n = 0; n + LOG_HEADER_BYTES <= got && n < SEARCH_BYTES; n += 4) {
        header.bytes.set(bytes.subarray(n, n + LOG_HEADER_BYTES));
        if (!header.beginsLike(Magic.FRAME) && !header.beginsLike(Magic.FOOTER)) continue;
        if (header.kind === Magic.FOOTER) return true;
        if (header.kind === Magic.FRAME && header.readFrame().syncedFrame >= frame) return true;
      }
    }
    return false;
  }

  #damaged(file: LogFile, at: number, expected: string): TrunklineError {
    return damaged(this.#disk.nameOf(file.number), at, expected);
  }

  #readHeader(file: LogFile, at: number): boolean {
    const place = this.#load(file, at, LOG_HEADER_BYTES);
    if (place < 0) return false;
    this.#header.bytes.set(this.#bytes.subarray(place, place + LOG_HEADER_BYTES));
    return true;
  }

  /** Has some bytes of a file in memory. @returns their place, or -1 if the file ends before. */
  #load({ number }: LogFile, at: number, bytes: number): number {
    const place = at - this.#pieceAt;
    if (number === this.#pieceFile && place >= 0 && place + bytes <= this.#pieceBytes) return place;
    if (bytes > this.#bytes.length) this.#makeRoom(2 ** Math.ceil(Math.log2(bytes)));
    this.#pieceFile = number;
    this.#pieceAt = at;
    this.#pieceBytes = this.#disk.read(number, at, this.#bytes, 0, this.#bytes.length);
    return bytes <= this.#pieceBytes ? 0 : -1;
  }

  #makeRoom(bytes: number): void {
    this.#bytes = new Uint8Array(bytes);
    this.#view = new DataView(this.#bytes.buffer);
  }
}

/** Calls back for each record between two places. @returns false if there is something else. */
export function visitRecords(
  reader: RecordReader,
  view: DataView,
  from: number,
  end: number,
  visitor: LogVisitor,
): boolean {
  for (let at = from; at < end; ) {
    at = reader.read(view, at, end);
    if (at < 0 || reader.kind === RecordKind.PADDING) return false;
    const { kind, entry } = reader;
    if (kind === RecordKind.NOTE) {
      visitor.noted(reader.note, entry.accountRow, entry.sequence, reader.detail);
      continue;
    }
    if (kind !== RecordKind.REMOVED) visitor.appended(entry);
    if (kind !== RecordKind.APPENDED) visitor.removed(entry.accountRow, entry.sequence);
  }
  return true;
}

/** The error for a file whose bytes are not what was written. @param file see LogDisk.nameOf. */
export function damaged(file: string, at: number, expected: string): TrunklineError {
  return new TrunklineError(
    'STORE_DAMAGED',
    `Expected ${expected} in ${file} at byte ${at}, found something else. Acknowledged messages may be lost, so nothing was changed. Restore the folder from a copy, or start with an empty one.`,
  );
}
