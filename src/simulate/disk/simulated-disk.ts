/**
 * A disk in memory. What was synced survives a stop of the machine; of the rest a random part survives, sector by
 * sector, so that the last writes may be cut off or torn. It can be slow or full, and flip a bit.
 */
import { assert } from '../../base/assert.ts';
import { DRAFT, type LogDisk, type LogFile } from '../../store/durable/log-disk.ts';

/** Small, so that a frame of a short simulation spans several. */
const SECTOR_BYTES = 64;
/** Room of a new file: most files of a simulated log never need more. */
const FIRST_BYTES = 2 ** 15;
/** Memory of files that are gone, which new files take: a few are made and removed all the time. */
const SPARES_MAX = 8;

interface DiskFile {
  bytes: Uint8Array;
  length: number;
  synced: number;
  /** Where the newest append begins, and the newest one that was synced. */
  appendedAt: number;
  syncedAppendAt: number;
}

interface FlippedBit {
  readonly file: DiskFile;
  readonly at: number;
  readonly bit: number;
}

/** An integer from 0 to below the bound. */
export type Draw = (bound: number) => number;

export class SimulatedDisk implements LogDisk {
  /** Most bytes of all files together. */
  capacityBytes = Number.POSITIVE_INFINITY;
  /** Calls of isSynced that a sync takes. */
  syncTurns = 0;
  /** The log has few: its cleaner removes them. */
  readonly #files = new Map<number, DiskFile>();
  /** At most one for each fault of this kind since the last repair. */
  readonly #flipped: FlippedBit[] = [];
  readonly #spares: Uint8Array[] = [];
  #usedBytes = 0;
  #turnsLeft = 0;
  #syncing: DiskFile | undefined;

  get usedBytes(): number {
    return this.#usedBytes;
  }

  files(): readonly LogFile[] {
    return [...this.#files]
      .filter(([number]) => number !== DRAFT)
      .map(([number, { length }]) => ({ number, bytes: length }))
      .sort((a, b) => a.number - b.number);
  }

  nameOf(file: number): string {
    return `file ${file}`;
  }

  create(file: number): boolean {
    this.#replaced(file);
    const bytes = this.#spares.pop() ?? new Uint8Array(FIRST_BYTES); // what a file has beyond its length is never read
    this.#files.set(file, { bytes, length: 0, synced: 0, appendedAt: 0, syncedAppendAt: 0 });
    return true;
  }

  append(file: number, bytes: Uint8Array, start: number, end: number): boolean {
    const count = end - start;
    if (this.#usedBytes + count > this.capacityBytes) return false;
    const at = this.#file(file);
    while (at.length + count > at.bytes.length) {
      const larger = new Uint8Array(at.bytes.length * 2);
      larger.set(at.bytes);
      at.bytes = larger;
    }
    at.bytes.set(bytes.subarray(start, end), at.length);
    at.appendedAt = at.length;
    at.length += count;
    this.#usedBytes += count;
    return true;
  }

  beginSync(file: number): void {
    assert(this.#syncing === undefined, 'a sync begins after the one before is over');
    this.#syncing = this.#file(file);
    this.#turnsLeft = this.syncTurns;
  }

  /** Whether a sync has begun that nobody has seen the end of. */
  get isSyncing(): boolean {
    return this.#syncing !== undefined;
  }

  isSynced(): boolean {
    if (this.#turnsLeft-- > 0) return false;
    const file = this.#syncing;
    if (file !== undefined) {
      file.synced = file.length;
      file.syncedAppendAt = file.appendedAt;
    }
    this.#syncing = undefined;
    return true;
  }

  read(file: number, at: number, into: Uint8Array, start: number, end: number): number {
    const { bytes, length } = this.#file(file);
    const part = bytes.subarray(Math.min(at, length), Math.min(at + end - start, length));
    into.set(part, start);
    return part.length;
  }

  truncate(file: number, bytes: number): void {
    const at = this.#file(file);
    this.#usedBytes -= at.length - bytes;
    at.length = bytes;
    at.synced = Math.min(at.synced, bytes);
    at.appendedAt = Math.min(at.appendedAt, bytes);
    at.syncedAppendAt = Math.min(at.syncedAppendAt, bytes);
  }

  replace(file: number): void {
    const draft = this.#file(DRAFT);
    assert(draft.synced === draft.length, 'a draft is synced before it replaces a file');
    this.#replaced(file);
    this.#files.delete(DRAFT);
    this.#files.set(file, draft);
  }

  remove(file: number): void {
    assert(this.#files.has(file), 'a log removes files that are there');
    this.#replaced(file);
    this.#files.delete(file);
  }

  /** The machine stops: which sectors survive that were not synced is drawn. */
  crash(draw: Draw): void {
    this.#forgetSync();
    for (const file of this.#files.values()) {
      const kept = file.synced + draw(file.length - file.synced + 1);
      this.#usedBytes -= file.length - kept;
      file.length = kept;
      for (let at = file.synced; at < file.length; ) {
        const end = Math.min(file.length, (Math.floor(at / SECTOR_BYTES) + 1) * SECTOR_BYTES);
        if (draw(2) === 0) file.bytes.fill(0, at, end);
        at = end;
      }
      file.synced = file.length;
    }
  }

  /** The process is killed: the system still writes all that was appended. */
  kill(): void {
    this.#forgetSync();
    for (const file of this.#files.values()) file.synced = file.length;
  }

  /** Flips a bit of a file. */
  flip(file: number, at: number, bit: number): void {
    const found = this.#file(file);
    found.bytes[at] = (found.bytes[at] ?? 0) ^ (1 << bit);
    this.#flipped.push({ file: found, at, bit });
  }

  /**
   * Flips a bit of something that was synced before the newest sync. Of what the newest sync wrote, a damaged part
   * cannot be told from one that was never synced, so no log can notice that.
   * @returns false if there is nothing so old.
   */
  flipAny(draw: Draw): boolean {
    const old = this.files().filter(({ number }) => this.#file(number).syncedAppendAt > 0);
    const file = old[draw(Math.max(1, old.length))];
    if (file === undefined) return false;
    this.flip(file.number, draw(this.#file(file.number).syncedAppendAt), draw(8));
    return true;
  }

  /** Flips all bits back, as when a folder is restored from a copy. @returns whether any was flipped. */
  repair(): boolean {
    const wasFlipped = this.#flipped.length > 0;
    for (const { file, at, bit } of this.#flipped) file.bytes[at] = (file.bytes[at] ?? 0) ^ (1 << bit);
    this.#flipped.length = 0;
    return wasFlipped;
  }

  /** What a file of this number has is needed no longer, if there is one. */
  #replaced(number: number): void {
    const file = this.#files.get(number);
    if (file === undefined) return;
    this.#usedBytes -= file.length;
    // A flipped bit may be flipped back later.
    const isNeeded = this.#flipped.some((flipped) => flipped.file === file);
    if (!isNeeded && this.#spares.length < SPARES_MAX) this.#spares.push(file.bytes);
  }

  #forgetSync(): void {
    this.#syncing = undefined;
    this.#turnsLeft = 0;
  }

  #file(number: number): DiskFile {
    const file = this.#files.get(number);
    assert(file !== undefined, 'a log names files that are there');
    return file;
  }
}
