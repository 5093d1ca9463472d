/**
 * The members of all groups that have their home on this shard, as rows of its accounts. Each membership of the switch
 * is stored in one such list, beside the mailbox that a message goes to.
 *
 * A list is a chain of chunks of 64 bytes, and two words for each group: its first chunk, and its length. Only the
 * first chunk is not full, so a membership takes little more than four bytes.
 *
 *     word 0   next chunk, or 0      word 1…15   rows
 *
 * The order of a list has no meaning, and changes when a member leaves.
 */
import { assert } from '../../base/assert.ts';
import { PLAIN_MEMORY, type TableMemory } from '../../base/table-memory.ts';
import type { GroupPlan } from '../../wire/group-plan.ts';
import type { Placement } from '../../wire/placement.ts';

const CHUNK_WORDS = 16;
const CHUNK_ROWS = CHUNK_WORDS - 1;

export class MemberLists {
  /** Memberships in all lists. */
  memberships = 0;
  readonly #plan: GroupPlan;
  readonly #homes: Placement;
  readonly #shard: number;
  readonly #chunks: Int32Array;
  /** By group: first chunk, 0 if it has no member here; and the number of members here. */
  readonly #firsts: Int32Array;
  readonly #lengths: Int32Array;
  /** Chunk 0 stands for none. */
  #fresh = 1;
  #free = 0;

  /** @param joinsMax the most members at the same time who are no first members of their groups. */
  constructor(plan: GroupPlan, homes: Placement, shard: number, joinsMax: number, memory: TableMemory = PLAIN_MEMORY) {
    this.#plan = plan;
    this.#homes = homes;
    this.#shard = shard;
    this.#firsts = memory.words(plan.count);
    this.#lengths = memory.words(plan.count);
    let chunks = 1 + joinsMax;
    for (let group = 0; group < plan.count; group++) chunks += Math.ceil(this.#countOf(group) / CHUNK_ROWS);
    this.#chunks = memory.words(chunks * CHUNK_WORDS);
    for (let group = 0; group < plan.count; group++) this.#fill(group);
  }

  get bytes(): number {
    return this.#chunks.byteLength + this.#firsts.byteLength + this.#lengths.byteLength;
  }

  /** The first chunk of a group's list, or 0. */
  first(group: number): number {
    return this.#firsts[group] as number; // a group of the plan, here and below
  }

  /** Number of members in the first chunk. */
  firstRows(group: number): number {
    const length = this.#lengths[group] as number;
    return length === 0 ? 0 : ((length - 1) % CHUNK_ROWS) + 1;
  }

  /** Number of members in each other chunk. */
  get chunkRows(): number {
    return CHUNK_ROWS;
  }

  next(chunk: number): number {
    return this.#chunks[chunk * CHUNK_WORDS] as number; // chunks name chunks
  }

  /** The account row of member `n` of a chunk, from 0. */
  row(chunk: number, n: number): number {
    return this.#chunks[chunk * CHUNK_WORDS + 1 + n] as number; // a chunk has so many
  }

  /** Number of members of a group on this shard. */
  count(group: number): number {
    return this.#lengths[group] as number;
  }

  /** Adds a member; nothing happens if it is there. */
  add(group: number, row: number): void {
    if (this.#find(group, row) < 0) this.#push(group, row);
  }

  /** Removes a member; nothing happens if it is not there. */
  remove(group: number, row: number): void {
    const found = this.#find(group, row);
    if (found < 0) return;
    const first = this.first(group);
    const last = first * CHUNK_WORDS + this.firstRows(group);
    this.#chunks[found] = this.#chunks[last] as number; // the first chunk has a last row
    if (this.firstRows(group) === 1) {
      this.#firsts[group] = this.next(first);
      this.#chunks[first * CHUNK_WORDS] = this.#free;
      this.#free = first;
    }
    this.#lengths[group] = this.count(group) - 1;
    this.memberships--;
  }

  /** Whether an account is on the list of a group. */
  has(group: number, row: number): boolean {
    return this.#find(group, row) >= 0;
  }

  /** Makes the members of a group its first ones again. @returns how many members the group has by the plan. */
  reset(group: number): number {
    while (this.count(group) > 0) this.remove(group, this.row(this.first(group), 0));
    this.#fill(group);
    return this.#plan.sizeOf(group);
  }

  #fill(group: number): void {
    for (let k = 0; k < this.#plan.sizeOf(group); k++) {
      const member = this.#plan.memberAt(group, k);
      if (this.#homes.shardOf(member) === this.#shard) this.#push(group, this.#homes.rowOf(member));
    }
  }

  #countOf(group: number): number {
    let count = 0;
    for (let k = 0; k < this.#plan.sizeOf(group); k++) {
      if (this.#homes.shardOf(this.#plan.memberAt(group, k)) === this.#shard) count++;
    }
    return count;
  }

  #push(group: number, row: number): void {
    const rows = this.firstRows(group);
    if (rows === 0 || rows === CHUNK_ROWS) {
      const chunk = this.#take();
      this.#chunks[chunk * CHUNK_WORDS] = this.first(group);
      this.#firsts[group] = chunk;
    }
    this.#lengths[group] = this.count(group) + 1;
    this.#chunks[this.first(group) * CHUNK_WORDS + this.firstRows(group)] = row;
    this.memberships++;
  }

  /** The word of a member, or -1. */
  #find(group: number, row: number): number {
    let rows = this.firstRows(group);
    for (let chunk = this.first(group); chunk !== 0; chunk = this.next(chunk)) {
      const from = chunk * CHUNK_WORDS + 1;
      for (let word = from; word < from + rows; word++) if (this.#chunks[word] === row) return word;
      rows = CHUNK_ROWS;
    }
    return -1;
  }

  #take(): number {
    if (this.#free !== 0) {
      const chunk = this.#free;
      this.#free = this.next(chunk);
      return chunk;
    }
    assert(
      this.#fresh * CHUNK_WORDS < this.#chunks.length,
      'homes limit how many join, and each needs at most one chunk',
    );
    return this.#fresh++;
  }
}
