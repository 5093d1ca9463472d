/**
 * Where tables with a row per phone, session, account or message get their memory from. A hundred million rows need
 * gigabytes, and a message reads a few rows at random places: on pages of 4 KiB most of its time is then spent on
 * address translation. Which pages the memory lies on is for the operating system, so it is passed in.
 */
export interface TableMemory {
  /** An array of zeros. It lives as long as its table. */
  words(count: number): Int32Array;
}

/** The same for a table that threads share. */
export interface SharedTableMemory {
  /** An array of zeros, in memory that can be sent to other threads. */
  sharedWords(count: number): Int32Array<SharedArrayBuffer>;
}

/** A word in each row of an array: that of row `n` is `words[n * stride + at]`. */
export interface WordColumn {
  readonly words: Int32Array;
  readonly stride: number;
  readonly at: number;
}

/** Rows whose first `count` words belong to somebody else than the rest: what is needed together lies side by side. */
export interface SharedRows {
  readonly words: Int32Array;
  /** Words of a row. */
  readonly stride: number;
  readonly count: number;
}

/** Memory as the language gives it. */
export const PLAIN_MEMORY: TableMemory & SharedTableMemory = {
  words: (count) => new Int32Array(count),
  sharedWords: (count) => new Int32Array(new SharedArrayBuffer(count * Int32Array.BYTES_PER_ELEMENT)),
};

/** A byte for each row. */
export function byteColumn(rows: number, memory: TableMemory): Uint8Array {
  const words = memory.words(Math.ceil(rows / Int32Array.BYTES_PER_ELEMENT));
  return new Uint8Array(words.buffer, words.byteOffset, rows);
}

/** A column that shares its rows with nothing else. */
export function columnApart(rows: number, memory: TableMemory): WordColumn {
  return { words: memory.words(rows), stride: 1, at: 0 };
}
