/**
 * Sockets held in tables of io_uring, as many tables as needed, each with its own ring. So the number of sockets of a
 * thread is limited only by memory and not by the limit on open files, and the receives and sends of a turn need one
 * system call per table instead of one per socket.
 *
 *     place    table · place in the table (log2 of a table's places, the lowest bits)
 *
 * epoll watches a socket for as long as anything holds it. So a new socket is first added to epoll by its descriptor,
 * then moved into a table, and then the descriptor is closed. Several new sockets are moved at a time.
 */
import { assert } from '../../../base/assert.ts';
import { Linux, type SystemCalls } from '../system/system-calls.ts';
import { systemRefusal } from '../system/system-refusal.ts';
import { type HeldSockets, MOVES_MAX, NO_PLACE } from './held-sockets.ts';
import { PlaceList } from './place-list.ts';
import { RingOperation, SocketRing } from './socket-ring.ts';

/** Maximum of operations per system call. */
const OPERATIONS_MAX = 256;
const RECEIVE_BYTES = 4096;
const OUTPUT_BYTES = 256 * 1024;
const SENDS_MAX = 256;
/** In place of a result: no receive was requested. It is larger than any result. */
const NOT_ASKED = 1 << 30;

export class RingSockets implements HeldSockets {
  readonly received: DataView;
  readonly receiveBytes = RECEIVE_BYTES;
  readonly output: DataView;
  readonly outputBytes = new Uint8Array(OUTPUT_BYTES);
  readonly sendsMax = SENDS_MAX;
  readonly #calls: SystemCalls;
  readonly #places: number;
  readonly #shift: number;
  readonly #rings: SocketRing[] = [];
  /**
   * Rings with operations that wait, in the order of their first one. Elements beyond the count are left from earlier
   * calls.
   */
  readonly #busy: SocketRing[] = [];
  #busyCount = 0;
  readonly #receivedBytes: Uint8Array;
  readonly #receivedAddress: Float64Array;
  readonly #outputAddress: Float64Array;
  readonly #receiveResults: Int32Array;
  readonly #sendResults = new Int32Array(SENDS_MAX);
  readonly #closeResults = new Int32Array(1);
  readonly #oneResult = new Int32Array(1);
  readonly #newDescriptors = new Int32Array(MOVES_MAX);
  readonly #newDescriptorsAddress: Float64Array;
  readonly #newPlaces = new Int32Array(MOVES_MAX);
  readonly #moveResults = new Int32Array(2 * MOVES_MAX);
  #news = 0;
  /** Places that were released; the last one released is used first. */
  readonly #free = new PlaceList();
  #fresh = 0;

  /**
   * @param places maximum of sockets.
   * @param tablePlaces places per table, a power of two that does not exceed the limit on open files.
   * @param events maximum of events per batch; each can have a receive.
   */
  constructor(calls: SystemCalls, places: number, tablePlaces: number, events: number) {
    assert(Number.isInteger(Math.log2(tablePlaces)), "a table's places are a power of two");
    this.#calls = calls;
    this.#places = places;
    this.#shift = Math.log2(tablePlaces);
    this.#receivedBytes = new Uint8Array(events * RECEIVE_BYTES);
    this.#receiveResults = new Int32Array(events);
    this.received = new DataView(this.#receivedBytes.buffer);
    this.output = new DataView(this.outputBytes.buffer);
    this.#receivedAddress = Float64Array.of(calls.addressOf(this.#receivedBytes));
    this.#outputAddress = Float64Array.of(calls.addressOf(this.outputBytes));
    this.#newDescriptorsAddress = Float64Array.of(calls.addressOf(new Uint8Array(this.#newDescriptors.buffer)));
    if (!this.#hasRingFor(0)) throw systemRefusal(`an io_uring of ${tablePlaces} sockets`, calls.errno());
  }

  get bytes(): number {
    return this.#receivedBytes.length + this.outputBytes.length + this.#free.bytes;
  }

  hold(descriptor: number): number {
    if (this.#free.count === 0 && (this.#fresh === this.#places || !this.#hasRingFor(this.#fresh))) return NO_PLACE;
    if (this.#news === MOVES_MAX) this.#move();
    const isFresh = this.#free.count === 0;
    const place = isFresh ? this.#fresh : this.#free.pop();
    if (isFresh) this.#fresh++;
    this.#newDescriptors[this.#news] = descriptor;
    this.#newPlaces[this.#news] = place;
    this.#news++;
    return place;
  }

  close(place: number): void {
    const ring = this.#ringOf(place, this.#closeResults);
    ring.addClose(this.#inTable(place), 0);
    this.#free.push(place);
  }

  settle(): void {
    this.#run(this.#closeResults);
  }

  borrow(place: number): number {
    const ring = this.#ringOf(place, this.#oneResult);
    ring.addInstall(this.#inTable(place), 0);
    this.#run(this.#oneResult);
    const descriptor = this.#oneResult[0] as number; // its only element
    if (descriptor < 0) throw systemRefusal('a descriptor for a socket of a table', -descriptor);
    return descriptor;
  }

  giveBack(descriptor: number): void {
    this.#calls.close(descriptor);
  }

  beginReceives(): void {
    this.#receiveResults.fill(NOT_ASKED);
  }

  askReceive(n: number, place: number): void {
    const ring = this.#ringOf(place, this.#receiveResults);
    this.#addReceive(ring, n, place, n);
  }

  runReceives(): void {
    this.#run(this.#receiveResults);
  }

  takeReceive(n: number, place: number): number {
    const got = this.#receiveResults[n] as number; // n is an event's number
    return got === NOT_ASKED ? this.receive(n, place) : got;
  }

  receive(n: number, place: number): number {
    this.#addReceive(this.#ringOf(place, this.#oneResult), n, place, 0);
    this.#run(this.#oneResult);
    return this.#oneResult[0] as number; // its only element
  }

  receivedAt(n: number): number {
    return n * RECEIVE_BYTES;
  }

  askSend(n: number, place: number, at: number, bytes: number): void {
    this.#addSend(this.#ringOf(place, this.#sendResults), place, at, bytes, n);
  }

  runSends(): void {
    this.#run(this.#sendResults);
  }

  sendResult(n: number): number {
    return this.#sendResults[n] as number; // n is below sendsMax
  }

  send(place: number, at: number, bytes: number): number {
    this.#addSend(this.#ringOf(place, this.#oneResult), place, at, bytes, 0);
    this.#run(this.#oneResult);
    return this.#oneResult[0] as number; // its only element
  }

  shutdown(): void {
    if (this.#news > 0) this.#move();
    this.settle();
    for (const ring of this.#rings) ring.shutdown();
  }

  /** Creates the ring of a place if it does not exist yet. @returns whether it exists. */
  #hasRingFor(place: number): boolean {
    if (place >> this.#shift < this.#rings.length) return true;
    const ring = SocketRing.make(this.#calls, OPERATIONS_MAX, 1 << this.#shift);
    if (ring !== null) this.#rings.push(ring);
    return ring !== null;
  }

  #inTable(place: number): number {
    return place & ((1 << this.#shift) - 1);
  }

  /**
   * The ring of a place, with room for another operation: one that is full is run first, with its results in `results`.
   */
  #ringOf(place: number, results: Int32Array): SocketRing {
    if (this.#news > 0) this.#move();
    return this.#ringWithRoom(place, results);
  }

  #ringWithRoom(place: number, results: Int32Array): SocketRing {
    const ring = this.#rings[place >> this.#shift] as SocketRing; // made before the place was given
    if (ring.isFull) ring.run(results);
    if (ring.waiting === 0) this.#busy[this.#busyCount++] = ring;
    return ring;
  }

  #run(results: Int32Array): void {
    for (let n = 0; n < this.#busyCount; n++) (this.#busy[n] as SocketRing).run(results); // below the count
    this.#busyCount = 0; // an array that was emptied would allocate its elements again
  }

  #addReceive(ring: SocketRing, part: number, place: number, n: number): void {
    const { RECEIVE } = RingOperation;
    const offset = part * RECEIVE_BYTES;
    const inTable = this.#inTable(place);
    ring.addTransfer(RECEIVE, inTable, this.#receivedAddress, offset, RECEIVE_BYTES, Linux.MSG_DONTWAIT, n);
  }

  #addSend(ring: SocketRing, place: number, at: number, bytes: number, n: number): void {
    const flags = Linux.MSG_NOSIGNAL | Linux.MSG_DONTWAIT;
    ring.addTransfer(RingOperation.SEND, this.#inTable(place), this.#outputAddress, at, bytes, flags, n);
  }

  /** Moves new sockets into their tables. */
  #move(): void {
    const news = this.#news;
    this.#news = 0;
    const results = this.#moveResults;
    for (let n = 0; n < news; n++) {
      const place = this.#newPlaces[n] as number; // below the count, here and below
      const ring = this.#ringWithRoom(place, results);
      const offset = n * Int32Array.BYTES_PER_ELEMENT;
      ring.addUpdate(this.#inTable(place), this.#newDescriptorsAddress, offset, 1, n);
      this.#ringWithRoom(place, results).addCloseDescriptor(this.#newDescriptors[n] as number, MOVES_MAX + n);
    }
    this.#run(results);
    for (let n = 0; n < news; n++) {
      const moved = results[n] as number;
      if (moved !== 1) throw systemRefusal('a place in a table of sockets', -moved);
    }
  }
}
