/**
 * Counters of a thread: one row of doubles that another thread may read while the owner runs. Each counter has a single
 * writer, and a double is written in one piece. Rows are defined by lists of names, so each counter is named in one
 * place.
 */

/** The index of each counter in a row. */
export function counterPlaces<N extends string>(names: readonly N[]): Readonly<Record<N, number>> {
  return Object.fromEntries(names.map((name, place) => [name, place])) as Record<N, number>; // one entry per name
}

/** The counters of a row by name; no entries if the row is empty. */
export function namedCounters(names: readonly string[], row: Float64Array): Record<string, number> {
  return row.length === 0 ? {} : Object.fromEntries(names.map((name, place) => [name, row[place] ?? 0]));
}

/** Increments a counter. */
export function count(counters: Float64Array, place: number): void {
  counters[place] = (counters[place] as number) + 1; // the index comes from counterPlaces, here and below
}

/** Adds `amount`, which may be negative, to a counter. */
export function countBy(counters: Float64Array, place: number, amount: number): void {
  counters[place] = (counters[place] as number) + amount;
}
