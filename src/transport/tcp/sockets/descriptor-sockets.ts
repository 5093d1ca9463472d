/**
 * Sockets that are held by one descriptor each, which is their place. Each operation is a system call, made at once.
 */
import { KeptNumber } from '../../../base/kept-number.ts';
import { Linux, type SystemCalls } from '../system/system-calls.ts';
import { type HeldSockets, NO_PLACE } from './held-sockets.ts';

const OUTPUT_BYTES = 64 * 1024;
/**
 * A batch has one send, made at once from the start of the output, whose address needs no allocation because it is
 * kept.
 */
const SENDS_MAX = 1;

export class DescriptorSockets implements HeldSockets {
  readonly received: DataView;
  readonly receiveBytes: number;
  readonly output: DataView;
  readonly outputBytes = new Uint8Array(OUTPUT_BYTES);
  readonly sendsMax = SENDS_MAX;
  readonly #calls: SystemCalls;
  readonly #places: number;
  readonly #receivedBytes: Uint8Array;
  readonly #receivedAddress: KeptNumber;
  readonly #outputAddress: KeptNumber;
  readonly #sendResults = new Int32Array(SENDS_MAX);

  /**
   * @param places one more than the highest descriptor.
   * @param receiveBytes size of the buffer that all sockets share.
   */
  constructor(calls: SystemCalls, places: number, receiveBytes: number) {
    this.#calls = calls;
    this.#places = places;
    this.receiveBytes = receiveBytes;
    this.#receivedBytes = new Uint8Array(receiveBytes);
    this.received = new DataView(this.#receivedBytes.buffer);
    this.output = new DataView(this.outputBytes.buffer);
    this.#receivedAddress = new KeptNumber(calls.addressOf(this.#receivedBytes));
    this.#outputAddress = new KeptNumber(calls.addressOf(this.outputBytes));
  }

  get bytes(): number {
    return this.#receivedBytes.length + this.outputBytes.length;
  }

  hold(descriptor: number): number {
    return descriptor < this.#places ? descriptor : NO_PLACE;
  }

  close(place: number): void {
    this.#calls.close(place);
  }

  settle(): void {
    // the socket was closed at once
  }

  borrow(place: number): number {
    return place;
  }

  giveBack(): void {
    // the descriptor still belongs to the socket
  }

  beginReceives(): void {
    // there are no batches of receives
  }

  askReceive(): void {
    // received when its event is handled, because there is only one buffer
  }

  runReceives(): void {
    // likewise
  }

  takeReceive(n: number, place: number): number {
    return this.receive(n, place);
  }

  receive(_n: number, place: number): number {
    const got = this.#calls.recv(place, this.#receivedAddress.value, this.receiveBytes, 0);
    return got >= 0 ? got : -this.#calls.errno();
  }

  receivedAt(): number {
    return 0;
  }

  askSend(n: number, place: number, at: number, bytes: number): void {
    this.#sendResults[n] = this.send(place, at, bytes);
  }

  runSends(): void {
    // the send was made at once
  }

  sendResult(n: number): number {
    return this.#sendResults[n] as number; // n is below sendsMax
  }

  send(place: number, at: number, bytes: number): number {
    const start = this.#outputAddress.value;
    const sent = this.#calls.send(place, at === 0 ? start : start + at, bytes, Linux.MSG_NOSIGNAL);
    return sent >= 0 ? sent : -this.#calls.errno();
  }

  shutdown(): void {
    // there is nothing to close except the sockets
  }
}
