/**
 * Sockets whose kernel a test scripts: each send takes as many bytes as the test says, or fails with an error that a
 * real kernel gives too rarely to wait for, such as a lack of memory.
 */
import type { HeldSockets } from '../sockets/held-sockets.ts';

export class ScriptedSockets implements HeldSockets {
  readonly bytes = 0;
  readonly received = new DataView(new ArrayBuffer(0));
  readonly receiveBytes = 0;
  readonly outputBytes: Uint8Array;
  readonly output: DataView;
  readonly sendsMax: number;
  /** What the next send to a place does: the most bytes that it takes, or the negative number of an error. */
  readonly next = new Map<number, number>();
  /** What each peer has received. */
  readonly arrived = new Map<number, number[]>();
  readonly #asked: { place: number; at: number; bytes: number; result: number }[] = [];

  constructor(outputBytes: number, sendsMax: number) {
    this.outputBytes = new Uint8Array(outputBytes);
    this.output = new DataView(this.outputBytes.buffer);
    this.sendsMax = sendsMax;
  }

  send(place: number, at: number, bytes: number): number {
    const takes = this.next.get(place) ?? Number.POSITIVE_INFINITY;
    if (takes < 0) return takes;
    const taken = Math.min(bytes, takes);
    const own = this.arrived.get(place) ?? [];
    own.push(...this.outputBytes.subarray(at, at + taken));
    this.arrived.set(place, own);
    return taken;
  }

  askSend(n: number, place: number, at: number, bytes: number): void {
    this.#asked[n] = { place, at, bytes, result: 0 };
  }

  runSends(): void {
    for (const one of this.#asked) one.result = this.send(one.place, one.at, one.bytes);
  }

  sendResult(n: number): number {
    const result = this.#asked[n]?.result ?? Number.NaN;
    if (n === this.#asked.length - 1) this.#asked.length = 0;
    return result;
  }

  hold(): number {
    return 0;
  }
  close(): void {}
  settle(): void {}
  borrow(): number {
    return 0;
  }
  giveBack(): void {}
  beginReceives(): void {}
  askReceive(): void {}
  runReceives(): void {}
  takeReceive(): number {
    return 0;
  }
  receive(): number {
    return 0;
  }
  receivedAt(): number {
    return 0;
  }
  shutdown(): void {}
}
