/**
 * One epoll instance and its latest batch of events. The kernel stores the socket's place and the owner's token in each
 * event, so no column is needed to find a phone by its socket.
 *
 *     epoll_event    0 mask u32 · 4 place i32 · 8 token i32      12 bytes on x86-64, packed
 *                    0 mask u32 · 8 place i32 · 12 token i32     16 bytes elsewhere
 *
 * If a socket is left before it is empty, its event is requested again. Such events are queued here and
 * returned with the next batch: the kernel would need a descriptor, and a socket may have none.
 *
 * The queue grows as it is needed, up to {@link EpollSet.againMax}. One event per place is usual. If there are more,
 * some are of sockets that have ended, and the kernel's events wait until the queue is short again: only they make it
 * longer.
 */
import { assert } from '../../../base/assert.ts';
import { KeptNumber } from '../../../base/kept-number.ts';
import { Linux, type SystemCalls } from './system-calls.ts';
import { systemRefusal } from './system-refusal.ts';

const IS_PACKED = process.arch === 'x64';
const EVENT_BYTES = IS_PACKED ? 12 : 16;
const PLACE_AT = IS_PACKED ? 4 : 8;
const TOKEN_AT = PLACE_AT + 4;
const NANOS_PER_MICRO = 1000;
const MICROS_PER_SECOND = 1e6;
const AGAIN_MIN = 256;
const AGAIN_WORDS = 4;

export class EpollSet {
  /** Fields of the current event; see {@link next}. */
  index = 0;
  mask = 0;
  place = 0;
  token = 0;
  /** Number of events in the batch. */
  ready = 0;
  /**
   * Most events that are requested again at the same time: one per place, those of one more batch, and one for each
   * place that its owner closes meanwhile.
   */
  readonly againMax: number;
  readonly #placesMax: number;
  readonly #calls: SystemCalls;
  readonly #epoll: number;
  readonly #events: Uint8Array;
  readonly #view: DataView;
  readonly #eventsAddress: KeptNumber;
  readonly #eventsMax: number;
  readonly #control = new Uint8Array(EVENT_BYTES);
  readonly #controlView = new DataView(this.#control.buffer);
  readonly #timeout = new Uint8Array(16);
  readonly #timeoutView = new DataView(this.#timeout.buffer);
  /** Events requested again, a circular queue: mask, place, token, generation of the place. */
  #again = new Int32Array(AGAIN_MIN * AGAIN_WORDS);
  #againFirst = 0;
  #againCount = 0;
  #cursor = 0;

  /**
   * @param eventsMax most events of a batch.
   * @param placesMax sockets that are watched at most.
   */
  constructor(calls: SystemCalls, eventsMax: number, placesMax: number) {
    this.#calls = calls;
    this.#placesMax = placesMax;
    this.againMax = 2 * placesMax + eventsMax;
    this.#epoll = calls.epollCreate(Linux.EPOLL_CLOEXEC);
    if (this.#epoll < 0) throw systemRefusal('an epoll instance', calls.errno());
    this.#eventsMax = eventsMax;
    this.#events = new Uint8Array(eventsMax * EVENT_BYTES);
    this.#view = new DataView(this.#events.buffer);
    this.#eventsAddress = new KeptNumber(calls.addressOf(this.#events));
  }

  get bytes(): number {
    return this.#events.byteLength + this.#again.byteLength;
  }

  /** Whether events of the last batch are left. */
  get hasNext(): boolean {
    return this.#cursor < this.ready;
  }

  /** Whether events have been requested again since the batch was fetched. */
  get hasAgain(): boolean {
    return this.#againCount > 0;
  }

  /** Moves to the next event of the batch. @returns false if none is left. */
  next(): boolean {
    if (this.#cursor >= this.ready) return false;
    this.index = this.#cursor;
    this.mask = this.maskAt(this.index);
    this.place = this.placeAt(this.index);
    this.token = this.tokenAt(this.index);
    this.#cursor++;
    return true;
  }

  /** Fields of the n-th event of the batch. */
  maskAt(n: number): number {
    return this.#view.getUint32(n * EVENT_BYTES, true);
  }

  placeAt(n: number): number {
    return this.#view.getInt32(n * EVENT_BYTES + PLACE_AT, true);
  }

  tokenAt(n: number): number {
    return this.#view.getInt32(n * EVENT_BYTES + TOKEN_AT, true);
  }

  /**
   * Requests an event again: once for each event of a batch, and once for a connection that its owner closes.
   * @param generation the place's; if it has changed when the batch is fetched, the event is left out.
   */
  again(place: number, token: number, mask: number, generation: number): void {
    if (this.#againCount * AGAIN_WORDS === this.#again.length) this.#growAgain();
    const at = this.#againAt(this.#againCount);
    this.#again[at] = mask;
    this.#again[at + 1] = place;
    this.#again[at + 2] = token;
    this.#again[at + 3] = generation;
    this.#againCount++;
  }

  /**
   * Fetches a new batch: events of the kernel, for which it waits at most `micros`, and then events that were requested
   * again, at most half a batch, or a whole one while there are more than places. The kernel's events come first, so
   * that they are always written to the same address: it is computed once, whereas another address would be allocated
   * for each batch.
   */
  fetch(micros: number, isStill: (place: number, generation: number) => boolean): void {
    const share = this.#againCount > this.#placesMax ? this.#eventsMax : Math.max(1, this.#eventsMax >> 1);
    const again = Math.min(share, this.#againCount);
    this.#cursor = 0;
    this.ready = again < this.#eventsMax ? this.#wait(this.#eventsMax - again, again > 0 ? 0 : micros) : 0;
    for (let n = 0; n < again; n++) {
      const at = this.#againAt(0);
      this.#againFirst = (at + AGAIN_WORDS) % this.#again.length;
      this.#againCount--;
      const place = this.#again[at + 1] as number; // an entry is inside the queue, here and below
      if (!isStill(place, this.#again[at + 3] as number)) continue;
      this.#write(this.ready, this.#again[at] as number, place, this.#again[at + 2] as number);
      this.ready++;
    }
  }

  /**
   * Watches a socket.
   * @param place the place in its events.
   * @returns 0, or a negative number if the kernel cannot watch another socket.
   */
  add(descriptor: number, place: number, token: number, mask: number): number {
    return this.#ask(Linux.EPOLL_CTL_ADD, descriptor, place, token, mask);
  }

  /** Changes the events that are watched for; a condition that holds already is reported again. */
  modify(descriptor: number, place: number, token: number, mask: number): number {
    return this.#ask(Linux.EPOLL_CTL_MOD, descriptor, place, token, mask);
  }

  remove(descriptor: number): number {
    return this.#ask(Linux.EPOLL_CTL_DEL, descriptor, 0, 0, 0);
  }

  close(): void {
    this.#calls.close(this.#epoll);
  }

  #againAt(n: number): number {
    return (this.#againFirst + n * AGAIN_WORDS) % this.#again.length;
  }

  /** Enlarges the queue, which is rare. A queue of {@link againMax} events needs no more room. */
  #growAgain(): void {
    assert(this.#againCount < this.againMax, 'only events of a batch and of closed connections are requested again');
    const larger = new Int32Array(2 * this.#again.length);
    for (let n = 0; n < this.#againCount; n++) {
      const at = this.#againAt(n);
      for (let word = 0; word < AGAIN_WORDS; word++) larger[n * AGAIN_WORDS + word] = this.#again[at + word] as number;
    }
    this.#again = larger;
    this.#againFirst = 0;
  }

  #write(n: number, mask: number, place: number, token: number): void {
    const at = n * EVENT_BYTES;
    this.#view.setUint32(at, mask, true);
    this.#view.setInt32(at + PLACE_AT, place, true);
    this.#view.setInt32(at + TOKEN_AT, token, true);
  }

  /** Fetches events of the kernel, up to a maximum. @returns their number. */
  #wait(eventsMax: number, micros: number): number {
    const seconds = Math.floor(micros / MICROS_PER_SECOND);
    this.#timeoutView.setInt32(0, seconds, true);
    this.#timeoutView.setInt32(8, (micros - seconds * MICROS_PER_SECOND) * NANOS_PER_MICRO, true);
    const got = this.#calls.epollWait(this.#epoll, this.#eventsAddress.value, eventsMax, this.#timeout);
    return Math.max(0, got); // interrupted by a signal: no events
  }

  #ask(operation: number, descriptor: number, place: number, token: number, mask: number): number {
    this.#controlView.setUint32(0, mask, true);
    this.#controlView.setInt32(PLACE_AT, place, true);
    this.#controlView.setInt32(TOKEN_AT, token, true);
    return this.#calls.epollControl(this.#epoll, operation, descriptor, this.#control);
  }
}
