/** Apart from the keys of `network`, which need zod, so that the threads of a run need not load that. */

/** Whether packets go through a network at all, by the key `network`. */
export function hasNetwork(network: {
  readonly links: readonly unknown[];
  readonly outages: readonly unknown[];
}): boolean {
  return network.links.length > 0 || network.outages.length > 0;
}
