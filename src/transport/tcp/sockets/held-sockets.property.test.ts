/**
 * Both ways to hold sockets, over real connections, against a model of the bytes on each. Every operation has its own
 * result, for any number of operations in a batch and any number of tables, and a place is reused only after a close.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checkLeftovers } from '../../../measure/leftovers.test-suite.ts';
import { patience } from '../../patience.test-suite.ts';
import { ErrorNumber } from '../system/error-number.ts';
import { encodeAddress, portOf } from '../system/socket-address.ts';
import { Linux, loadSystemCalls, type SystemCalls, whyNoSystemCalls } from '../system/system-calls.ts';
import { type Hold, holds, LOOPBACK, nextDescriptors } from '../tcp-ends.test-suite.ts';
import { DescriptorSockets } from './descriptor-sockets.ts';
import { type HeldSockets, NO_PLACE } from './held-sockets.ts';
import { RingSockets } from './ring-sockets.ts';

/** More than the places of a table in these tests, so that a batch needs several tables. */
const SOCKETS = 40;
const { SOCK_STREAM, SOCK_NONBLOCK, SOCK_CLOEXEC } = Linux;

/** A connection: one end is held, the other is a plain descriptor of the test. */
interface Line {
  place: number;
  readonly peer: number;
  /** Bytes in flight to the held end. */
  readonly toHeld: number[];
}

class World {
  readonly calls: SystemCalls = loadSystemCalls();
  readonly held: HeldSockets;
  readonly lines: Line[] = [];
  readonly #listener: number;
  readonly #address: Uint8Array;
  readonly #buffer = new Uint8Array(65_536);
  readonly #bufferAddress: number;

  constructor(hold: Hold) {
    this.#bufferAddress = this.calls.addressOf(this.#buffer);
    this.#listener = this.calls.socket(Linux.AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const any = encodeAddress(LOOPBACK, 0);
    assert.equal(this.calls.bind(this.#listener, any, any.length), 0);
    assert.equal(this.calls.listen(this.#listener, 128), 0);
    const name = new Uint8Array(28);
    this.calls.getName(this.#listener, name, Uint8Array.of(name.length, 0, 0, 0));
    this.#address = encodeAddress(LOOPBACK, portOf(name));
    const highest = (nextDescriptors(3 * SOCKETS).at(-1) ?? 0) + 1;
    this.held =
      hold.ringPlaces === null
        ? new DescriptorSockets(this.calls, highest, 4096)
        : new RingSockets(this.calls, SOCKETS, hold.ringPlaces, SOCKETS);
  }

  connect(): void {
    if (this.lines.length === SOCKETS) return;
    const peer = this.calls.socket(Linux.AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert.equal(this.calls.connect(peer, this.#address, this.#address.length), 0);
    const place = this.held.hold(this.calls.accept4(this.#listener, null, null, SOCK_NONBLOCK | SOCK_CLOEXEC));
    assert.notEqual(place, NO_PLACE);
    assert.ok(
      this.lines.every((line) => line.place !== place),
      'a place is used once at a time',
    );
    this.lines.push({ place, peer, toHeld: [] });
  }

  /** The peer sends something; it arrives now or a little later. */
  say(line: Line, bytes: number, serial: number): void {
    for (let i = 0; i < bytes; i++) this.#buffer[i] = (serial + i) & 255;
    assert.equal(this.calls.send(line.peer, this.#bufferAddress, bytes, Linux.MSG_NOSIGNAL), bytes);
    line.toHeld.push(...this.#buffer.subarray(0, bytes));
  }

  /** Requests all receives of a batch at once, and compares each result with the bytes of its own socket. */
  receive(lines: readonly Line[], isAsked: (n: number) => boolean): void {
    this.held.beginReceives();
    lines.forEach((line, n) => {
      if (isAsked(n)) this.held.askReceive(n, line.place);
    });
    this.held.runReceives();
    lines.forEach((line, n) => {
      this.#check(line, n, this.held.takeReceive(n, line.place));
    });
  }

  /** Sends a part of the output on each socket, with the maximum of sends per batch. */
  send(lines: readonly Line[], bytes: number): void {
    for (let from = 0; from < lines.length; from += this.held.sendsMax) {
      const batch = lines.slice(from, from + this.held.sendsMax);
      batch.forEach((line, n) => {
        const at = n * bytes;
        for (let i = 0; i < bytes; i++) this.held.outputBytes[at + i] = (line.place + i) & 255;
        this.held.askSend(n, line.place, at, bytes);
      });
      this.held.runSends();
      batch.forEach((line, n) => {
        assert.equal(this.held.sendResult(n), bytes);
        const expected = Array.from({ length: bytes }, (_, i) => (line.place + i) & 255);
        assert.deepEqual(this.#hear(line, bytes), expected, 'each peer gets its own part');
      });
    }
  }

  close(line: Line): void {
    this.held.close(line.place);
    this.held.settle();
    this.lines.splice(this.lines.indexOf(line), 1);
    assert.deepEqual(this.#hear(line, 1), [], 'its peer sees the end');
    this.calls.close(line.peer);
  }

  shutdown(): void {
    for (const line of [...this.lines]) this.close(line);
    this.held.shutdown();
    this.calls.close(this.#listener);
  }

  /** Receives until nothing is in flight. */
  receiveAll(): void {
    const isWhole = (): boolean => this.lines.every(({ toHeld }) => toHeld.length === 0);
    for (const isPatient = patience(); !isWhole() && isPatient(); ) this.receive(this.lines, () => true);
    assert.ok(isWhole(), 'all arrives');
  }

  #check(line: Line, n: number, got: number): void {
    if (got === -ErrorNumber.EAGAIN) return; // nothing has arrived yet
    const expected = line.toHeld.splice(0, Math.max(0, got));
    assert.ok(got > 0 && got <= this.held.receiveBytes && got === expected.length, `${got} bytes, or an error`);
    const at = this.held.receivedAt(n);
    const bytes = Array.from({ length: got }, (_, i) => this.held.received.getUint8(at + i));
    assert.deepEqual(bytes, expected, 'each event has its own part');
  }

  /** The bytes that a peer receives: a given number, or fewer if the connection ends. */
  #hear({ peer }: Line, bytes: number): number[] {
    const heard: number[] = [];
    for (const isPatient = patience(); heard.length < bytes && isPatient(); ) {
      const got = this.calls.recv(peer, this.#bufferAddress, bytes - heard.length, Linux.MSG_DONTWAIT);
      if (got < 0 && this.calls.errno() === ErrorNumber.EAGAIN) continue;
      if (got <= 0) return heard;
      heard.push(...this.#buffer.subarray(0, got));
    }
    assert.equal(heard.length, bytes, 'a peer hears something, or the end');
    return heard;
  }
}

const action = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('connect' as const), count: fc.integer({ min: 1, max: 30 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('say' as const),
      which: fc.nat(),
      bytes: fc.integer({ min: 1, max: 6000 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('receive' as const), skip: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('send' as const), bytes: fc.integer({ min: 1, max: 500 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('close' as const, 'borrow' as const), which: fc.nat() }) },
);
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

function act(world: World, step: Action, serial: number): void {
  const { lines, held, calls } = world;
  if (step.kind === 'connect') {
    for (let n = 0; n < step.count; n++) world.connect();
  } else if (step.kind === 'receive') {
    world.receive(lines, (n) => n % step.skip === 0);
  } else if (step.kind === 'send') {
    world.send(lines, step.bytes);
  } else {
    const line = lines[step.which % Math.max(1, lines.length)];
    if (line === undefined) return;
    if (step.kind === 'say') world.say(line, step.bytes, serial);
    else if (step.kind === 'close') world.close(line);
    else {
      const borrowed = held.borrow(line.place);
      const name = new Uint8Array(28);
      assert.equal(calls.getName(borrowed, name, Uint8Array.of(name.length, 0, 0, 0)), 0, 'it is a socket');
      held.giveBack(borrowed);
    }
  }
}

describe('held sockets', { skip: whyNoSystemCalls() ?? false }, () => {
  checkLeftovers();
  for (const hold of holds()) {
    it(`give each operation of a batch its own result: held by ${hold.name}`, () => {
      let most = 0;
      fc.assert(
        fc.property(fc.array(action, { minLength: 5, maxLength: 40, size: 'max' }), (script) => {
          const world = new World(hold);
          try {
            for (const [serial, step] of script.entries()) {
              act(world, step, serial);
              most = Math.max(most, world.lines.length);
            }
            world.receiveAll();
          } finally {
            world.shutdown();
          }
        }),
        // A failure is not shrunk, because the kernel's timing cannot be replayed.
        { numRuns: 15, endOnFailure: true },
      );
      assert.ok(most > 2 * (hold.ringPlaces ?? 1), `some batches went over several tables: ${most}`);
    });

    it(`have no place for a socket beyond the last, and one again after a close: held by ${hold.name}`, () => {
      const world = new World(hold);
      try {
        for (let n = 0; n < SOCKETS; n++) world.connect();
        if (hold.ringPlaces === null) return; // the limit of open files is the only one
        const { calls, held } = world;
        const another = calls.socket(Linux.AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        assert.equal(held.hold(another), NO_PLACE);
        calls.close(another);
        const [first] = world.lines;
        assert.ok(first !== undefined);
        world.close(first);
        world.connect();
        assert.equal(world.lines.at(-1)?.place, first.place);
      } finally {
        world.shutdown();
      }
    });
  }
});
