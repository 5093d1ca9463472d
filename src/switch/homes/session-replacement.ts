/**
 * Replaces sessions: a login to an account that has a session waits here until that has ended. One login waits per
 * account. A later one takes its place, and the one before it is refused; so is one that has waited for too long.
 */
import { LoginCode } from '../../wire/frames.ts';
import type { AccountTable } from '../tables/account-table.ts';
import { PendingLogins } from '../tables/pending-logins.ts';
import { questionTicks, type ShardSettings } from '../terms/shard-settings.ts';
import type { SessionAnswers } from './session-answers.ts';

/** Looks at all waiting logins in the time that one may wait. */
const LOOKS = 4;

export class SessionReplacement {
  readonly #settings: ShardSettings;
  readonly #accounts: AccountTable;
  readonly #answers: SessionAnswers;
  readonly #pending = new PendingLogins();
  /** Created once: a closure created in a turn would be an allocation per turn. */
  readonly #tell = (row: number): void => this.#tellReplaced(row);
  readonly #refuse = (row: number): void => this.#refusePending(row);
  /** For how long a login waits for the end of the earlier session, and how often that is checked, in ticks. */
  readonly #pendingTicks: number;
  readonly #lookTicks: number;
  #lookAt = 0;

  constructor(settings: ShardSettings, accounts: AccountTable, answers: SessionAnswers) {
    this.#settings = settings;
    this.#accounts = accounts;
    this.#answers = answers;
    // Half the time that the shard of the phone waits for the answer, so that the refusal still finds the question
    // open.
    this.#pendingTicks = questionTicks(settings.tickMicros).login / 2;
    this.#lookTicks = Math.max(1, Math.floor(this.#pendingTicks / LOOKS));
  }

  get bytes(): number {
    return this.#pending.bytes;
  }

  /** Whether a login waits to take the place of the account's session. */
  has(row: number): boolean {
    return this.#pending.has(row);
  }

  /** Address of the session whose login waits. Only for rows that have one, as below. */
  address(row: number): number {
    return this.#pending.address(row);
  }

  generation(row: number): number {
    return this.#pending.generation(row);
  }

  /** Whether an earlier session could not be told to end yet, for lack of room. */
  get hasUntold(): boolean {
    return this.#pending.hasUntold;
  }

  /**
   * Adds a login in tick `askedTick`, and tells the account's session to end. A login that finds no room is refused as
   * busy.
   */
  add(row: number, address: number, generation: number, askedTick: number): void {
    if (this.#pending.has(row)) {
      // A third login takes the place of the second, which has not been answered yet and is refused.
      this.#refusePending(row);
    }
    if (!this.#pending.add(row, address, generation, askedTick)) {
      this.#answers.login(address, generation, LoginCode.BUSY, 0, 0, 0);
      return;
    }
    this.#tellReplaced(row);
  }

  /** The earlier session has ended. */
  remove(row: number): void {
    this.#pending.remove(row);
  }

  /** The shard of some sessions has ended: their logins are forgotten. */
  forget(isLost: (address: number) => boolean): void {
    this.#pending.forget(isLost);
  }

  /** Tells earlier sessions that could not be told before, and refuses logins that have waited for too long. */
  doWork(tick: number): void {
    if (this.#pending.hasUntold) this.#pending.forEachUntold(this.#tell);
    if (this.#pending.size > 0 && tick >= this.#lookAt) {
      this.#lookAt = tick + this.#lookTicks;
      this.#pending.forEachAskedBefore(tick - this.#pendingTicks, this.#refuse);
    }
  }

  #refusePending(row: number): void {
    this.#answers.login(this.#pending.address(row), this.#pending.generation(row), LoginCode.BUSY, 0, 0, 0);
    this.#pending.remove(row);
  }

  #tellReplaced(row: number): void {
    const account = this.#settings.homes.accountAt(this.#settings.shard, row);
    const address = this.#accounts.address(row);
    const generation = this.#accounts.generation(row);
    if (!this.#answers.replace(account, address, generation)) return;
    // Ending a session on this shard may already have completed the login.
    if (this.#pending.has(row)) this.#pending.setTold(row);
  }
}
