/**
 * Handles the events of a lane's transport and what its protocol reports.
 *
 * Received bytes go to the protocol, which reports their meaning through {@link PhoneListener}. Each report is counted
 * here and passed to the part of the lane that is responsible: PhoneLogins for connections, PhoneMessages for what
 * phones send, PhoneDeliveries for what they receive.
 */
import { count } from '../base/counters.ts';
import { type GroupDelivery, InputKind, NO_VERSION, type PhoneListener } from '../wire/phone-protocol.ts';
import { CloseReason, type ConnectionEvents, PREFETCHED_MAX } from '../wire/transport.ts';
import { PhoneDeliveries } from './deliveries/phone-deliveries.ts';
import type { PhoneReads } from './deliveries/phone-reads.ts';
import type { PhoneLogins } from './phone-logins.ts';
import type { PhoneMessages } from './phone-messages.ts';
import type { PhonePresence } from './phone-presence.ts';
import type { LaneState } from './state/lane-state.ts';
import { LOGIN_ID } from './tables/in-flight-table.ts';
import { PhoneState } from './tables/phone-table.ts';
import { DriverCounter } from './terms/driver-counters.ts';

export class PhoneEvents implements ConnectionEvents, PhoneListener {
  readonly #state: LaneState;
  readonly #logins: PhoneLogins;
  readonly #messages: PhoneMessages;
  readonly #deliveries: PhoneDeliveries;
  readonly #presence: PhonePresence;
  readonly #reads: PhoneReads | undefined;
  readonly readsAhead: boolean;
  /** Of each input that follows: the row of its phone, its kind, and where it begins. */
  readonly #comingRows = new Int32Array(PREFETCHED_MAX);
  readonly #comingKinds = new Int32Array(PREFETCHED_MAX);
  readonly #comingStarts = new Int32Array(PREFETCHED_MAX);
  /**
   * Which places of the messages in flight they look at, and for which phones; the rows of phones that look at what they
   * know of others; and where sessions that begin are entered.
   */
  readonly #comingPlaces = new Int32Array(PREFETCHED_MAX);
  readonly #comingAnswered = new Int32Array(PREFETCHED_MAX);
  readonly #comingWatchers = new Int32Array(PREFETCHED_MAX);
  readonly #comingBeginners = new Int32Array(PREFETCHED_MAX);
  #comingView: DataView;
  #coming = 0;

  /** @param reads undefined if nobody reads. */
  constructor(
    state: LaneState,
    logins: PhoneLogins,
    messages: PhoneMessages,
    presence: PhonePresence,
    reads: PhoneReads | undefined,
  ) {
    this.#presence = presence;
    this.#reads = reads;
    this.#state = state;
    this.readsAhead = state.groups !== undefined;
    this.#logins = logins;
    this.#messages = messages;
    this.#deliveries = new PhoneDeliveries(state, reads);
    this.#comingView = state.parts.transport.output;
  }

  opened(row: number, connection: number): void {
    this.#state.protocol.forget(row); // the state of an earlier connection, if the phone itself closed it
    this.#logins.opened(row, connection);
  }

  refused(row: number): void {
    this.#logins.refused(row);
  }

  /** A poll of the transport has ended. */
  polled(): void {
    this.#deliveries.checkWaiting();
  }

  prefetch(row: number, view: DataView, start: number, end: number): void {
    const n = this.#coming++;
    this.#comingRows[n] = row;
    this.#comingKinds[n] = this.#state.protocol.kindOf?.(view, start, end) ?? InputKind.OTHER;
    this.#comingStarts[n] = start;
    this.#comingView = view;
  }

  /**
   * Reads the rows first: what else an input needs follows from its kind. Each table is read in a loop that does nothing
   * else, so that the reads wait for memory together.
   */
  prefetched(): void {
    const { phones, inFlight, protocol, sessionEnds } = this.#state;
    const ends = sessionEnds.length === 1 ? sessionEnds[0] : undefined; // otherwise each phone has another wheel
    phones.prefetchAll(this.#comingRows, this.#coming);
    const places = this.#comingPlaces;
    const answered = this.#comingAnswered;
    const watchers = this.#comingWatchers;
    let placesLength = 0;
    let watchersLength = 0;
    let beginnersLength = 0;
    for (let n = 0; n < this.#coming; n++) {
      const kind = this.#comingKinds[n] as number; // of those that follow, as all below
      if (kind === InputKind.OTHER) continue;
      const row = this.#comingRows[n] as number;
      if (kind === InputKind.ANSWER) {
        const number = protocol.answeredNumber?.(row, this.#comingView, this.#comingStarts[n] as number) ?? 0;
        answered[placesLength] = row;
        if (number > 0) places[placesLength++] = inFlight.firstWord(row, number);
        continue;
      }
      watchers[watchersLength++] = row;
      if (kind !== InputKind.LOGIN) continue;
      answered[placesLength] = row;
      places[placesLength++] = inFlight.firstWord(row, LOGIN_ID);
      if (ends === undefined) continue;
      this.#comingBeginners[beginnersLength++] = ends.firstWord(this.#state.phoneAt(row));
    }
    inFlight.prefetchAll(places, placesLength);
    inFlight.prefetchCounts(answered, placesLength);
    this.#presence.prefetchAll(watchers, watchersLength);
    ends?.prefetchAll(this.#comingBeginners, beginnersLength);
    this.#coming = 0;
  }

  bytes(row: number, connection: number, view: DataView, start: number, end: number): number {
    const { phones, protocol, parts } = this.#state;
    if (phones.connection(row) !== connection) {
      count(parts.counters, DriverCounter.framesStale);
      return end - start;
    }
    return protocol.feed(row, connection, phones.state(row) === PhoneState.LOGGING_IN, view, start, end);
  }

  closed(row: number, connection: number, reason: number): void {
    if (this.#state.phones.connection(row) !== connection) return; // the phone has already closed it
    this.#state.protocol.forget(row);
    this.#logins.lost(row, reason);
  }

  frameIn(): void {
    this.#state.frameIn();
  }

  frameOut(): void {
    count(this.#state.parts.counters, DriverCounter.framesOut);
  }

  lastNumber(row: number): number {
    return this.#state.phones.lastNumber(row);
  }

  owesAnswer(row: number): void {
    this.#state.owe(row);
  }

  loggedIn(row: number, waiting: number): void {
    if (!this.#logins.accepted(row)) return;
    this.#messages.loggedIn(row, waiting);
    this.#presence.loggedIn(row);
  }

  presence(row: number, account: number, isAvailable: boolean, lastSeenSeconds: number): void {
    this.#presence.notice(row, account, isAvailable, lastSeenSeconds);
  }

  typing(row: number, sender: number): void {
    this.#presence.typed(row, sender);
  }

  read(row: number, number: number, reader: number): void {
    this.#reads?.told(row, number, reader);
  }

  watchRefused(): void {
    count(this.#state.parts.counters, DriverCounter.errorsReceived);
    this.#presence.refused();
  }

  loginRefused(row: number, refusal: number, pauseMillis: number): void {
    this.#logins.loginRefused(row, refusal, pauseMillis);
  }

  acknowledged(row: number, number: number): void {
    this.#messages.acknowledged(row, number, NO_VERSION, 0);
  }

  acknowledgedByGroup(row: number, number: number, version: number, members: number): void {
    this.#messages.acknowledged(row, number, version, members);
  }

  rejected(row: number, number: number, rejection: number): void {
    count(this.#state.parts.counters, DriverCounter.errorsReceived);
    this.#messages.rejected(row, number, rejection);
  }

  receipt(row: number, number: number): void {
    this.#messages.received(row, number);
  }

  delivered(row: number, sender: number, sequence: number, view: DataView, start: number, end: number): void {
    this.#deliveries.deliver(row, sender, sequence, view, start, end);
  }

  deliveredToGroup(row: number, delivery: GroupDelivery, view: DataView, start: number, end: number): void {
    this.#deliveries.deliverToGroup(row, delivery, view, start, end);
  }

  pong(): void {
    count(this.#state.parts.counters, DriverCounter.pongs);
  }

  ended(row: number, reason: number): void {
    count(this.#state.parts.counters, DriverCounter.errorsReceived);
    this.#logins.lost(row, reason);
  }

  foreign(row: number): void {
    this.#logins.foreign(row);
  }

  /** The phone closes its connection and reconnects. */
  malformed(row: number): void {
    count(this.#state.parts.counters, DriverCounter.corrupted);
    this.#logins.lost(row, CloseReason.VIOLATION);
  }

  /**
   * The phone's partial input was dropped for another phone's. It may belong to a connection that is already closed.
   */
  evicted(row: number): void {
    const state = this.#state.phones.state(row);
    if (state !== PhoneState.ONLINE && state !== PhoneState.LOGGING_IN) return;
    count(this.#state.parts.counters, DriverCounter.partialFramesFull);
    this.#logins.lost(row, CloseReason.PHONE_LEFT);
  }
}
