/**
 * One io_uring and its table of sockets. Operations are written into a queue shared with the kernel, and one system
 * call executes all of them in order. Every operation used here is complete when the call returns, because none may
 * wait (MSG_DONTWAIT).
 *
 * The kernel limits the size of a table to the limit on open files. Sockets in a table do not count as open files, and
 * a process may have many tables, so with a limit of 20,000 open files a few threads can hold millions of connections.
 *
 * What is used of structs of <linux/io_uring.h>, little-endian, with the kernel's names in brackets:
 *
 *     io_uring_params   byte 0    operations that may wait (sq_entries)    byte 4     completions (cq_entries)
 *     120 bytes         byte 8    flags                                    byte 44    where their tail is (sq_off.tail)
 *                       byte 80   where the head is (cq_off.head)          byte 84    the tail (cq_off.tail)
 *                       byte 100  where completions are (cq_off.cqes)
 *     io_uring_sqe      byte 0    operation (opcode)                       byte 1     flags: 1 for a place in the table
 *     64 bytes          byte 4    descriptor, or place (fd)                byte 8     offset (off)
 *                       byte 16   address of a buffer, 64 bits (addr)      byte 24    length (len)
 *                       byte 28   flags of the operation                   byte 32    index of the result (user_data)
 *                       byte 44   place to close, + 1 (file_index)
 *     io_uring_cqe      word 0    index of the result (user_data)          word 2     result (res)
 *     io_uring_probe    byte 16   8 bytes for each operation: bit 0 of byte 2 says whether it is supported
 */
import { assert } from '../../../base/assert.ts';
import { ErrorNumber } from '../system/error-number.ts';
import type { SystemCalls } from '../system/system-calls.ts';
import { systemRefusal } from '../system/system-refusal.ts';

/** Numbers of operations (enum io_uring_op), each with the first kernel that has it. */
export const RingOperation = {
  CLOSE: 19, // 5.6; for sockets in a table 5.15
  FILES_UPDATE: 20, // 5.6
  READ: 22, // 5.6
  WRITE: 23, // 5.6
  SEND: 26, // 5.6
  RECEIVE: 27, // 5.6
  FIXED_FD_INSTALL: 54, // 6.8
} as const;

const PARAMETERS_BYTES = 120;
const SUBMIT_ENTRIES_AT = 0;
const COMPLETE_ENTRIES_AT = 4;
const PARAMETER_FLAGS_AT = 8;
const SUBMIT_TAIL_AT = 44;
const COMPLETE_HEAD_AT = 80;
const COMPLETE_TAIL_AT = 84;
const COMPLETIONS_AT = 100;
/** Only the creating thread submits (6.0), completions are delivered only on request (6.1), no index array (6.6). */
const SETUP_FLAGS = (1 << 12) | (1 << 13) | (1 << 16);
const OPERATIONS_OFFSET = 0x10000000;
const REGISTER_FILES = 2;
const REGISTER_PROBE = 8;
const PROBE_ENTRIES = 8;
const PROBE_OPERATIONS = 64;
const PROBE_HEADER_BYTES = 16;
const PROBE_BYTES = PROBE_HEADER_BYTES + 8 * PROBE_OPERATIONS;
const OPERATION_SUPPORTED = 1;

const OPERATION_BYTES = 64;
const DESCRIPTOR_AT = 4;
const OFFSET_AT = 8;
const ADDRESS_AT = 16;
const LENGTH_AT = 24;
const FLAGS_AT = 28;
const NUMBER_AT = 32;
const TABLE_PLACE_AT = 44;
const FIXED_FILE = 1;
const COMPLETION_WORDS = 4;
const RESULT_WORD = 2;
/** IORING_ENTER_GETEVENTS. */
const GET_EVENTS = 1;
/** How often at most a call is repeated that executed nothing for lack of memory. */
const TRIES_MAX = 16;

export class SocketRing {
  /** Number of operations that wait to be run. */
  waiting = 0;
  readonly #calls: SystemCalls;
  readonly #ring: number;
  readonly #entries: number;
  readonly #memory: ArrayBuffer;
  readonly #words: Int32Array;
  readonly #operationMemory: ArrayBuffer;
  readonly #operations: DataView;
  readonly #submitTail: number;
  readonly #completeHead: number;
  readonly #completeTail: number;
  readonly #completions: number;
  readonly #completionMask: number;
  #tail = 0;
  #head = 0;

  private constructor(
    calls: SystemCalls,
    ring: number,
    parameters: DataView,
    memory: ArrayBuffer,
    operations: ArrayBuffer,
  ) {
    this.#calls = calls;
    this.#ring = ring;
    this.#entries = parameters.getUint32(SUBMIT_ENTRIES_AT, true);
    this.#memory = memory;
    this.#words = new Int32Array(memory);
    this.#operationMemory = operations;
    this.#operations = new DataView(operations);
    this.#submitTail = parameters.getUint32(SUBMIT_TAIL_AT, true) >> 2;
    this.#completeHead = parameters.getUint32(COMPLETE_HEAD_AT, true) >> 2;
    this.#completeTail = parameters.getUint32(COMPLETE_TAIL_AT, true) >> 2;
    this.#completions = parameters.getUint32(COMPLETIONS_AT, true) >> 2;
    this.#completionMask = parameters.getUint32(COMPLETE_ENTRIES_AT, true) - 1;
  }

  /**
   * Creates a ring.
   * @param entries maximum of waiting operations, a power of two.
   * @param places size of the table.
   * @returns null if there is no descriptor or no memory for it.
   */
  static make(calls: SystemCalls, entries: number, places: number): SocketRing | null {
    const bytes = new Uint8Array(PARAMETERS_BYTES);
    const parameters = new DataView(bytes.buffer);
    parameters.setUint32(PARAMETER_FLAGS_AT, SETUP_FLAGS, true);
    const ring = calls.ringSetup(entries, bytes);
    if (ring < 0) return null;
    const none = new Uint8Array(new Int32Array(places).fill(-1).buffer);
    if (calls.ringRegister(ring, REGISTER_FILES, none, places) >= 0) {
      const completionBytes = COMPLETION_WORDS * 4 * parameters.getUint32(COMPLETE_ENTRIES_AT, true);
      const memory = calls.mapShared(ring, parameters.getUint32(COMPLETIONS_AT, true) + completionBytes, 0);
      const operations = calls.mapShared(ring, entries * OPERATION_BYTES, OPERATIONS_OFFSET);
      if (memory !== null && operations !== null) return new SocketRing(calls, ring, parameters, memory, operations);
      if (memory !== null) calls.unmap(memory);
      if (operations !== null) calls.unmap(operations);
    }
    calls.close(ring);
    return null;
  }

  get isFull(): boolean {
    return this.waiting === this.#entries;
  }

  /**
   * Adds a receive into, or a send from, a part of a buffer.
   * @param buffer the buffer's address as the only element. Passed as a number, a double, it would be allocated per
   *   call.
   * @param n index of the result, here and below.
   */
  addTransfer(
    operation: number,
    place: number,
    buffer: Float64Array,
    offset: number,
    bytes: number,
    flags: number,
    n: number,
  ): void {
    const at = this.#add(operation, FIXED_FILE, place, n);
    this.#setAddress(at + ADDRESS_AT, buffer, offset);
    this.#operations.setUint32(at + LENGTH_AT, bytes, true);
    this.#operations.setUint32(at + FLAGS_AT, flags, true);
  }

  /**
   * Adds sockets to the table, from a place on.
   * @param buffer address of their descriptors, 32 bits each, as in addTransfer.
   */
  addUpdate(place: number, buffer: Float64Array, offset: number, count: number, n: number): void {
    const at = this.#add(RingOperation.FILES_UPDATE, 0, -1, n);
    this.#operations.setUint32(at + OFFSET_AT, place, true);
    this.#setAddress(at + ADDRESS_AT, buffer, offset);
    this.#operations.setUint32(at + LENGTH_AT, count, true);
  }

  /** Closes the socket at a place. */
  addClose(place: number, n: number): void {
    const at = this.#add(RingOperation.CLOSE, 0, 0, n);
    this.#operations.setInt32(at + TABLE_PLACE_AT, place + 1, true);
  }

  /** Closes a descriptor. */
  addCloseDescriptor(descriptor: number, n: number): void {
    this.#add(RingOperation.CLOSE, 0, descriptor, n);
  }

  /** Creates a descriptor, in addition, for the socket at a place; it is the result. */
  addInstall(place: number, n: number): void {
    this.#add(RingOperation.FIXED_FD_INSTALL, FIXED_FILE, place, n);
  }

  /** Executes all waiting operations. @param results receives their results; an error is its negative number. */
  run(results: Int32Array): void {
    for (let tries = 0; this.waiting > 0; tries++) {
      Atomics.store(this.#words, this.#submitTail, this.#tail);
      const taken = this.#calls.ringEnter(this.#ring, this.waiting, 0, 0);
      if (taken < 0) {
        const errno = this.#calls.errno();
        const isPassing = errno === ErrorNumber.EINTR || errno === ErrorNumber.EAGAIN || errno === ErrorNumber.ENOMEM;
        if (!isPassing || tries >= TRIES_MAX) throw systemRefusal('the operations of an io_uring', errno);
        continue;
      }
      assert(taken > 0, 'a ring takes some of its operations');
      tries = 0;
      this.waiting -= taken;
      this.#takeCompletions(results);
      if (this.#isBehind()) this.#fetchCompletions(results);
    }
  }

  /** Frees the ring. The kernel closes the sockets in its table a little later. */
  shutdown(): void {
    this.#calls.unmap(this.#memory);
    this.#calls.unmap(this.#operationMemory);
    this.#calls.close(this.#ring);
  }

  #add(operation: number, flags: number, descriptor: number, n: number): number {
    assert(this.waiting < this.#entries, 'a ring takes an operation more');
    const at = (this.#tail & (this.#entries - 1)) * OPERATION_BYTES;
    this.#tail = (this.#tail + 1) | 0;
    this.waiting++;
    const operations = this.#operations;
    operations.setUint32(at, operation | (flags << 8), true);
    operations.setInt32(at + DESCRIPTOR_AT, descriptor, true);
    operations.setFloat64(at + OFFSET_AT, 0, true);
    operations.setFloat64(at + ADDRESS_AT, 0, true);
    operations.setFloat64(at + LENGTH_AT, 0, true); // also clears the flags of the operation
    operations.setFloat64(at + NUMBER_AT, 0, true);
    operations.setInt32(at + NUMBER_AT, n, true);
    operations.setFloat64(at + TABLE_PLACE_AT - 4, 0, true); // also clears the place in the table
    return at;
  }

  #setAddress(at: number, buffer: Float64Array, offset: number): void {
    const address = (buffer[0] as number) + offset; // it has one
    this.#operations.setUint32(at, address >>> 0, true);
    this.#operations.setUint32(at + 4, Math.floor(address / 2 ** 32), true);
  }

  /** Whether an operation that was taken has not been completed. */
  #isBehind(): boolean {
    return this.#head !== ((this.#tail - this.waiting) | 0);
  }

  /** Transfers that fail may complete only when completions are asked for: a write to a device that refuses it does. */
  #fetchCompletions(results: Int32Array): void {
    this.#calls.ringEnter(this.#ring, 0, 0, GET_EVENTS);
    this.#takeCompletions(results);
    assert(!this.#isBehind(), 'an operation that may not wait is done at once');
  }

  #takeCompletions(results: Int32Array): void {
    const tail = Atomics.load(this.#words, this.#completeTail);
    while (this.#head !== tail) {
      const word = this.#completions + (this.#head & this.#completionMask) * COMPLETION_WORDS;
      results[this.#words[word] as number] = this.#words[word + RESULT_WORD] as number; // inside the memory
      this.#head = (this.#head + 1) | 0;
    }
    Atomics.store(this.#words, this.#completeHead, this.#head);
  }
}

/** Whether this kernel supports these operations and permits them; in containers they are often forbidden. */
export function hasSocketRings(calls: SystemCalls): boolean {
  const parameters = new Uint8Array(PARAMETERS_BYTES);
  new DataView(parameters.buffer).setUint32(PARAMETER_FLAGS_AT, SETUP_FLAGS, true);
  const ring = calls.ringSetup(PROBE_ENTRIES, parameters);
  if (ring < 0) return false;
  const probe = new Uint8Array(PROBE_BYTES);
  const isProbed = calls.ringRegister(ring, REGISTER_PROBE, probe, PROBE_OPERATIONS) >= 0;
  calls.close(ring);
  const view = new DataView(probe.buffer);
  return (
    isProbed &&
    Object.values(RingOperation).every(
      (operation) => (view.getUint16(PROBE_HEADER_BYTES + 8 * operation + 2, true) & OPERATION_SUPPORTED) !== 0,
    )
  );
}
