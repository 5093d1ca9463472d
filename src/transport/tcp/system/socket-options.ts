/**
 * Options of sockets, set and read through buffers that are allocated once: each new socket sets some, and the kernel
 * takes a value only from memory.
 */
import { Linux, type SystemCalls } from './system-calls.ts';

export interface SocketOptionSettings {
  readonly noDelay: boolean;
  /** SO_SNDBUF and SO_RCVBUF in bytes; null leaves them to the kernel. */
  readonly sendBufferBytes: number | null;
  readonly receiveBufferBytes: number | null;
}

/** A struct linger that is on with a time of 0: closing sends a reset and frees all memory at once. */
const NO_LINGER = new Uint8Array(Int32Array.of(1, 0).buffer);

export class SocketOptions {
  readonly #calls: SystemCalls;
  readonly #value = new Uint8Array(4);
  readonly #valueView = new DataView(this.#value.buffer);
  readonly #length = new Uint8Array(4);
  readonly #lengthView = new DataView(this.#length.buffer);

  constructor(calls: SystemCalls) {
    this.#calls = calls;
  }

  /** Sets the options of a new socket of either end. */
  setAll(descriptor: number, settings: SocketOptionSettings): void {
    const { noDelay, sendBufferBytes, receiveBufferBytes } = settings;
    if (noDelay) this.set(descriptor, Linux.IPPROTO_TCP, Linux.TCP_NODELAY, 1);
    if (sendBufferBytes !== null) this.set(descriptor, Linux.SOL_SOCKET, Linux.SO_SNDBUF, sendBufferBytes);
    if (receiveBufferBytes !== null) this.set(descriptor, Linux.SOL_SOCKET, Linux.SO_RCVBUF, receiveBufferBytes);
  }

  set(descriptor: number, level: number, option: number, value: number): number {
    this.#valueView.setInt32(0, value, true);
    return this.#calls.setOption(descriptor, level, option, this.#value, this.#value.length);
  }

  /**
   * Makes a close discard the output in the kernel. For a peer that does not read, the kernel would otherwise keep up
   * to tcp_wmem bytes for minutes after the close.
   */
  resetOnClose(descriptor: number): void {
    this.#calls.setOption(descriptor, Linux.SOL_SOCKET, Linux.SO_LINGER, NO_LINGER, NO_LINGER.length);
  }

  /** The pending error of a socket (SO_ERROR), 0 for none. */
  error(descriptor: number): number {
    this.#lengthView.setInt32(0, this.#value.length, true);
    const { SOL_SOCKET, SO_ERROR } = Linux;
    const said = this.#calls.getOption(descriptor, SOL_SOCKET, SO_ERROR, this.#value, this.#length);
    return said < 0 ? this.#calls.errno() : this.#valueView.getInt32(0, true);
  }
}
