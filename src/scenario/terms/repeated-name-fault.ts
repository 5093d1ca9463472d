/** Entries of a list that results and other keys tell apart by name, so no two may have the same. */
import type { KeyFault } from './key-fault.ts';

/**
 * The fault of the first entry whose name an earlier one has; null if all names differ.
 *
 * @param path of the list.
 */
export function repeatedNameFault(
  path: readonly (string | number)[],
  entries: readonly { readonly name: string }[],
): KeyFault | null {
  const places = new Map<string, number>();
  for (const [place, { name }] of entries.entries()) {
    const earlier = places.get(name);
    if (earlier !== undefined)
      return {
        path: [...path, place, 'name'],
        what: `expected another name than that of ${[...path, earlier].join('.')}, found ${name} again`,
      };
    places.set(name, place);
  }
  return null;
}
