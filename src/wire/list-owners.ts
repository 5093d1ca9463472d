/**
 * Who owns which broadcast list. Owners are dealt in chunks of phones that follow each other, so that the shards of a
 * switch can place each list where its owner has its home, in dense rows (see Placement), whatever their number:
 *
 *     lists 0 … 255   →  the phones of one chunk, in their order
 *     lists 256 …     →  those of another one, by a permutation of the chunks
 *
 * The last, incomplete chunk of phones is the last to get lists. So both directions are arithmetic, and no phone owns
 * two lists. Lists are named by their number from 0 on.
 */
import { assert } from '../base/assert.ts';
import { Permutation } from './permutation.ts';

export interface ListOwnersSettings {
  readonly seed: number;
  /** Account index of list 0; the others follow it. */
  readonly firstAccount: number;
  readonly lists: number;
  /** Owners are drawn from the phones 0 to `phones` - 1. */
  readonly phones: number;
}

/** In place of a list: none. */
export const NO_LIST = -1;
/** Phones of a chunk, and lists that follow each other and belong to them. */
export const CHUNK_PHONES = 256;

const OWNER_SALT = 0x4f574e52;

export class ListOwners {
  /** Account index of list 0; the others follow it. */
  readonly firstAccount: number;
  readonly #lists: number;
  /** Number of complete chunks. */
  readonly #whole: number;
  readonly #chunks: Permutation;

  constructor({ seed, firstAccount, lists, phones }: ListOwnersSettings) {
    assert(lists <= phones, 'no phone owns two lists');
    this.firstAccount = firstAccount;
    this.#lists = lists;
    this.#whole = Math.floor(phones / CHUNK_PHONES);
    this.#chunks = new Permutation(Math.max(1, this.#whole), seed ^ OWNER_SALT, 0);
  }

  /** The phone that owns a list. */
  ownerOf(list: number): number {
    const turn = Math.floor(list / CHUNK_PHONES);
    return this.chunkAt(turn) * CHUNK_PHONES + (list - turn * CHUNK_PHONES);
  }

  /** The list that a phone owns, or {@link NO_LIST}. */
  listOf(phone: number): number {
    const chunk = Math.floor(phone / CHUNK_PHONES);
    const turn = chunk < this.#whole ? this.#chunks.positionOf(chunk) : chunk;
    const list = turn * CHUNK_PHONES + (phone - chunk * CHUNK_PHONES);
    return list < this.#lists ? list : NO_LIST;
  }

  /** The chunk of phones whose turn it is to get lists. */
  chunkAt(turn: number): number {
    return turn < this.#whole ? this.#chunks.at(turn) : turn;
  }
}
