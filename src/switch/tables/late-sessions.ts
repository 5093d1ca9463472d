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
 * Such sessions are few, so they are kept in a bounded table by row. While it is full, hops wait without a time limit.
 */

/** Maximum of late sessions per shard. */
export const LATE_SESSIONS_MAX = 4096;

const LateState = { NO_ROOM: 0, ASKED: 1 } as const;

export class LateSessions {
  /** Generation and state of each session, by row. */
  readonly #sessions = new Map<number, number>();
  #withoutRoom = 0;

  get size(): number {
    return this.#sessions.size;
  }

  /** Number of sessions that wait for room so that their homes can be asked. */
  get withoutRoom(): number {
    return this.#withoutRoom;
  }

  /** Whether exactly this session is late; an earlier session of the same row is removed. */
  has(slot: number, generation: number): boolean {
    const entry = this.#sessions.get(slot);
    if (entry === undefined) return false;
    if (entry >> 1 === generation) return true;
    this.remove(slot);
    return false;
  }

  /** Adds a session that had no room, or marks a late one again. @returns false if the table is full. */
  add(slot: number, generation: number): boolean {
    if (this.#sessions.size >= LATE_SESSIONS_MAX && !this.#sessions.has(slot)) return false;
    this.remove(slot);
    this.#sessions.set(slot, (generation << 1) | LateState.NO_ROOM);
    this.#withoutRoom++;
    return true;
  }

  /** The home of a late session was asked to send again. */
  setAsked(slot: number, generation: number): void {
    this.#sessions.set(slot, (generation << 1) | LateState.ASKED);
    this.#withoutRoom--;
  }

  remove(slot: number): void {
    const entry = this.#sessions.get(slot);
    if (entry === undefined) return;
    if ((entry & 1) === LateState.NO_ROOM) this.#withoutRoom--;
    this.#sessions.delete(slot);
  }

  /** Calls `visit` for sessions that wait for room, at most a given number, until a call returns false. */
  forEachWithoutRoom(limit: number, visit: (slot: number, generation: number) => boolean): void {
    let left = Math.min(limit, this.#withoutRoom);
    for (const [slot, entry] of this.#sessions) {
      if (left === 0) return;
      if ((entry & 1) !== LateState.NO_ROOM) continue;
      left--;
      if (!visit(slot, entry >> 1)) return;
    }
  }

  /** Removes sessions that have ended. */
  keepOnly(isThere: (slot: number, generation: number) => boolean): void {
    for (const [slot, entry] of this.#sessions) if (!isThere(slot, entry >> 1)) this.remove(slot);
  }
}
