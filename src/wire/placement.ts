/**
 * Which shard an account belongs to, and its dense row there, by arithmetic.
 *
 * Accounts are taken in groups of as many as there are shards. Within a group each account goes
 * to another shard, turned by a hash of the group:
 *
 *     group g:   accounts  g·S … g·S+S-1   →   shards  (0 … S-1 turned by hash(g)) ,  row g
 *
 * So the load is even to within one account, neighbours are spread as a hash would spread them,
 * and a shard's rows are dense: no table, no search. Two placements with different salts do
 * not agree with each other, which makes "connect anywhere" and "home shard" independent.
 */
import { mixPair } from '../base/mix.ts';

/** The salt of an account's home shard. */
export const HOME_SALT = 0x484f4d45;
/** The salt of the shard that a phone happens to connect to. */
export const CONNECT_SALT = 0x434f4e4e;

export class Placement {
  readonly shards: number;
  readonly #salt: number;

  constructor(shards: number, salt: number) {
    this.shards = shards;
    this.#salt = salt;
  }

  shardOf(account: number): number {
    const group = Math.floor(account / this.shards);
    return (account - group * this.shards + this.#turn(group)) % this.shards;
  }

  /** The account's row on its shard. */
  rowOf(account: number): number {
    return Math.floor(account / this.shards);
  }

  /** The account at a shard's row; may be beyond the plan in the last, incomplete group. */
  accountAt(shard: number, row: number): number {
    return row * this.shards + ((shard + this.shards - this.#turn(row)) % this.shards);
  }

  /** Rows that each shard needs for so many accounts. */
  rowsFor(accounts: number): number {
    return Math.ceil(accounts / this.shards);
  }

  #turn(group: number): number {
    return (mixPair(this.#salt, group) >>> 1) % this.shards;
  }
}
