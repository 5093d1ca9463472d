/**
 * Maps an account to a shard and to a dense row on that shard, by arithmetic.
 *
 * Accounts are divided into groups, one account per shard in each group. Within a group the accounts are assigned to
 * the shards in order, rotated by a hash of the group:
 *
 *     group g:   accounts  g·S … g·S+S-1   →   shards  (0 … S-1 rotated by hash(g)) ,  row g
 *
 * The number of accounts per shard therefore differs by at most one, neighbouring accounts are on different shards, and
 * the rows of a shard are dense, without a table or a search. Placements with different salts are independent: the
 * shard that a phone connects to says nothing about the home shard of its account.
 */
import { mixPair } from '../base/pseudo-random.ts';

/** The salt for the home shard of an account. */
export const HOME_SALT = 0x484f4d45;
/** The salt for the shard that a phone connects to. */
export const CONNECT_SALT = 0x434f4e4e;

export class Placement {
  readonly shards: number;
  readonly #salt: number;

  constructor(shards: number, salt: number) {
    this.shards = shards;
    this.#salt = salt;
  }

  shardOf(account: number): number {
    if (this.shards === 1) return 0;
    const group = Math.floor(account / this.shards);
    return (account - group * this.shards + this.#turn(group)) % this.shards;
  }

  /** The row of an account on its shard. */
  rowOf(account: number): number {
    return this.shards === 1 ? account : Math.floor(account / this.shards);
  }

  /** The account in a row of a shard. In the last, incomplete group it may be beyond the plan. */
  accountAt(shard: number, row: number): number {
    if (this.shards === 1) return row;
    return row * this.shards + ((shard + this.shards - this.#turn(row)) % this.shards);
  }

  /** Number of rows that each shard needs for this many accounts. */
  rowsFor(accounts: number): number {
    return Math.ceil(accounts / this.shards);
  }

  #turn(group: number): number {
    return (mixPair(this.#salt, group) >>> 1) % this.shards;
  }
}
