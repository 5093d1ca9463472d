/**
 * Sessions that did not take a delivery because the ring to their phone stayed full.
 *
 * A hop that waits for such a ring blocks all hops behind it in the inbox, including answers and deliveries to phones
 * that do read. So it waits only for a limited time and is then dropped; its message is still in its mailbox. From then
 * on the session accepts no delivery until the mailbox sends again from its front, because otherwise the phone would
 * confirm a message that it never received. Once there is room, the home is asked to do so.
 *
 *     NO_ROOM ──room, home asked──▶ ASKED ──a delivery from the front──▶ forgotten
 *        ▲────────────────────────────┘ no room for that one either
 *
 * Such sessions are few, so they are kept in bounded tables by row, one for each state: while rings stay full, those
 * without room are looked at in every turn. While the tables are full, hops wait without a time limit.
 */

/** Maximum of late sessions per shard. */
export const LATE_SESSIONS_MAX = 4096;

export class LateSessions {
  /** Generation of each session that waits for room, by row, in the order in which they found none. */
  readonly #noRoom = new Map<number, number>();
  /** Generation of each session whose home was asked to send again. */
  readonly #asked = new Map<number, number>();

  get size(): number {
    return this.#noRoom.size + this.#asked.size;
  }

  /** Number of sessions that wait for room so that their homes can be asked. */
  get withoutRoom(): number {
    return this.#noRoom.size;
  }

  /** Whether exactly this session is late; an earlier session of the same row is removed. */
  has(slot: number, generation: number): boolean {
    const found = this.#noRoom.get(slot) ?? this.#asked.get(slot);
    if (found === undefined) return false;
    if (found === generation) return true;
    this.remove(slot);
    return false;
  }

  /** Adds a session that had no room, or marks a late one again. @returns false if the table is full. */
  add(slot: number, generation: number): boolean {
    this.remove(slot);
    if (this.size >= LATE_SESSIONS_MAX) return false;
    this.#noRoom.set(slot, generation);
    return true;
  }

  /** The home of a late session was asked to send again. */
  setAsked(slot: number, generation: number): void {
    this.#noRoom.delete(slot);
    this.#asked.set(slot, generation);
  }

  remove(slot: number): void {
    if (!this.#noRoom.delete(slot)) this.#asked.delete(slot);
  }

  /** Calls `visit` for sessions that wait for room, at most a given number, until a call returns false. */
  forEachWithoutRoom(limit: number, visit: (slot: number, generation: number) => boolean): void {
    let left = limit;
    for (const [slot, generation] of this.#noRoom) if (left-- === 0 || !visit(slot, generation)) return;
  }

  /** Removes sessions that have ended. */
  keepOnly(isThere: (slot: number, generation: number) => boolean): void {
    for (const late of [this.#noRoom, this.#asked])
      for (const [slot, generation] of late) if (!isThere(slot, generation)) late.delete(slot);
  }
}
