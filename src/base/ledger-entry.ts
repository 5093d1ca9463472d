/**
 * The ledger: every column, ring and table that a run allocates declares its owner and its size, so that memory per
 * connection is a sum and not an estimate.
 */

export type LedgerOwner = 'switch' | 'driver' | 'transport' | 'run';

export interface LedgerEntry {
  readonly owner: LedgerOwner;
  readonly name: string;
  /** Bytes allocated permanently, whether used or not. */
  readonly bytes: number;
  /** Bytes of one row, for tables with one row per session, account or phone; otherwise 0. */
  readonly rowBytes: number;
  /** Rows in use at the time of the call; 0 for entries without rows. */
  readonly rowsUsed: number;
  /**
   * Whether it is no part of what a connection costs: a feature has it, and not every phone. Counted by its name alone.
   */
  readonly isApart?: boolean;
}

/** Bytes of all rows in use, plus all entries without rows; without those that are counted apart. */
export function ledgerUsedBytes(entries: readonly LedgerEntry[], owner: LedgerOwner): number {
  let bytes = 0;
  for (const entry of entries) {
    if (entry.owner !== owner || entry.isApart === true) continue;
    bytes += entry.rowBytes > 0 ? entry.rowBytes * entry.rowsUsed : entry.bytes;
  }
  return bytes;
}
