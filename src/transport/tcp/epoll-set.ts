/**
 * One epoll instance and the batch of events that it gave last. An event is read in place: its
 * mask, its descriptor and the owner's token, which the kernel keeps, so that no column is needed
 * to find a phone by its socket.
 *
 *     epoll_event    0 mask u32 · 4 descriptor i32 · 8 token i32      12 bytes on x86-64, packed
 *                    0 mask u32 · 8 descriptor i32 · 12 token i32     16 bytes elsewhere
 */
import { assert } from '../../base/assert.ts';
import { errorName } from './error-number.ts';
import { Linux, type SystemCalls } from './system-calls.ts';

const IS_PACKED = process.arch === 'x64';
const EVENT_BYTES = IS_PACKED ? 12 : 16;
const DESCRIPTOR_AT = IS_PACKED ? 4 : 8;
const TOKEN_AT = DESCRIPTOR_AT + 4;
const NANOS_PER_MICRO = 1000;
const MICROS_PER_SECOND = 1e6;

export class EpollSet {
  /** Of the event that {@link next} went to. */
  mask = 0;
  descriptor = 0;
  token = 0;
  readonly #calls: SystemCalls;
  readonly #epoll: number;
  readonly #events: Uint8Array;
  readonly #view: DataView;
  readonly #eventsMax: number;
  readonly #control = new Uint8Array(EVENT_BYTES);
  readonly #controlView = new DataView(this.#control.buffer);
  readonly #timeout = new Uint8Array(16);
  readonly #timeoutView = new DataView(this.#timeout.buffer);
  #ready = 0;
  #cursor = 0;

  constructor(calls: SystemCalls, eventsMax: number) {
    this.#calls = calls;
    this.#epoll = calls.epollCreate(Linux.EPOLL_CLOEXEC);
    assert(this.#epoll >= 0, `an epoll instance can be made: ${errorName(calls.errno())}`);
    this.#eventsMax = eventsMax;
    this.#events = new Uint8Array(eventsMax * EVENT_BYTES);
    this.#view = new DataView(this.#events.buffer);
  }

  get bytes(): number {
    return this.#events.byteLength;
  }

  /** Whether events of the last batch are left. */
  get hasNext(): boolean {
    return this.#cursor < this.#ready;
  }

  /** Goes to the next event of the batch. False: none is left. */
  next(): boolean {
    if (this.#cursor >= this.#ready) return false;
    const at = this.#cursor * EVENT_BYTES;
    this.#cursor++;
    this.mask = this.#view.getUint32(at, true);
    this.descriptor = this.#view.getInt32(at + DESCRIPTOR_AT, true);
    this.token = this.#view.getInt32(at + TOKEN_AT, true);
    return true;
  }

  /** Fetches a new batch, waiting at most so long for it. @returns how many events it has. */
  wait(micros: number): number {
    const seconds = Math.floor(micros / MICROS_PER_SECOND);
    this.#timeoutView.setInt32(0, seconds, true);
    this.#timeoutView.setInt32(8, (micros - seconds * MICROS_PER_SECOND) * NANOS_PER_MICRO, true);
    const ready = this.#calls.epollWait(this.#epoll, this.#events, this.#eventsMax, this.#timeout);
    this.#ready = Math.max(0, ready); // a signal is as good as nothing
    this.#cursor = 0;
    return this.#ready;
  }

  /** @returns 0, or below it where the kernel has no room for another. */
  add(descriptor: number, token: number, mask: number): number {
    return this.#ask(Linux.EPOLL_CTL_ADD, descriptor, token, mask);
  }

  /** Changes what is waited for; what is so already is told again. */
  modify(descriptor: number, token: number, mask: number): number {
    return this.#ask(Linux.EPOLL_CTL_MOD, descriptor, token, mask);
  }

  remove(descriptor: number): number {
    return this.#ask(Linux.EPOLL_CTL_DEL, descriptor, 0, 0);
  }

  close(): void {
    this.#calls.close(this.#epoll);
  }

  #ask(operation: number, descriptor: number, token: number, mask: number): number {
    this.#controlView.setUint32(0, mask, true);
    this.#controlView.setInt32(DESCRIPTOR_AT, descriptor, true);
    this.#controlView.setInt32(TOKEN_AT, token, true);
    return this.#calls.epollControl(this.#epoll, operation, descriptor, this.#control);
  }
}
