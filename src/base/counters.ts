/**
 * Counters of a thread, as one row of doubles that another thread can read while it runs: each has
 * one writer and is written whole. Rows are made of lists of names, so that a counter is named once.
 */

/** Place of each counter in a row. */
export function counterPlaces<N extends string>(names: readonly N[]): Readonly<Record<N, number>> {
  return Object.fromEntries(names.map((name, place) => [name, place])) as Record<N, number>; // one for each name
}

/** The counters of a row by their names; none of an empty row. */
export function namedCounters(names: readonly string[], row: Float64Array): Record<string, number> {
  return row.length === 0 ? {} : Object.fromEntries(names.map((name, place) => [name, row[place] ?? 0]));
}

/** One more in a counter. */
export function count(counters: Float64Array, place: number): void {
  counters[place] = (counters[place] as number) + 1; // places come from the row's list, here and below
}

/** `amount` more (or fewer) in a counter. */
export function countBy(counters: Float64Array, place: number, amount: number): void {
  counters[place] = (counters[place] as number) + amount;
}
