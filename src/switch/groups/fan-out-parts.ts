/** What fan-outs are made of, and whom they tell. Apart from FanOuts, so that those who are told need not import it. */
import type { SharedPayloads } from '../../store/shared-payloads.ts';
import type { AccountHome } from '../homes/account-home.ts';
import type { Hops } from '../homes/hops.ts';
import type { RowPrefetch } from '../tables/row-prefetch.ts';
import type { TakenItems } from './taken-items.ts';

/** What the home of groups on the same shard is told: see GroupReceipts. */
export interface LocalGroups {
  done(author: number, id: number, hasRejected: boolean, shard: number): void;
}

/** What fan-outs need of the shard. */
export interface FanOutParts {
  readonly shared: SharedPayloads;
  readonly accounts: AccountHome;
  readonly hops: Hops;
  readonly counters: Float64Array;
  readonly rows: RowPrefetch;
  /** Undefined where nothing is stored. */
  readonly items: TakenItems | undefined;
}
