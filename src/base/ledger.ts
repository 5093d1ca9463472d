/**
 * The ledger: every column, ring and table that a run allocates says who owns it and how large
 * it is, so that memory for each connection can be added up instead of guessed.
 */

export type LedgerOwner = 'switch' | 'driver' | 'transport' | 'run';

export interface LedgerEntry {
  readonly owner: LedgerOwner;
  readonly name: string;
  /** Bytes reserved for good, whether used or not. */
  readonly bytes: number;
  /** Bytes of one row, for tables with a row for each session, account or phone; else 0. */
  readonly rowBytes: number;
  /** Rows in use when asked; 0 for entries without rows. */
  readonly rowsUsed: number;
}

/** Bytes in use by rows plus everything that has no rows. */
export function ledgerBytesUsed(entries: readonly LedgerEntry[], owner: LedgerOwner): number {
  let bytes = 0;
  for (const entry of entries) {
    if (entry.owner !== owner) continue;
    bytes += entry.rowBytes > 0 ? entry.rowBytes * entry.rowsUsed : entry.bytes;
  }
  return bytes;
}
