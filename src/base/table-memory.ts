/**
 * Where tables with a row per phone, session, account or message get their memory from. A hundred million rows need
 * gigabytes, and a message reads a few rows at random places: on pages of 4 KiB most of its time is then spent on
 * address translation. Which pages the memory lies on is for the operating system, so it is passed in.
 */
export interface TableMemory {
  /** An array of zeros. It lives as long as its table. */
  words(count: number): Int32Array;
}

/** Memory as the language gives it. */
export const PLAIN_MEMORY: TableMemory = { words: (count) => new Int32Array(count) };
