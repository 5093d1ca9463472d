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
 *
 * Broadcast lists are the last accounts. A list has the shard of its owner; its row is behind those of all other
 * accounts, in rows that each chunk of owners has for itself, because the owners of a chunk follow each other and so
 * have dense rows too (see ListOwners).
 */
import { mixPair } from '../base/pseudo-random.ts';
import { CHUNK_PHONES, type ListOwners, NO_LIST } from './list-owners.ts';

/** The salt for the home shard of an account. */
export const HOME_SALT = 0x484f4d45;
/** The salt for the shard that a phone connects to. */
export const CONNECT_SALT = 0x434f4e4e;

/** In place of an account: a row that has none. It is beyond every plan. */
export const NOBODY = 2 ** 31 - 1;

export class Placement {
  readonly shards: number;
  readonly #salt: number;
  readonly #lists: ListOwners | undefined;
  /** Account index of the first list. */
  readonly #firstList: number;
  /** The first row of lists, and the rows of a chunk of them. */
  readonly #listRow: number;
  readonly #chunkRows: number;

  /** @param lists the owners of broadcast lists, where lists have places too. */
  constructor(shards: number, salt: number, lists?: ListOwners) {
    this.shards = shards;
    this.#salt = salt;
    this.#lists = lists;
    this.#firstList = lists?.firstAccount ?? Number.POSITIVE_INFINITY;
    this.#listRow = Math.ceil(this.#firstList / shards);
    // A chunk may begin in the middle of a row, unless rows are divided into chunks.
    this.#chunkRows = Math.ceil(CHUNK_PHONES / shards) + (CHUNK_PHONES % shards === 0 ? 0 : 1);
  }

  shardOf(account: number): number {
    if (this.shards === 1) return 0;
    const placed = account < this.#firstList ? account : this.#ownerOf(account);
    const group = Math.floor(placed / this.shards);
    return (placed - group * this.shards + this.#turn(group)) % this.shards;
  }

  /** The row of an account on its shard. */
  rowOf(account: number): number {
    if (this.shards === 1) return account;
    if (account < this.#firstList) return Math.floor(account / this.shards);
    const turn = Math.floor((account - this.#firstList) / CHUNK_PHONES);
    return this.#firstRowOf(turn) + Math.floor(this.#ownerOf(account) / this.shards);
  }

  /** The account in a row of a shard. It may be beyond the plan: in the last, incomplete group, or {@link NOBODY}. */
  accountAt(shard: number, row: number): number {
    if (this.shards === 1) return row;
    if (row >= this.#listRow) return this.#listAt(shard, row);
    const account = this.#inRow(shard, row);
    return account < this.#firstList ? account : NOBODY;
  }

  /** Number of rows that each shard needs for this many accounts. */
  rowsFor(accounts: number): number {
    if (this.shards === 1 || accounts <= this.#firstList) return Math.ceil(accounts / this.shards);
    return this.#listRow + Math.ceil((accounts - this.#firstList) / CHUNK_PHONES) * this.#chunkRows;
  }

  #listAt(shard: number, row: number): number {
    const lists = this.#lists;
    if (lists === undefined) return NOBODY;
    const turn = Math.floor((row - this.#listRow) / this.#chunkRows);
    const owner = this.#inRow(shard, row - this.#firstRowOf(turn));
    const isOfChunk = Math.floor(owner / CHUNK_PHONES) === lists.chunkAt(turn);
    const list = isOfChunk ? lists.listOf(owner) : NO_LIST;
    return list === NO_LIST ? NOBODY : this.#firstList + list;
  }

  /** What is added to the row of an owner for that of its list, which is one of a chunk. */
  #firstRowOf(turn: number): number {
    const chunk = this.#lists?.chunkAt(turn) ?? 0;
    return this.#listRow + turn * this.#chunkRows - Math.floor((chunk * CHUNK_PHONES) / this.shards);
  }

  #ownerOf(list: number): number {
    return this.#lists?.ownerOf(list - this.#firstList) ?? list;
  }

  #inRow(shard: number, row: number): number {
    return row * this.shards + ((shard + this.shards - this.#turn(row)) % this.shards);
  }

  #turn(group: number): number {
    return (mixPair(this.#salt, group) >>> 1) % this.shards;
  }
}
