/** What is counted of the logs of a store, and what is known of the store before the run. */

export const LOG_FIGURES = [
  /** Frames that were written and synced, each with the records of all messages that had come. */
  'commits',
  'records',
  /** Bytes written to files, with those that the cleaner copies. */
  'writtenBytes',
  'syncs',
  'syncMicros',
  'longestSyncMicros',
  /** Bytes of all files, as they are now. */
  'storeBytes',
  /** How often the disk was full when something was to be written. */
  'fullDisks',
  /** Records of groups that are never dropped, as of now: see GroupState. */
  'untrackedRecords',
  /**
   * Entries that were read back at the start; when the reading of this log began, by the run's clock; and how long it
   * took from the first log that was begun until this one was read.
   */
  'restoredEntries',
  'restoreBeginMicros',
  'restoreMicros',
] as const;

export type LogFigureName = (typeof LOG_FIGURES)[number];

/** Of several logs the longest counts, not the sum. */
export const LONGEST: readonly LogFigureName[] = ['longestSyncMicros', 'restoreBeginMicros', 'restoreMicros'];

/** The figures of all logs together. */
export interface StoreFigures {
  readonly totals: Readonly<Record<LogFigureName, number>>;
  /** Counts of the histogram of the time from the first byte of a frame that is written until it is on the disk. */
  readonly commitLatency: Uint32Array;
}

/** What is known of a store when it is open. */
export interface StoreOpened {
  readonly folder: string;
  /** Whether it is removed after the run. */
  readonly isTemporary: boolean;
  /** Times of single small syncs of the disk without load, in microseconds. */
  readonly syncTimes: readonly number[];
}

/** The store of a run: figures of the measured window are the difference of two readings. */
export interface StoreRecord extends StoreOpened {
  readonly before: StoreFigures | null;
  readonly after: StoreFigures | null;
}
