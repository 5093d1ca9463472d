/**
 * The numbers of countries and their shares, apart from the key `countries`, which needs zod, so that the threads of a
 * run need not load that.
 */

/** Shares are multiples of this: account indexes come in rounds of a thousand. */
export const SHARE_STEP = 0.001;

/** The block of numbers of a country: those that begin with its prefix. @param country of the key `countries`, here and below. */
export function numbersOf({ prefix, length }: { readonly prefix: string; readonly length: number }): {
  readonly first: number;
  readonly room: number;
} {
  const room = 10 ** Math.max(0, length - prefix.length);
  return { first: Number(prefix) * room, room };
}

/** The countries in the order of their numbers. */
export function sortedCountries<T extends { readonly prefix: string; readonly length: number }>(
  countries: readonly T[],
): T[] {
  return [...countries].sort((a, b) => numbersOf(a).first - numbersOf(b).first);
}

/** The turns of a country in a round of a thousand account indexes. */
export function turnsOf({ share }: { readonly share: number }): number {
  return Math.round(share / SHARE_STEP);
}
