/** Apart from the key `content.readReceipts`, which needs zod, so that the threads of a run need not load that. */

/** Whether phones read any message. @param readReceipts the key of that name. */
export function hasReads({ share, groupShare }: { readonly share: number; readonly groupShare: number }): boolean {
  return share > 0 || groupShare > 0;
}
