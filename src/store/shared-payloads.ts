/**
 * Messages to groups: one copy of the payload in a shard, to which the entries of its members' mailboxes refer. It
 * lives until the last of them is removed. Its name is the number of its first block:
 *
 *     word 0   references; once there are none, the next of the finished ones
 *     word 1   next block of the payload, or 0
 *     word 2   account index of the author
 *     word 3   the author's id of the message
 *     word 4   account index of the group
 *     word 5   payload bytes 0..10 · list 11 · tracked 12 · rejected 13
 *     word 6   version of the group
 *     word 7   0: it is not an entry
 *
 * A tracked message is finished when its last reference is gone, and is kept until its group has been told. Finished
 * messages form a queue through word 0, which therefore needs no memory of its own and no bound.
 */
import { assert } from '../base/assert.ts';
import type { ByteSpan } from '../base/byte-span.ts';
import { BLOCK_WORDS, ENTRY_WORD, type MailboxBlocks } from './mailbox-blocks.ts';

const LENGTH_MASK = 0x7ff;
const LIST_BIT = 1 << 11;
const TRACKED_BIT = 1 << 12;
const REJECTED_BIT = 1 << 13;

export class SharedPayloads {
  readonly #blocks: MailboxBlocks;
  readonly #words: Int32Array;
  #firstFinished = 0;
  #lastFinished = 0;

  constructor(blocks: MailboxBlocks) {
    this.#blocks = blocks;
    this.#words = blocks.words;
  }

  /** Whether a payload of this size has room. */
  hasRoom(payloadBytes: number): boolean {
    return this.#blocks.hasRoom(payloadBytes);
  }

  /**
   * Keeps a message with one reference, that of the caller. It must have room.
   * @param author account index of the author.
   * @param group account index of the group, and `version` its version as an integer of 32 bits.
   * @param isList whether members see it as a message of its author.
   * @returns its name.
   */
  keep(author: number, id: number, group: number, version: number, isList: boolean, payload: ByteSpan): number {
    const shared = this.#blocks.take();
    const word = shared * BLOCK_WORDS;
    this.#words[word] = 1;
    this.#words[word + 2] = author;
    this.#words[word + 3] = id;
    this.#words[word + 4] = group;
    this.#words[word + 5] = payload.bytes | (isList ? LIST_BIT : 0);
    this.#words[word + 6] = version;
    this.#words[word + ENTRY_WORD] = 0;
    this.#blocks.writePayload(shared, payload.view, payload.at, payload.bytes);
    return shared;
  }

  /** Adds a reference. */
  hold(shared: number): void {
    this.#words[shared * BLOCK_WORDS] = (this.#words[shared * BLOCK_WORDS] as number) + 1; // it names a block, here and below
  }

  /** Takes a reference away. */
  release(shared: number): void {
    const word = shared * BLOCK_WORDS;
    const references = (this.#words[word] as number) - 1;
    assert(references >= 0, 'a message is released as often as it was held');
    this.#words[word] = references;
    if (references > 0) return;
    if (((this.#words[word + 5] as number) & TRACKED_BIT) === 0) this.#blocks.giveChain(shared);
    else this.#addFinished(shared);
  }

  /** Whether nobody but the caller refers to it. */
  isHeldOnce(shared: number): boolean {
    return this.#words[shared * BLOCK_WORDS] === 1;
  }

  /** Gives up a message that only the caller refers to, and that nobody is told of. */
  discard(shared: number): void {
    const word = shared * BLOCK_WORDS + 5;
    this.#words[word] = (this.#words[word] as number) & ~TRACKED_BIT; // it names a block
    this.release(shared);
  }

  /** The group is to be told when no reference is left. */
  track(shared: number): void {
    this.#words[shared * BLOCK_WORDS + 5] = (this.#words[shared * BLOCK_WORDS + 5] as number) | TRACKED_BIT;
  }

  /** A recipient has not got the message. */
  setRejected(shared: number): void {
    this.#words[shared * BLOCK_WORDS + 5] = (this.#words[shared * BLOCK_WORDS + 5] as number) | REJECTED_BIT;
  }

  hasRejected(shared: number): boolean {
    return ((this.#words[shared * BLOCK_WORDS + 5] as number) & REJECTED_BIT) !== 0;
  }

  /** The oldest message that is finished, or 0. */
  get firstFinished(): number {
    return this.#firstFinished;
  }

  /** The group of the oldest finished message was told. */
  removeFinished(): void {
    const shared = this.#firstFinished;
    this.#firstFinished = this.#words[shared * BLOCK_WORDS] as number;
    if (this.#firstFinished === 0) this.#lastFinished = 0;
    this.#blocks.giveChain(shared);
  }

  author(shared: number): number {
    return this.#words[shared * BLOCK_WORDS + 2] as number;
  }

  id(shared: number): number {
    return this.#words[shared * BLOCK_WORDS + 3] as number;
  }

  group(shared: number): number {
    return this.#words[shared * BLOCK_WORDS + 4] as number;
  }

  version(shared: number): number {
    return this.#words[shared * BLOCK_WORDS + 6] as number;
  }

  isList(shared: number): boolean {
    return ((this.#words[shared * BLOCK_WORDS + 5] as number) & LIST_BIT) !== 0;
  }

  payloadBytes(shared: number): number {
    return (this.#words[shared * BLOCK_WORDS + 5] as number) & LENGTH_MASK;
  }

  copyPayload(shared: number, target: DataView, at: number): void {
    this.#blocks.copyPayload(shared, this.payloadBytes(shared), target, at);
  }

  #addFinished(shared: number): void {
    if (this.#lastFinished === 0) this.#firstFinished = shared;
    else this.#words[this.#lastFinished * BLOCK_WORDS] = shared;
    this.#words[shared * BLOCK_WORDS] = 0;
    this.#lastFinished = shared;
  }
}
