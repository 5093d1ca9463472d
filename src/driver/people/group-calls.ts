/**
 * Messages to groups and lists whose members a push service has still to call: a FIFO queue in a ring of words, with a
 * cursor in the first members of the oldest. So a large group is called over several turns, and no turn takes long
 * because of it.
 *
 *     word 0   group    word 1   author
 *
 * The queue is bounded: a message that finds it full calls nobody, and members find it when their absence is over.
 */
import type { LedgerEntry } from '../../base/ledger-entry.ts';
import type { GroupPlan } from '../../wire/group-plan.ts';

/** Maximum of messages in the queue, a power of two: 32 KiB. */
const MESSAGES_MAX = 2 ** 12;
const WORDS = 2;
/** In place of a phone: nobody is left to call. */
export const NO_MEMBER = -1;

export class GroupCalls {
  readonly #plan: GroupPlan;
  readonly #words = new Int32Array(MESSAGES_MAX * WORDS);
  #head = 0;
  #length = 0;
  /** How many members of the oldest were passed. */
  #passed = 0;

  constructor(plan: GroupPlan) {
    this.#plan = plan;
  }

  ledger(): LedgerEntry {
    const bytes = this.#words.byteLength;
    return { owner: 'driver', name: 'members to call', bytes, rowBytes: 0, rowsUsed: 0 };
  }

  /** Whether members may be left to call. */
  get waits(): boolean {
    return this.#length > 0;
  }

  /** The switch has accepted a message of an author. @returns false if the queue is full. */
  push(group: number, author: number): boolean {
    if (this.#length === MESSAGES_MAX) return false;
    const word = ((this.#head + this.#length) & (MESSAGES_MAX - 1)) * WORDS;
    this.#words[word] = group;
    this.#words[word + 1] = author;
    this.#length++;
    return true;
  }

  /** The next phone to call, once for each message; {@link NO_MEMBER} if there is none. */
  take(): number {
    while (this.#length > 0) {
      const word = this.#head * WORDS;
      const group = this.#words[word] as number; // inside the ring
      if (this.#passed === this.#plan.sizeOf(group)) {
        this.#shift();
        continue;
      }
      const member = this.#plan.memberAt(group, this.#passed++);
      if (member !== this.#words[word + 1]) return member;
    }
    return NO_MEMBER;
  }

  #shift(): void {
    this.#head = (this.#head + 1) & (MESSAGES_MAX - 1);
    this.#length--;
    this.#passed = 0;
  }
}
