/**
 * A shard of the switch: a reactor that does not own a thread. `doWork` does the work that is due and returns how much
 * it did; the caller decides whether to sleep after zero. Time, memory, transport and log are passed in, so the same
 * shard runs in a worker thread and in a simulation.
 *
 *     inbox of hops ─┐                        ┌─▶ phones
 *                    ├─▶ sessions ◀──▶ home ──┤
 *     phones ────────┘                        └─▶ inboxes of other shards
 */

import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { count } from '../base/counters.ts';
import type { LedgerEntry } from '../base/ledger-entry.ts';
import type { ManyToOneConsumer } from '../ring/many-to-one-ring.ts';
import { RING_NONE } from '../ring/ring-layout.ts';
import type { MailboxIndex } from '../store/mailbox-index.ts';
import { MailboxStore } from '../store/mailbox-store.ts';
import { PREFETCHED_MAX, type Transport } from '../wire/transport.ts';
import { inputsWithWork } from './admission/message-work.ts';
import { Shed, Shedding } from './admission/shedding.ts';
import { GroupInput } from './group-input.ts';
import { ShardGroups } from './groups/shard-groups.ts';
import { AccountHome } from './homes/account-home.ts';
import { HomeRoutes } from './homes/home-routes.ts';
import { HopReader } from './homes/hop-reader.ts';
import { Hops } from './homes/hops.ts';
import { inboxReserveBytes } from './homes/inbox-sizes.ts';
import { PhoneFrames } from './phone-frames.ts';
import { INPUT_ANSWER_BYTES_MAX, PhoneOutput } from './phone-output.ts';
import { PhoneSessions } from './phone-sessions.ts';
import { ShardPresence } from './presence/shard-presence.ts';
import { SessionDeliveries } from './session-deliveries.ts';
import { ShardHops } from './shard-hops.ts';
import type { ShardParts } from './shard-parts.ts';
import { ShardRestarts } from './shard-restarts.ts';
import { OpenQuestions, QUESTION_NONE } from './tables/open-questions.ts';
import { RowPrefetch } from './tables/row-prefetch.ts';
import { questionTicks, type ShardSettings } from './terms/shard-settings.ts';
import { SwitchCounter } from './terms/switch-counters.ts';

/** Delay between two attempts that wait for room: much shorter than an idle sleep, much longer than a turn. */
const WAIT_MICROS = 2000;

export class Shard {
  readonly counters: Float64Array;
  /** Presence and typing, which may be shed. */
  readonly presence: ShardPresence;
  readonly #inbox: ManyToOneConsumer;
  readonly #transport: Transport;
  readonly #hops: Hops;
  /** What hops of other shards do. */
  readonly #target: ShardHops;
  readonly #reader: HopReader;
  readonly #sessions: PhoneSessions;
  readonly #deliveries: SessionDeliveries;
  readonly #frames: PhoneFrames;
  readonly #home: AccountHome;
  readonly #groups: ShardGroups | undefined;
  readonly #mailboxes: MailboxIndex;
  readonly #questions: OpenQuestions;
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
  readonly #rows: RowPrefetch;
  readonly #clock: Clock | undefined;
  readonly #nowMicros = new Float64Array(1);

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
    const reserve = inboxReserveBytes(settings.questionsMax);
    this.#hops = new Hops(parts.memory, parts.inboxes, reserve, parts.incarnations, counters, parts.wakeShard);
    const ticks = questionTicks(settings.tickMicros);
    this.#questions = new OpenQuestions(settings.questionsMax, ticks);
    const output = new PhoneOutput(transport, settings.plan, counters, settings.inputsPerTurn);
    const homes = new HomeRoutes(settings, this.#hops, counters);
    this.#sessions = new PhoneSessions(settings, transport, output, homes, counters, parts.tables);
    this.#deliveries = new SessionDeliveries(this.#sessions.table, output, homes, mailboxes, counters);
    const store = new MailboxStore(mailboxes, log, settings.durability, parts.tables);
    this.#home = new AccountHome(settings, store, this.#hops, counters, this.#sessions, this.#deliveries, parts.tables);
    homes.connect(this.#home);
    this.presence = this.#makePresence(settings, parts);
    this.#home.connect(this.presence.accounts);
    this.#sessions.connect(this.presence.watches);
    this.#incarnation = parts.incarnations[settings.shard] ?? 0;
    this.#rows = this.#makePrefetch(settings, parts);
    if (this.#rows.readsAhead) this.#home.pump.connect(this.#rows);
    this.#groups = this.#makeGroups(settings, parts, store);
    this.#home.restore(this.#groups?.stored?.restore, parts.usedIds);
    const common = { sessions: this.#sessions, homes, hops: this.#hops, questions: this.#questions, counters };
    const groups = this.#groups && new GroupInput(settings, { ...common, groups: this.#groups });
    this.#frames = new PhoneFrames(settings, {
      ...common,
      output,
      rows: this.#rows,
      authenticate: parts.authenticate,
      presence: this.presence,
      shedding: this.#shedding,
      work: parts.work,
      admission: parts.admission,
      groups,
    });
    const reached = {
      home: this.#home,
      sessions: this.#sessions,
      presence: this.presence,
      groups: this.#groups,
      questions: this.#questions,
    };
    this.#restarts = new ShardRestarts({ ...reached, hops: this.#hops });
    this.#target = new ShardHops({
      ...reached,
      deliveries: this.#deliveries,
      restarts: this.#restarts,
      questionTicks: ticks,
      counters,
      inputs: () => this.#inputs(),
    });
    this.#reader = new HopReader(parts.memory, this.#target);
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
    this.#target.setTick(tick);
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
    this.counters[SwitchCounter.readReceiptsQueued] = this.#mailboxes.readReceipts;
    this.counters[SwitchCounter.presenceWaiting] = this.presence.waitingMax;
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

  /**
   * Digest of messages to groups, once per member of this shard who could not be given one (see base/message-digest).
   */
  get rejectedInGroups(): { readonly low: number; readonly high: number } {
    const { rejectedLow: low = 0, rejectedHigh: high = 0 } = this.#groups?.fanOuts ?? {};
    return { low, high };
  }

  #makePresence(settings: ShardSettings, { transport, counters, tables }: ShardParts): ShardPresence {
    return new ShardPresence(settings, {
      accounts: this.#home.accounts,
      sessions: this.#sessions.table,
      transport,
      hops: this.#hops,
      counters,
      reserveBytes: INPUT_ANSWER_BYTES_MAX * settings.inputsPerTurn,
      tables,
    });
  }

  #makePrefetch(settings: ShardSettings, { transport, mailboxes }: ShardParts): RowPrefetch {
    return new RowPrefetch(settings, {
      sessions: this.#sessions.table,
      accounts: this.#home.accounts,
      mailboxes,
      inputs: transport.output,
      presence: this.presence.rows,
    });
  }

  #makeGroups(
    settings: ShardSettings,
    { mailboxes, counters, tables }: ShardParts,
    store: MailboxStore,
  ): ShardGroups | undefined {
    if (settings.groups === undefined) return undefined;
    return new ShardGroups(settings, settings.groups, {
      accounts: this.#home,
      store,
      mailboxes,
      hops: this.#hops,
      counters,
      sessions: this.#sessions,
      rows: this.#rows,
      incarnation: this.#incarnation,
      tables,
    });
  }

  /** Number of inputs whose answers are certain to find room. */
  #inputs(): number {
    return Math.min(this.#inputsPerTurn, Math.floor(this.#transport.roomBytes() / INPUT_ANSWER_BYTES_MAX));
  }

  #takeFromPhones(inputs: number): number {
    if (!this.#shedding.isOn) return this.#transport.poll(this.#frames, Math.min(inputs, this.#inputsFromPhones));
    this.#clock?.tell(this.#nowMicros);
    this.#shedding.begin(this.#nowMicros);
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
    const readsAhead = this.#rows.readsAhead;
    let known = 0;
    for (; done < limit; done++) {
      if (readsAhead && known-- === 0) known = this.#prefetchHops();
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

  /** Reads rows that the next hops need. @returns how many hops there are. */
  #prefetchHops(): number {
    let known = 0;
    for (; known < PREFETCHED_MAX; known++) {
      const at = this.#inbox.lookAhead();
      if (at === RING_NONE) break;
      this.#reader.prefetch(at, this.#rows);
    }
    return known;
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

  /**
   * Tells the others that this shard has started again, before it does anything else.
   * @returns whether all are told.
   */
  #announce(): boolean {
    for (; this.#announcedTo < this.#peers; this.#announcedTo++) {
      if (this.#announcedTo === this.#shard) continue;
      if (!this.#hops.write.started(this.#announcedTo, this.#shard, this.#incarnation)) break;
    }
    this.#hops.flush();
    return this.#announcedTo === this.#peers;
  }
}
