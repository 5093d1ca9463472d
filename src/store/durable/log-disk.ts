/**
 * The disk under a log, as its writer and its readers see it: numbered files that grow at their end. It is passed in,
 * so the same log runs on files and in a simulation.
 *
 * What was appended to a file survives for certain once a sync of the file has completed. Any part of the rest may
 * survive, even one in the middle, and a file that was created or replaced may be the earlier one.
 */

/** A file of a log. */
export interface LogFile {
  readonly number: number;
  readonly bytes: number;
}

/** In place of the number of a file: the draft, which {@link LogDisk.replace} gives the number of a file. */
export const DRAFT = -1;

export interface LogDisk {
  /** The files that are there, by their numbers. */
  files(): readonly LogFile[];
  /** The name of a file in messages: where a person finds it. */
  nameOf(file: number): string;
  /**
   * Creates an empty file; a draft takes the place of an earlier one.
   * @returns false if the disk is full, or the process may not open a file more now. It may be tried again.
   */
  create(file: number): boolean;
  /**
   * Appends bytes to a file. It takes all of them or none.
   * @returns false if the disk is full.
   */
  append(file: number, bytes: Uint8Array, start: number, end: number): boolean;
  /** Begins to make everything that was appended to a file permanent. */
  beginSync(file: number): void;
  /** Whether the sync that was begun last is over. Real disks are waited for in {@link beginSync}. */
  isSynced(): boolean;
  /** Reads bytes of a file from an offset. @returns how many, fewer than asked for at the end of the file. */
  read(file: number, at: number, into: Uint8Array, start: number, end: number): number;
  /** Cuts a file off after so many bytes. */
  truncate(file: number, bytes: number): void;
  /**
   * Gives the draft, which must be synced, the place of a file, at once and for good: a crash leaves the one or the
   * other.
   */
  replace(file: number): void;
  /** Removes a file for good. */
  remove(file: number): void;
}

/**
 * A checksum of 32 bits over bytes, continued from that of the bytes before them (0 at first), as an unsigned integer.
 */
export type Checksum = (bytes: Uint8Array, before: number) => number;
