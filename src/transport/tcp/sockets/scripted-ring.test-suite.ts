/**
 * A kernel's side of io_uring in memory, which does what a test tells it: it takes only some operations, fails, or
 * completes late, as a real one does when memory is short. Layouts: <linux/io_uring.h>.
 */
import assert from 'node:assert/strict';
import type { SystemCalls } from '../system/system-calls.ts';

export const RING = 77;
export const ENTRIES = 8;

const SUBMIT_TAIL_AT = 0;
const COMPLETE_HEAD_AT = 4;
const COMPLETE_TAIL_AT = 8;
const COMPLETIONS_AT = 64;
const COMPLETE_ENTRIES = 2 * ENTRIES;
const COMPLETION_BYTES = 16;
const OPERATION_BYTES = 64;
const OPERATIONS_OFFSET = 0x10000000;
const GET_EVENTS = 1;

/** An operation as the kernel reads it. */
export interface Operation {
  readonly code: number;
  readonly flags: number;
  readonly descriptor: number;
  readonly offset: bigint;
  readonly address: bigint;
  readonly length: number;
  readonly operationFlags: number;
  readonly number: bigint;
  readonly tablePlace: number;
}

/** What one call of io_uring_enter does. */
export type Behaviour =
  | { readonly kind: 'fails'; readonly errno: number }
  /** Takes at most so many operations; they complete at once, or when completions are asked for. */
  | { readonly kind: 'takes'; readonly most: number; readonly isLate: boolean };

const TAKES_ALL: Behaviour = { kind: 'takes', most: ENTRIES, isLate: false };

export class ScriptedKernel {
  /** What the next calls do; then all is taken and done at once. */
  readonly script: Behaviour[] = [];
  readonly done: Operation[] = [];
  readonly closed: number[] = [];
  readonly unmapped: ArrayBuffer[] = [];
  /** The steps of making a ring that fail. */
  readonly failing = new Set<'setup' | 'register' | 'map completions' | 'map operations'>();
  entered = 0;
  /** What a probe is told of each operation: bit 0 says that it is there. */
  supports: (operation: number) => boolean = () => true;
  resultOf: (operation: Operation) => number = () => 0;
  readonly memory = new ArrayBuffer(COMPLETIONS_AT + COMPLETE_ENTRIES * COMPLETION_BYTES);
  readonly operations = new ArrayBuffer(ENTRIES * OPERATION_BYTES);
  readonly #view = new DataView(this.memory);
  readonly #late: [number: bigint, result: number][] = [];
  #head = 0;
  #errno = 0;

  readonly calls = {
    ringSetup: (_entries: number, bytes: Uint8Array) => {
      if (this.failing.has('setup')) return -1;
      const parameters = new DataView(bytes.buffer);
      parameters.setUint32(0, ENTRIES, true);
      parameters.setUint32(4, COMPLETE_ENTRIES, true);
      parameters.setUint32(44, SUBMIT_TAIL_AT, true);
      parameters.setUint32(80, COMPLETE_HEAD_AT, true);
      parameters.setUint32(84, COMPLETE_TAIL_AT, true);
      parameters.setUint32(100, COMPLETIONS_AT, true);
      return RING;
    },
    ringRegister: (ring: number, _operation: number, argument: Uint8Array) => {
      assert.equal(ring, RING);
      if (this.failing.has('register')) return -1;
      for (let code = 0; 16 + 8 * code + 8 <= argument.length; code++) {
        if (this.supports(code)) argument[16 + 8 * code + 2] = 1;
      }
      return 0;
    },
    mapShared: (ring: number, _bytes: number, offset: number) => {
      assert.equal(ring, RING);
      if (this.failing.has(offset === OPERATIONS_OFFSET ? 'map operations' : 'map completions')) return null;
      return offset === OPERATIONS_OFFSET ? this.operations : this.memory;
    },
    ringEnter: (ring: number, submit: number, _complete: number, flags: number) => this.#enter(ring, submit, flags),
    unmap: (memory: ArrayBuffer) => void this.unmapped.push(memory),
    close: (descriptor: number) => this.closed.push(descriptor) * 0,
    addressOf: () => 2 ** 40,
    errno: () => this.#errno,
  } as unknown as SystemCalls; // a ring makes no other calls

  /** Completions that the ring has not taken. */
  get unread(): number {
    return this.#view.getInt32(COMPLETE_TAIL_AT, true) - this.#view.getInt32(COMPLETE_HEAD_AT, true);
  }

  #enter(ring: number, submit: number, flags: number): number {
    assert.equal(ring, RING);
    this.entered++;
    if (flags === GET_EVENTS) {
      assert.equal(submit, 0);
      for (const [number, result] of this.#late.splice(0)) this.#complete(number, result);
      return 0;
    }
    const waiting = this.#view.getInt32(SUBMIT_TAIL_AT, true) - this.#head;
    assert.equal(submit, waiting, 'it says how many it has written');
    const behaviour = this.script.shift() ?? TAKES_ALL;
    if (behaviour.kind === 'fails') {
      this.#errno = behaviour.errno;
      return -1;
    }
    const taken = Math.min(behaviour.most, waiting);
    for (let n = 0; n < taken; n++) {
      const operation = this.#read((this.#head++ % ENTRIES) * OPERATION_BYTES);
      this.done.push(operation);
      const completion: [bigint, number] = [operation.number, this.resultOf(operation)];
      if (behaviour.isLate) this.#late.push(completion);
      else this.#complete(...completion);
    }
    return taken;
  }

  #read(at: number): Operation {
    const view = new DataView(this.operations, at, OPERATION_BYTES);
    return {
      code: view.getUint8(0),
      flags: view.getUint8(1),
      descriptor: view.getInt32(4, true),
      offset: view.getBigUint64(8, true),
      address: view.getBigUint64(16, true),
      length: view.getUint32(24, true),
      operationFlags: view.getUint32(28, true),
      number: view.getBigUint64(32, true),
      tablePlace: view.getInt32(44, true),
    };
  }

  #complete(number: bigint, result: number): void {
    const tail = this.#view.getInt32(COMPLETE_TAIL_AT, true);
    assert.ok(this.unread < COMPLETE_ENTRIES, 'completions have room');
    const at = COMPLETIONS_AT + (tail % COMPLETE_ENTRIES) * COMPLETION_BYTES;
    this.#view.setBigUint64(at, number, true);
    this.#view.setInt32(at + 8, result, true);
    this.#view.setInt32(COMPLETE_TAIL_AT, tail + 1, true);
  }
}
