/**
 * A shard of the switch: a reactor that does not own a thread. `doWork` does the work that is due and
 * returns how much it did; the caller decides whether to sleep after zero. Time, memory, transport and
 * log are passed in, so the same shard runs in a worker thread and in a simulation.
 *
 *     inbox of hops ─┐                        ┌─▶ phones
 *                    ├─▶ sessions ◀──▶ home ──┤
 *     phones ────────┘                        └─▶ inboxes of other shards
 */

import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { count } from '../base/counters.ts';
import type { LedgerEntry } from '../base/ledger.ts';
import type { TableMemory } from '../base/table-memory.ts';
import type { ManyToOneConsumer, ManyToOneProducer } from '../ring/many-to-one-ring.ts';
import { RING_NONE, type RingMemory } from '../ring/ring-layout.ts';
import type { MailboxIndex } from '../store/mailbox-index.ts';
import type { MailboxLog } from '../store/mailbox-log.ts';
import { MailboxStore } from '../store/mailbox-store.ts';
import type { Transport } from '../wire/transport.ts';
import { inputsWithWork, type MessageWork } from './admission/message-work.ts';
import { Shed, Shedding } from './admission/shedding.ts';
import { GroupInput } from './group-input.ts';
import { ShardGroups } from './groups/shard-groups.ts';
import { AccountHome } from './homes/account-home.ts';
import { HomeRoutes } from './homes/home-routes.ts';
import { HopReader, Hops, type HopTarget, inboxReserveBytes } from './homes/hops.ts';
import { PhoneFrames } from './phone-frames.ts';
import { ANSWER_ROOM_BYTES, PhoneOutput } from './phone-output.ts';
import { PhoneSessions } from './phone-sessions.ts';
import { ShardPresence } from './presence/shard-presence.ts';
import { SessionDeliveries } from './session-deliveries.ts';
import { ShardRestarts } from './shard-restarts.ts';
import { type Authenticator, type QuestionTicks, questionTicks, type ShardSettings } from './shard-settings.ts';
import { SwitchCounter } from './switch-counters.ts';
import type { LoginAdmission } from './tables/login-admission.ts';
import { LOGIN_QUESTION, OpenQuestions, QUESTION_NONE } from './tables/open-questions.ts';

/** Delay between two attempts that wait for room: much shorter than an idle sleep, much longer than a turn. */
const WAIT_MICROS = 2000;

export interface ShardParts {
  readonly transport: Transport;
  /** Empty: it is filled from the log. */
  readonly mailboxes: MailboxIndex;
  /** What outlasts the shard: pass the log of a shard that has ended to the one that takes its place. */
  readonly log: MailboxLog;
  readonly authenticate: Authenticator;
  /** Paces logins; all are admitted without it. */
  readonly admission?: LoginAdmission | undefined;
  /** Memory of all inboxes. */
  readonly memory: RingMemory;
  /** Producers for the inboxes of all shards, including this one, and of all gateways after them. */
  readonly inboxes: readonly ManyToOneProducer[];
  readonly inbox: ManyToOneConsumer;
  /** How often each shard, this one included, had been started before. A shard that starts again tells the others. */
  readonly incarnations: ArrayLike<number>;
  /** This shard's row of counters. */
  readonly counters: Float64Array;
  /** Wakes a shard or a gateway. */
  readonly wakeShard: (shard: number) => void;
  /** Memory of the tables of sessions and accounts; plain memory if it is not given. */
  readonly tables?: TableMemory;
  /** Needed where the settings bound how long input waits. */
  readonly clock?: Clock;
  /** Work for each message besides the shard's own; none if it is not given. */
  readonly work?: MessageWork;
}

export class Shard implements HopTarget {
  readonly counters: Float64Array;
  /** Presence and typing, which may be shed. */
  readonly presence: ShardPresence;
  readonly #inbox: ManyToOneConsumer;
  readonly #transport: Transport;
  readonly #hops: Hops;
  readonly #reader: HopReader;
  readonly #sessions: PhoneSessions;
  readonly #deliveries: SessionDeliveries;
  readonly #frames: PhoneFrames;
  readonly #home: AccountHome;
  readonly #groups: ShardGroups | undefined;
  readonly #mailboxes: MailboxIndex;
  readonly #questions: OpenQuestions;
  readonly #questionTicks: QuestionTicks;
  #tick = 0;
  readonly #restarts: ShardRestarts;
  readonly #shard: number;
  readonly #peers: number;
  readonly #incarnation: number;
  /** Peers before this one know that this shard has started again; all of them, unless it just has. */
  #announcedTo: number;
  readonly #tickMicros: number;
  readonly #inputsPerTurn: number;
  /** As many, or fewer if each message is much work. */
  readonly #inputsFromPhones: number;
  readonly #shedding: Shedding;
  readonly #clock: Clock | undefined;
  readonly #now = new Float64Array(1);

  constructor(settings: ShardSettings, parts: ShardParts) {
    const { transport, mailboxes, log, counters } = parts;
    this.counters = counters;
    this.#inbox = parts.inbox;
    this.#transport = transport;
    this.#mailboxes = mailboxes;
    this.#tickMicros = settings.tickMicros;
    this.#inputsPerTurn = settings.inputsPerTurn;
    this.#inputsFromPhones = inputsWithWork(settings.inputsPerTurn, parts.work);
    this.#shedding = new Shedding(settings.admissionDelayMicros ?? Number.POSITIVE_INFINITY, transport, counters);
    assert(!this.#shedding.isOn || parts.clock !== undefined, 'a shard that bounds a wait has a clock');
    this.#clock = parts.clock;
    this.#reader = new HopReader(parts.memory, this);
    const reserve = inboxReserveBytes(settings.questionsMax);
    this.#hops = new Hops(parts.memory, parts.inboxes, reserve, parts.incarnations, counters, parts.wakeShard);
    this.#questionTicks = questionTicks(settings.tickMicros);
    this.#questions = new OpenQuestions(settings.questionsMax, this.#questionTicks);
    const output = new PhoneOutput(transport, settings.plan, counters, settings.inputsPerTurn);
    const homes = new HomeRoutes(settings, this.#hops, counters);
    this.#sessions = new PhoneSessions(settings, transport, output, homes, counters, parts.tables);
    this.#deliveries = new SessionDeliveries(this.#sessions.table, output, homes, mailboxes, counters);
    const store = new MailboxStore(mailboxes, log, settings.durability);
    this.#home = new AccountHome(settings, store, this.#hops, counters, this.#sessions, this.#deliveries, parts.tables);
    homes.connect(this.#home);
    const reserveBytes = ANSWER_ROOM_BYTES * settings.inputsPerTurn;
    this.presence = new ShardPresence(
      settings,
      this.#home.accounts,
      this.#sessions.table,
      transport,
      this.#hops,
      counters,
      reserveBytes,
      parts.tables,
    );
    this.#home.connect(this.presence.accounts);
    this.#sessions.connect(this.presence.watches);
    this.#incarnation = parts.incarnations[settings.shard] ?? 0;
    this.#groups = this.#makeGroups(settings, parts);
    const groups =
      this.#groups &&
      new GroupInput(settings, this.#groups, this.#sessions, homes, this.#hops, this.#questions, counters);
    this.#frames = new PhoneFrames(
      settings,
      this.#sessions,
      output,
      homes,
      this.#hops,
      this.#questions,
      parts.authenticate,
      counters,
      this.presence,
      this.#shedding,
      parts.work,
      parts.admission,
      groups,
    );
    this.#restarts = new ShardRestarts(
      this.#hops,
      this.#questions,
      this.#home,
      this.#sessions,
      this.presence,
      this.#groups,
    );
    this.#shard = settings.shard;
    this.#peers = settings.peers;
    this.#announcedTo = this.#incarnation === 0 ? this.#peers : 0;
    counters[SwitchCounter.sessions] = 0; // an earlier incarnation has lost its sessions
  }

  /** Does the work that is due at this time. @returns how much it did, 0 for nothing. */
  doWork(nowMicros: number): number {
    return this.doWorkAt(Math.floor(nowMicros / this.#tickMicros));
  }

  /** The same for a time in ticks, for calls in a loop: a small integer, where a double would be allocated per call. */
  doWorkAt(tick: number): number {
    if (this.#announcedTo < this.#peers && !this.#announce()) return 1; // not idle: there may be room soon
    this.#tick = tick;
    this.#frames.setTick(tick);
    this.presence.accounts.setTick(tick);
    let done = this.#sessions.doWork(tick, this.#inputs());
    done += this.#home.doWork(tick) + this.#deliveries.retry(); // earlier work before new input
    if (this.#groups !== undefined) done += this.#groups.doWork();
    done += this.#drainInbox(this.#inputs());
    if (this.#questions.isLookDue(tick)) done += this.#giveUpOverdue();
    const inputs = this.#home.pump.isBehind ? 0 : this.#inputs();
    if (inputs > 0) done += this.#takeFromPhones(inputs);
    if (this.presence.waits && !this.#restarts.isActive) done += this.presence.doWork();
    this.#home.submit();
    if (this.#home.hasCompletions) done += this.#home.collectCompletions(this.#inputs());
    this.counters[SwitchCounter.messagesQueued] = this.#mailboxes.entries;
    this.#hops.flush();
    this.#transport.flush();
    return done;
  }

  /** Ends all connections from now on, with ERROR 39; see PhoneSessions. */
  beginStopping(): void {
    this.#sessions.beginStopping();
  }

  /**
   * Whole microseconds until there is work without new input, at most `microsMax`. Something that waits for room
   * in a ring is tried again after a delay, since no event reports that there is room.
   */
  untilDueMicros(microsMax: number): number {
    const isWaiting =
      this.#sessions.waits ||
      this.#home.waits ||
      this.#deliveries.waits ||
      this.presence.waits ||
      this.#groups?.waits === true;
    return isWaiting ? Math.min(WAIT_MICROS, microsMax) : microsMax;
  }

  /** Whether doWork would find input; asked before a thread goes to sleep. */
  hasInput(): boolean {
    return this.#inbox.hasNext() || this.#transport.hasInput() || this.#home.hasCompletions;
  }

  ledger(): LedgerEntry[] {
    const bytes = this.#home.bytes + this.#frames.bytesHeld;
    return [
      ...this.#sessions.ledger(),
      ...this.#home.accounts.ledger(),
      ...this.#questions.ledger(),
      ...this.presence.ledger(),
      { owner: 'switch', name: 'queues and partial frames', bytes, rowBytes: 0, rowsUsed: 0 },
      ...(this.#groups?.ledger() ?? []),
    ];
  }

  /** Digest of messages to groups, once per member of this shard who could not be given one (see base/digest). */
  get rejectedInGroups(): { readonly low: number; readonly high: number } {
    const { rejectedLow: low = 0, rejectedHigh: high = 0 } = this.#groups?.fanOuts ?? {};
    return { low, high };
  }

  #makeGroups(settings: ShardSettings, { mailboxes, counters, tables }: ShardParts): ShardGroups | undefined {
    if (settings.groups === undefined) return undefined;
    return new ShardGroups(settings, settings.groups, {
      accounts: this.#home,
      mailboxes,
      hops: this.#hops,
      counters,
      sessions: this.#sessions,
      deliveries: this.#deliveries,
      incarnation: this.#incarnation,
      tables,
    });
  }

  /** Number of inputs whose answers are certain to find room. */
  #inputs(): number {
    return Math.min(this.#inputsPerTurn, Math.floor(this.#transport.roomBytes() / ANSWER_ROOM_BYTES));
  }

  #takeFromPhones(inputs: number): number {
    if (!this.#shedding.isOn) return this.#transport.poll(this.#frames, Math.min(inputs, this.#inputsFromPhones));
    this.#clock?.tell(this.#now);
    this.#shedding.begin(this.#now);
    this.presence.shedPresence = this.#shedding.isShed(Shed.PRESENCE);
    this.presence.shedTyping = this.#shedding.isShed(Shed.TYPING);
    // What is refused is no work.
    const limit = this.#shedding.isShed(Shed.MESSAGES) ? inputs : Math.min(inputs, this.#inputsFromPhones);
    const done = this.#transport.poll(this.#frames, limit);
    this.#shedding.end();
    return done;
  }

  #drainInbox(limit: number): number {
    let done = 0;
    for (; done < limit; done++) {
      const at = this.#inbox.next();
      if (at === RING_NONE) break;
      if (!this.#hops.isFor(this.#shard, at)) {
        this.#inbox.take();
        count(this.counters, SwitchCounter.hopsStale);
        continue;
      }
      if (!this.#reader.read(at, this.#inbox.length)) break;
      this.#inbox.take();
      count(this.counters, SwitchCounter.hopsIn);
    }
    this.#inbox.release();
    return done;
  }

  /** Ends questions that another shard has not answered in time. @returns how many. */
  #giveUpOverdue(): number {
    const questions = this.#questions;
    const limit = this.#inputs();
    let done = 0;
    for (let place = 0; done < limit; done++) {
      place = questions.firstOverdue(this.#tick, place);
      if (place === QUESTION_NONE) {
        questions.looked();
        break;
      }
      const slot = questions.slot(place);
      const id = questions.id(place);
      questions.remove(place); // another one may now be in its place
      count(this.counters, SwitchCounter.questionsTimedOut);
      this.#sessions.giveUpQuestion(slot, id);
    }
    return done;
  }

  /** Whether a question has come so late that its shard may have given it up before the answer would arrive. */
  #isTooLate(asked: number, ticks: number): boolean {
    if (this.#tick - asked < ticks / 2) return false;
    count(this.counters, SwitchCounter.questionsExpired);
    return true;
  }

  /** Whether an answer is to a question that is open. It is not if the question has timed out. */
  #isAwaited(slot: number, generation: number, id: number): boolean {
    if (this.#sessions.table.isCurrent(slot, generation) && this.#questions.answered(slot, id)) return true;
    count(this.counters, SwitchCounter.answersLate);
    return false;
  }

  /** Tells the others that this shard has started again, before it does anything else. @returns whether all are told. */
  #announce(): boolean {
    for (; this.#announcedTo < this.#peers; this.#announcedTo++) {
      if (this.#announcedTo === this.#shard) continue;
      if (!this.#hops.write.started(this.#announcedTo, this.#shard, this.#incarnation)) break;
    }
    this.#hops.flush();
    return this.#announcedTo === this.#peers;
  }

  login(account: number, address: number, generation: number, asked: number): void {
    if (this.#isTooLate(asked, this.#questionTicks.login)) return;
    this.#home.login(account, address, generation, asked);
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
    asked: number,
    payload: DataView,
    payloadAt: number,
    payloadBytes: number,
  ): void {
    if (this.#isTooLate(asked, this.#questionTicks.message)) return;
    const home = this.#groups?.isGroup(recipient) === true ? this.#groups.home : this.#home;
    home.route(sender, address, generation, id, recipient, payload, payloadAt, payloadBytes);
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
    asked: number,
    request: number,
  ): void {
    if (this.#isTooLate(asked, this.#questionTicks.message)) return;
    this.#groups?.home.request(account, address, generation, id, group, request);
  }

  groupAnswer(slot: number, generation: number, id: number, version: number, members: number): void {
    if (!this.#isAwaited(slot, generation, id)) return;
    this.#sessions.groupAnswer(slot, generation, id, version, members);
  }

  fanOut(
    group: number,
    version: number,
    author: number,
    id: number,
    payload: DataView,
    payloadAt: number,
    payloadBytes: number,
  ): boolean {
    return this.#groups?.fanOuts.take(group, version, author, id, payload, payloadAt, payloadBytes) ?? true;
  }

  membership(group: number, account: number, isMember: number): boolean {
    return this.#groups?.fanOuts.takeChange(group, account, isMember !== 0) ?? true;
  }

  fanOutDone(author: number, id: number, hasRejected: number): void {
    this.#groups?.home.done(author, id, hasRejected !== 0);
  }

  deliverGroup(
    slot: number,
    generation: number,
    sequence: number,
    isFirst: number,
    group: number,
    author: number,
    version: number,
    id: number,
    payload: DataView,
    payloadAt: number,
    payloadBytes: number,
  ): boolean {
    const first = isFirst !== 0;
    const deliveries = this.#deliveries;
    return deliveries.deliverGroup(
      slot,
      generation,
      sequence,
      first,
      group,
      author,
      version,
      id,
      payload,
      payloadAt,
      payloadBytes,
    );
  }

  deliver(
    slot: number,
    generation: number,
    sequence: number,
    sender: number,
    isFirst: number,
    payload: DataView,
    payloadAt: number,
    payloadBytes: number,
  ): boolean {
    const first = isFirst !== 0;
    return this.#deliveries.deliver(slot, generation, sequence, sender, first, payload, payloadAt, payloadBytes);
  }

  delivered(account: number, sequence: number): void {
    this.#home.delivered(account, sequence);
  }

  receipt(slot: number, generation: number, account: number, id: number): boolean {
    return this.#deliveries.receipt(slot, generation, account, id);
  }

  receiptHome(account: number, id: number, address: number, generation: number): void {
    this.#home.receiptHome(account, id, address, generation);
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

  locate(account: number, address: number, generation: number, id: number, asked: number): void {
    if (this.#isTooLate(asked, this.#questionTicks.message)) return;
    this.#home.locate(account, address, generation, id);
  }

  watch(account: number, address: number, generation: number): void {
    this.presence.accounts.watch(account, address, generation);
  }

  unwatch(account: number, address: number, generation: number): void {
    this.presence.accounts.unwatch(account, address, generation);
  }

  notice(slot: number, generation: number, account: number, state: number, lastSeen: number): void {
    this.presence.watches.notice(slot, generation, account, state, lastSeen);
  }

  setPresence(account: number, address: number, generation: number, state: number): void {
    this.presence.accounts.setState(account, address, generation, state);
  }

  typing(recipient: number, sender: number, state: number): void {
    this.presence.typing(recipient, sender, state);
  }

  typed(slot: number, generation: number, sender: number, state: number): void {
    this.presence.typed(slot, generation, sender, state);
  }

  located(): void {
    assert(false, 'only gateways ask where sessions are');
  }
}
