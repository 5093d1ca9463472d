/**
 * Handles hops from other shards and from gateways: each is passed to the part that it is for, and numbers that stand
 * for booleans are converted back. A question that comes too late and an answer that nobody awaits any more are dropped
 * here and counted (see OpenQuestions).
 */
import { assert } from '../base/assert.ts';
import type { ByteSpan } from '../base/byte-span.ts';
import { count } from '../base/counters.ts';
import { NO_READER } from '../store/mailbox-entry.ts';
import type { ShardGroups } from './groups/shard-groups.ts';
import type { AccountHome } from './homes/account-home.ts';
import type { HopTarget } from './homes/hop-table.ts';
import type { PhoneSessions } from './phone-sessions.ts';
import type { ShardPresence } from './presence/shard-presence.ts';
import type { SessionDeliveries } from './session-deliveries.ts';
import type { ShardRestarts } from './shard-restarts.ts';
import { LOGIN_QUESTION, type OpenQuestions } from './tables/open-questions.ts';
import type { QuestionTicks } from './terms/shard-settings.ts';
import { SwitchCounter } from './terms/switch-counters.ts';

/** The parts of a shard that hops reach. */
export interface ShardHopsParts {
  readonly home: AccountHome;
  readonly sessions: PhoneSessions;
  readonly deliveries: SessionDeliveries;
  readonly presence: ShardPresence;
  readonly groups: ShardGroups | undefined;
  readonly restarts: ShardRestarts;
  readonly questions: OpenQuestions;
  /** For how long questions wait for their answers. */
  readonly questionTicks: QuestionTicks;
  readonly counters: Float64Array;
  /** Number of inputs whose answers are certain to find room. */
  readonly inputs: () => number;
}

export class ShardHops implements HopTarget {
  readonly #home: AccountHome;
  readonly #sessions: PhoneSessions;
  readonly #deliveries: SessionDeliveries;
  readonly #presence: ShardPresence;
  readonly #groups: ShardGroups | undefined;
  readonly #restarts: ShardRestarts;
  readonly #questions: OpenQuestions;
  readonly #questionTicks: QuestionTicks;
  readonly #counters: Float64Array;
  readonly #inputs: () => number;
  #tick = 0;

  constructor(parts: ShardHopsParts) {
    this.#home = parts.home;
    this.#sessions = parts.sessions;
    this.#deliveries = parts.deliveries;
    this.#presence = parts.presence;
    this.#groups = parts.groups;
    this.#restarts = parts.restarts;
    this.#questions = parts.questions;
    this.#questionTicks = parts.questionTicks;
    this.#counters = parts.counters;
    this.#inputs = parts.inputs;
  }

  setTick(tick: number): void {
    this.#tick = tick;
  }

  login(account: number, address: number, generation: number, askedTick: number): void {
    if (this.#isTooLate(askedTick, this.#questionTicks.login)) return;
    this.#home.login(account, address, generation, askedTick);
  }

  loginAnswer(slot: number, generation: number, code: number, highest: number, seen: number, waiting: number): void {
    if (!this.#isAwaited(slot, generation, LOGIN_QUESTION)) return;
    this.#sessions.loginAnswer(slot, generation, code, highest, seen, waiting);
  }

  route(
    sender: number,
    address: number,
    generation: number,
    id: number,
    recipient: number,
    askedTick: number,
    payload: ByteSpan,
  ): void {
    if (this.#isTooLate(askedTick, this.#questionTicks.message)) return;
    const home = this.#groups?.isGroup(recipient) === true ? this.#groups.home : this.#home;
    home.route(sender, address, generation, id, recipient, payload);
  }

  answer(slot: number, generation: number, id: number, code: number): void {
    if (!this.#isAwaited(slot, generation, id)) return;
    this.#sessions.answer(slot, generation, id, code);
  }

  groupRequest(
    account: number,
    address: number,
    generation: number,
    id: number,
    group: number,
    askedTick: number,
    request: number,
  ): void {
    if (this.#isTooLate(askedTick, this.#questionTicks.message)) return;
    this.#groups?.home.request(account, address, generation, id, group, request);
  }

  groupAnswer(slot: number, generation: number, id: number, version: number, members: number): void {
    if (!this.#isAwaited(slot, generation, id)) return;
    this.#sessions.groupAnswer(slot, generation, id, version, members);
  }

  fanOut(group: number, version: number, author: number, id: number, sequence: number, payload: ByteSpan): boolean {
    return this.#groups?.fanOuts.take(group, version, author, id, sequence, payload) ?? true;
  }

  membership(group: number, account: number, isMember: number, sequence: number): boolean {
    return this.#groups?.fanOuts.takeChange(group, account, isMember !== 0, sequence) ?? true;
  }

  fanOutDone(author: number, id: number, hasRejected: number, shard: number): void {
    this.#groups?.home.done(author, id, hasRejected !== 0, shard);
  }

  itemTaken(group: number, shard: number, sequence: number): void {
    this.#groups?.stored?.home.taken(group, shard, sequence);
  }

  askItem(group: number, author: number, id: number, sequence: number): void {
    this.#groups?.stored?.items.ask(group, author, id, sequence);
  }

  itemAnswer(shard: number, author: number, id: number, state: number): void {
    this.#groups?.stored?.home.answered(shard, author, id, state);
  }

  deliverGroup(slot: number, generationAndFirst: number, sequence: number, others: number, message: ByteSpan): boolean {
    return this.#deliveries.deliverGroup(slot, generationAndFirst, sequence, others, message);
  }

  deliver(
    slot: number,
    generation: number,
    sequence: number,
    sender: number,
    idAndFirst: number,
    payload: ByteSpan,
  ): boolean {
    const isFirst = (idAndFirst & 1) !== 0;
    const id = idAndFirst >>> 1;
    return this.#deliveries.deliver(slot, generation, sequence, sender, id, isFirst, payload);
  }

  delivered(account: number, sequence: number): void {
    this.#home.delivered(account, sequence);
  }

  receipt(slot: number, generation: number, account: number, id: number): boolean {
    return this.#deliveries.receipt(slot, generation, account, id, NO_READER);
  }

  receiptHome(account: number, id: number, address: number, generation: number): void {
    this.#home.receiptHome(account, id, NO_READER, address, generation);
  }

  read(slot: number, generation: number, account: number, id: number, reader: number): boolean {
    return this.#deliveries.receipt(slot, generation, account, id, reader);
  }

  readHome(account: number, id: number, reader: number, address: number, generation: number): void {
    this.#home.read(account, id, reader, address, generation);
  }

  replace(account: number, slot: number, generation: number): void {
    this.#sessions.replace(account, slot, generation);
  }

  closed(account: number, address: number, generation: number, highest: number, seen: number): void {
    this.#home.closed(account, address, generation, highest, seen);
  }

  resume(account: number, address: number, generation: number): void {
    this.#home.resume(account, address, generation);
  }

  started(shard: number, incarnation: number): boolean {
    return this.#restarts.started(shard, incarnation, this.#inputs());
  }

  locate(account: number, address: number, _generation: number, id: number, askedTick: number): void {
    if (this.#isTooLate(askedTick, this.#questionTicks.message)) return;
    this.#home.locate(account, address, id);
  }

  watch(account: number, address: number, generation: number): void {
    this.#presence.accounts.watch(account, address, generation);
  }

  unwatch(account: number, address: number, generation: number): void {
    this.#presence.accounts.unwatch(account, address, generation);
  }

  notice(slot: number, generation: number, account: number, state: number, seenAgoSeconds: number): void {
    this.#presence.watches.notice(slot, generation, account, state, seenAgoSeconds);
  }

  setPresence(account: number, address: number, generation: number, state: number): void {
    this.#presence.accounts.setState(account, address, generation, state);
  }

  typing(recipient: number, sender: number, state: number): void {
    this.#presence.typing(recipient, sender, state);
  }

  typed(slot: number, generation: number, sender: number, state: number): void {
    this.#presence.typed(slot, generation, sender, state);
  }

  located(): void {
    assert(false, 'only gateways ask where sessions are');
  }

  /** Whether a question has come so late that its shard may have given it up before the answer would arrive. */
  #isTooLate(askedTick: number, ticks: number): boolean {
    if (this.#tick - askedTick < ticks / 2) return false;
    count(this.#counters, SwitchCounter.questionsExpired);
    return true;
  }

  /** Whether an answer is to a question that is open. It is not if the question has timed out. */
  #isAwaited(slot: number, generation: number, id: number): boolean {
    if (this.#sessions.table.isCurrent(slot, generation) && this.#questions.answered(slot, id)) return true;
    count(this.#counters, SwitchCounter.answersLate);
    return false;
  }
}
