/** The tables of presence of a shard: what its sessions watch, who watches its accounts, and the rows of both. */
import type { LedgerEntry } from '../../base/ledger-entry.ts';
import { columnApart, PLAIN_MEMORY, type TableMemory, type WordColumn } from '../../base/table-memory.ts';
import type { ShardSettings } from '../terms/shard-settings.ts';
import { SubscriptionTable } from './subscription-table.ts';
import { WATCH_ROW_BYTES, WatchRows } from './watch-rows.ts';
import { WatchTable } from './watch-table.ts';

export class PresenceTables {
  readonly rows: WatchRows;
  readonly watches: WatchTable;
  readonly subscriptions: SubscriptionTable;

  /**
   * With one shard a watch and its subscription share a row. With more they may not, and neither takes rows from the
   * other; what is not used takes no memory.
   * @param firstWatches a word for each session; a column of their own if they have none.
   */
  constructor(
    { watchesMax, sessions, homes, plan }: Pick<ShardSettings, 'watchesMax' | 'sessions' | 'homes' | 'plan'>,
    memory: TableMemory = PLAIN_MEMORY,
    firstWatches: WordColumn = columnApart(sessions, memory),
  ) {
    const hasOthers = homes.shards > 1;
    this.rows = new WatchRows(hasOthers ? 2 * watchesMax : watchesMax, memory);
    this.watches = new WatchTable(watchesMax, firstWatches, this.rows);
    const accounts = watchesMax > 0 ? homes.rowsFor(plan.size) : 0;
    this.subscriptions = new SubscriptionTable(watchesMax, accounts, homes, this.rows, memory);
  }

  ledger(): LedgerEntry[] {
    const { bytes, used: rowsUsed } = this.rows;
    return [
      { owner: 'switch', name: 'watches', bytes, rowBytes: WATCH_ROW_BYTES, rowsUsed, isApart: true },
      ...this.watches.ledger(),
      ...this.subscriptions.ledger(),
    ];
  }
}
