/** A range of ports, which limits the connections of an address: read by `measure`, reckoned with by `plan`. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Number of ports in a range, including both ends. */
export function portCount(range: PortRange): number {
  return range.last - range.first + 1;
}
