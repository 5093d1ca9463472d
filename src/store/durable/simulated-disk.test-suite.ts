/**
 * A disk for tests: files in memory, of which a crash keeps what was synced and a random part of the rest, sector by
 * sector. It can be slow, full, and flip a bit.
 */
import { crc32 } from 'node:zlib';
import { DRAFT, type LogDisk, type LogFile } from './log-disk.ts';

const SECTOR_BYTES = 64; // small, so that frames of tests span several

interface DiskFile {
  bytes: Uint8Array;
  length: number;
  synced: number;
}

/** The checksum that the program uses too. */
export const checksum = (bytes: Uint8Array, before: number): number => crc32(bytes, before);

export class SimulatedDisk implements LogDisk {
  readonly #files = new Map<number, DiskFile>();
  /** Most bytes of all files together. */
  capacityBytes = Number.POSITIVE_INFINITY;
  /** Calls of isSynced that a sync takes. */
  syncTurns = 0;
  #turnsLeft = 0;
  #syncing: DiskFile | undefined;

  get usedBytes(): number {
    return [...this.#files.values()].reduce((bytes, { length }) => bytes + length, 0);
  }

  files(): readonly LogFile[] {
    return [...this.#files]
      .filter(([number]) => number !== DRAFT)
      .map(([number, { length }]) => ({ number, bytes: length }))
      .sort((a, b) => a.number - b.number);
  }

  create(file: number): void {
    this.#files.set(file, { bytes: new Uint8Array(1024), length: 0, synced: 0 });
  }

  append(file: number, bytes: Uint8Array, start: number, end: number): boolean {
    if (this.usedBytes + end - start > this.capacityBytes) return false;
    const at = this.#file(file);
    while (at.length + end - start > at.bytes.length) {
      const larger = new Uint8Array(at.bytes.length * 2);
      larger.set(at.bytes);
      at.bytes = larger;
    }
    at.bytes.set(bytes.subarray(start, end), at.length);
    at.length += end - start;
    return true;
  }

  beginSync(file: number): void {
    if (this.#syncing !== undefined) throw new Error('a sync is not over');
    this.#syncing = this.#file(file);
    this.#turnsLeft = this.syncTurns;
  }

  isSynced(): boolean {
    if (this.#turnsLeft-- > 0) return false;
    if (this.#syncing !== undefined) this.#syncing.synced = this.#syncing.length;
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
    at.length = bytes;
    at.synced = Math.min(at.synced, bytes);
  }

  replace(file: number): void {
    const draft = this.#file(DRAFT);
    if (draft.synced < draft.length) throw new Error('the draft is not synced');
    this.#files.delete(DRAFT);
    this.#files.set(file, draft);
  }

  remove(file: number): void {
    if (!this.#files.delete(file)) throw new Error(`file ${file} is not there`);
  }

  /** The machine stops. @param random a number from 0 to below the bound: which sectors survive that were not synced. */
  crash(random: (bound: number) => number): void {
    this.#syncing = undefined;
    this.#turnsLeft = 0;
    for (const file of this.#files.values()) {
      file.length = file.synced + random(file.length - file.synced + 1);
      for (let at = file.synced; at < file.length; ) {
        const end = Math.min(file.length, (Math.floor(at / SECTOR_BYTES) + 1) * SECTOR_BYTES);
        if (random(2) === 0) file.bytes.fill(0, at, end);
        at = end;
      }
      file.synced = file.length;
    }
  }

  /** Flips a bit of a file. */
  flip(file: number, at: number, bit: number): void {
    const { bytes } = this.#file(file);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
  }

  #file(number: number): DiskFile {
    const file = this.#files.get(number);
    if (file === undefined) throw new Error(`file ${number} is not there`);
    return file;
  }
}
