/**
 * What every transport must do, as one suite of tests: a transport's own test file calls it with
 * a way to make both ends. Both ends are driven by polling from one thread here.
 */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import {
  CLAIM_FULL,
  CLAIM_GONE,
  type ClientTransport,
  CloseReason,
  type ConnectionEvents,
  type Transport,
} from '../wire/transport.ts';
import { answersOneLargeChunk } from './large-chunk.test-suite.ts';
import { patience } from './patience.test-suite.ts';

export interface TransportEnds {
  readonly phones: ClientTransport;
  readonly shard: Transport;
  /** Lets what is under way arrive, where a kernel or an event loop lies in between. */
  readonly settle: () => void | Promise<void>;
  /** Ends both, where there is something to end. */
  readonly close?: () => void | Promise<void>;
  /** How the switch times peers that do not read; null where a ring pushes back instead. */
  readonly readers: ReaderTiming | null;
}

export interface ReaderTiming {
  /** The switch's clock. */
  readonly clock: { micros: number };
  readonly timeoutMicros: number;
  /** Bytes that wait in the switch for a peer, beyond the kernel. */
  waitingBytes(slot: number): number;
}

/** Where transports truly differ. */
export interface TransportTraits {
  /** The other end learns why a connection was closed; over a socket it sees only that it was. */
  readonly reasonsTravel: boolean;
  /** A connection beyond the table is refused; TCP cannot: it opens and is closed at once. */
  readonly refusesBeforeOpening: boolean;
  /** What finds no room is sent to make some, so there always is; a peer that does not read is ended instead. */
  readonly alwaysHasRoom: boolean;
}

const MEMORY_TRAITS: TransportTraits = { reasonsTravel: true, refusesBeforeOpening: true, alwaysHasRoom: false };
/** A transport over bare sockets. */
export const SOCKET_TRAITS: TransportTraits = {
  reasonsTravel: false,
  refusesBeforeOpening: false,
  alwaysHasRoom: false,
};

/** Everything that one end was told, in words. */
class Journal implements ConnectionEvents {
  readonly lines: string[] = [];
  readonly received = new Map<number, number[]>();
  /** Tokens, in the order in which they opened. */
  readonly openings: number[] = [];
  /** Connection by token (phones) or by itself (switch). */
  readonly connections = new Map<number, number>();
  /** How many bytes to take of each offer; all of them by default. */
  appetite = Number.POSITIVE_INFINITY;

  opened(token: number, connection: number): void {
    this.connections.set(token, connection);
    this.openings.push(token);
    this.lines.push(`opened ${token}`);
  }

  refused(token: number, reason: number): void {
    this.lines.push(`refused ${token} ${reason}`);
  }

  closed(token: number, _connection: number, reason: number): void {
    this.lines.push(`closed ${token} ${reason}`);
  }

  hasClosed(token: number): boolean {
    return this.lines.some((line) => line.startsWith(`closed ${token} `));
  }

  bytes(token: number, _connection: number, view: DataView, start: number, end: number): number {
    const taken = Math.min(this.appetite, end - start);
    const list = this.received.get(token) ?? [];
    for (let at = start; at < start + taken; at++) list.push(view.getUint8(at));
    this.received.set(token, list);
    return taken;
  }
}

const TURNS = 50;

class Pair {
  readonly ends: TransportEnds;
  readonly phoneSide = new Journal();
  readonly switchSide = new Journal();

  constructor(ends: TransportEnds) {
    this.ends = ends;
  }

  /** Ends are closed when the test is over, however it ends. */
  static async of(test: TestContext, ends: TransportEnds | Promise<TransportEnds>): Promise<Pair> {
    const pair = new Pair(await ends);
    test.after(() => pair.ends.close?.());
    return pair;
  }

  async step(): Promise<void> {
    this.ends.phones.poll(this.phoneSide, 64);
    this.ends.shard.poll(this.switchSide, 64);
    this.ends.phones.flush();
    this.ends.shard.flush();
    await this.ends.settle();
  }

  async turn(): Promise<void> {
    for (let n = 0; n < TURNS; n++) await this.step();
  }

  /** Steps until something holds: fails if it never does. */
  async until(holds: () => boolean, what: string): Promise<void> {
    for (const isPatient = patience(); !holds() && isPatient(); ) await this.step();
    assert.ok(holds(), what);
  }

  async open(token: number): Promise<{ phone: number; slot: number }> {
    const before = this.switchSide.openings.length;
    assert.equal(this.ends.phones.connect(0, token), true);
    await this.until(
      () => this.phoneSide.connections.has(token) && this.switchSide.openings.length > before,
      `phone ${token} connects`,
    );
    return { phone: this.connectionOf(token), slot: this.switchSide.openings[before] as number }; // it has just opened
  }

  async untilLine(journal: Journal, line: string): Promise<void> {
    await this.until(() => journal.lines.includes(line), `${line} is among: ${journal.lines.join(', ')}`);
  }

  async untilReceived(journal: Journal, token: number, bytes: readonly number[]): Promise<void> {
    await this.until(() => (journal.received.get(token)?.length ?? 0) >= bytes.length, `${token} hears something`);
    assert.deepEqual(journal.received.get(token), bytes);
  }

  connectionOf(token: number): number {
    const connection = this.phoneSide.connections.get(token);
    assert.ok(connection !== undefined, `phone ${token} is connected`);
    return connection;
  }
}

function send(transport: Transport, connection: number, bytes: readonly number[]): boolean {
  const at = transport.claim(connection, bytes.length, 0);
  if (at < 0) return false;
  bytes.forEach((byte, i) => {
    transport.output.setUint8(at + i, byte);
  });
  transport.commit();
  return true;
}

/**
 * Registers the suite for one transport. `make` gets the number of connections a shard can hold
 * and makes ends that stage at most some 100 kB.
 */
export function transportCompliance(name: string, make: Maker, traits: TransportTraits = MEMORY_TRAITS): void {
  const reasonSeen = (reason: number): number => (traits.reasonsTravel ? reason : CloseReason.PEER_CLOSED);

  describe(`transport ${name}`, () => {
    it('carries bytes both ways, in order, each to its own connection', async (test) => {
      const pair = await Pair.of(test, make(8));
      const first = await pair.open(11);
      const second = await pair.open(22);
      send(pair.ends.phones, first.phone, [1, 2, 3]);
      send(pair.ends.phones, second.phone, [9]);
      send(pair.ends.phones, first.phone, [4, 5]);
      send(pair.ends.shard, second.slot, [7, 8]);
      await pair.untilReceived(pair.switchSide, first.slot, [1, 2, 3, 4, 5]);
      await pair.untilReceived(pair.switchSide, second.slot, [9]);
      await pair.untilReceived(pair.phoneSide, 22, [7, 8]);
      assert.equal(pair.phoneSide.received.has(11), false);
    });

    it('shows nothing before it is flushed', async (test) => {
      const pair = await Pair.of(test, make(8));
      const { phone } = await pair.open(1);
      await pair.turn(); // whatever else there is to know of a new connection is known
      send(pair.ends.phones, phone, [1]);
      await pair.ends.settle();
      assert.equal(pair.ends.shard.hasInput(), false);
      pair.ends.phones.flush();
      for (const isPatient = patience(); !pair.ends.shard.hasInput() && isPatient(); ) await pair.ends.settle();
      assert.equal(pair.ends.shard.hasInput(), true);
    });

    it('offers again what was not taken, without loss', async (test) => {
      const pair = await Pair.of(test, make(8));
      const { phone, slot } = await pair.open(1);
      const bytes = Array.from({ length: 100 }, (_, i) => i);
      pair.switchSide.appetite = 3;
      send(pair.ends.phones, phone, bytes);
      await pair.untilReceived(pair.switchSide, slot, bytes);
    });

    it('has room for the answers to one large chunk, also where messages take the rest', async (test) => {
      const { ends } = await Pair.of(test, make(8));
      await answersOneLargeChunk(ends);
    });

    if (traits.alwaysHasRoom) endsWhoDoesNotRead(make);
    else pushesBack(make);
    if (!traits.reasonsTravel) timesReaders(make);

    it("tells the phone the switch's reason for closing, and the switch that it is closed", async (test) => {
      const pair = await Pair.of(test, make(8));
      const { phone, slot } = await pair.open(5);
      assert.equal(pair.ends.shard.close(slot, CloseReason.HEARTBEAT_MISSED), true);
      await pair.untilLine(pair.phoneSide, `closed 5 ${reasonSeen(CloseReason.HEARTBEAT_MISSED)}`);
      assert.equal(pair.ends.phones.release(phone), true);
      await pair.until(() => pair.switchSide.hasClosed(slot), 'the switch is told');
    });

    it('sends what was committed before a close', async (test) => {
      const pair = await Pair.of(test, make(8));
      const { slot } = await pair.open(5);
      send(pair.ends.shard, slot, [1, 2, 3]);
      pair.ends.shard.close(slot, CloseReason.LOGIN_REFUSED);
      await pair.untilLine(pair.phoneSide, `closed 5 ${reasonSeen(CloseReason.LOGIN_REFUSED)}`);
      assert.deepEqual(pair.phoneSide.received.get(5), [1, 2, 3]);
    });

    it('tells the switch that a phone hung up, after all that it sent', async (test) => {
      const pair = await Pair.of(test, make(8));
      const { phone, slot } = await pair.open(5);
      send(pair.ends.phones, phone, [1, 2]);
      pair.ends.phones.close(phone, CloseReason.PHONE_LEFT);
      await pair.untilLine(pair.switchSide, `closed ${slot} ${reasonSeen(CloseReason.PHONE_LEFT)}`);
      assert.deepEqual(pair.switchSide.received.get(slot), [1, 2]);
      await pair.turn();
      assert.equal(pair.phoneSide.hasClosed(5), false, 'who hangs up hears no more of it');
    });

    it('leaves the switch with half a connection when a phone vanishes, which it can close', async (test) => {
      const pair = await Pair.of(test, make(8));
      const { phone, slot } = await pair.open(5);
      assert.equal(pair.ends.phones.vanish(phone), true);
      await pair.turn();
      assert.equal(pair.switchSide.hasClosed(slot), false, 'nobody said a word');
      assert.ok(send(pair.ends.shard, slot, [1]), 'it can be written to, as to a dead network');
      await pair.turn();
      assert.equal(pair.phoneSide.received.has(5), false);
      pair.ends.shard.close(slot, CloseReason.HEARTBEAT_MISSED);
      await pair.until(() => pair.switchSide.hasClosed(slot), 'the switch is told');
      assert.equal(pair.phoneSide.hasClosed(5), false);
    });

    it('refuses a connection beyond its table, and takes one again when a row was released', async (test) => {
      const pair = await Pair.of(test, make(2));
      const first = await pair.open(1);
      await pair.open(2);
      pair.ends.phones.connect(0, 3);
      const refused = traits.refusesBeforeOpening;
      await pair.untilLine(
        pair.phoneSide,
        refused ? `refused 3 ${CloseReason.TABLE_FULL}` : `closed 3 ${CloseReason.PEER_CLOSED}`,
      );
      pair.ends.phones.close(first.phone, CloseReason.PHONE_LEFT);
      await pair.until(() => pair.switchSide.hasClosed(first.slot), 'the switch is told');
      assert.equal(pair.ends.shard.release(first.slot), true);
      const fourth = await pair.open(4);
      assert.equal(fourth.slot, first.slot, 'the row is used again');
    });
  });
}

type Maker = (slots: number) => TransportEnds | Promise<TransportEnds>;

/** Where room is bounded. */
function pushesBack(make: Maker): void {
  it('pushes back when the other side does not read, and loses nothing of what it took', async (test) => {
    const pair = await Pair.of(test, make(8));
    const { phone, slot } = await pair.open(1);
    let sent = 0;
    while (sent < 1e6 && send(pair.ends.phones, phone, [sent & 255])) sent++;
    assert.equal(pair.ends.phones.claim(phone, 1, 0), CLAIM_FULL);
    assert.ok(sent > 100 && sent < 1e6, 'bounded');
    await pair.until(() => (pair.switchSide.received.get(slot)?.length ?? 0) >= sent, 'all arrives');
    const received = pair.switchSide.received.get(slot) ?? [];
    assert.equal(received.length, sent);
    assert.ok(received.every((byte, i) => byte === (i & 255)));
    assert.equal(send(pair.ends.phones, phone, [1]), true, 'there is room again');
  });

  it('keeps the room that output which may wait leaves for output which must not fail', async (test) => {
    const pair = await Pair.of(test, make(8));
    const { phone } = await pair.open(1);
    while (pair.ends.phones.claim(phone, 64, 4096) >= 0) pair.ends.phones.commit();
    assert.ok(pair.ends.phones.claim(phone, 64, 0) >= 0);
  });
}

/** Where room is made by sending. */
function endsWhoDoesNotRead(make: Maker): void {
  it('ends a peer that does not read, a bounded number of bytes later, and loses nothing before', async (test) => {
    const pair = await Pair.of(test, make(8));
    const { phone, slot } = await pair.open(1);
    const other = await pair.open(2);
    const block = Array.from({ length: 256 }, (_, i) => i);
    let sent = 0;
    while (sent < 64e6 && send(pair.ends.phones, phone, block)) sent += block.length;
    assert.equal(pair.ends.phones.claim(phone, 1, 0), CLAIM_GONE);
    assert.ok(sent > 65_536 && sent < 64e6, `bounded: ${sent}`);
    await pair.untilLine(pair.phoneSide, `closed 1 ${CloseReason.SLOW_READER}`);
    await pair.until(() => pair.switchSide.hasClosed(slot), 'the other side sees the end');
    const received = pair.switchSide.received.get(slot) ?? [];
    assert.ok(received.length <= sent);
    assert.ok(received.every((byte, i) => byte === (i & 255)));
    send(pair.ends.phones, other.phone, [1, 2]);
    await pair.untilReceived(pair.switchSide, other.slot, [1, 2]);
  });
}

const READER_BLOCK_BYTES = 2000;
/** So much is kept waiting for a slow reader: below the limit of one connection, and more than the kernel takes at once. */
const KEPT_WAITING_BYTES = 60_000;

/** A switch and one peer that reads only when it is told to. */
class SlowReader implements ConnectionEvents {
  readonly ends: TransportEnds;
  readonly timing: ReaderTiming;
  readonly slot: number;
  readonly closings: number[] = [];
  sentBytes = 0;
  receivedBytes = 0;
  #noise = 1;

  constructor(ends: TransportEnds, timing: ReaderTiming, slot: number) {
    this.ends = ends;
    this.timing = timing;
    this.slot = slot;
  }

  opened(): void {}
  refused(): void {}

  bytes(_token: number, _connection: number, _view: DataView, start: number, end: number): number {
    this.receivedBytes += end - start;
    return end - start;
  }

  closed(_token: number, _connection: number, reason: number): void {
    this.closings.push(reason);
  }

  /** The switch sends until so much waits, and looks at its clock. */
  send(waitingBytes: number): void {
    while (this.timing.waitingBytes(this.slot) < waitingBytes) {
      const at = this.ends.shard.claim(this.slot, READER_BLOCK_BYTES, 0);
      if (at < 0) break;
      this.#fillWithNoise(at);
      this.ends.shard.commit();
      this.ends.shard.flush();
      this.sentBytes += READER_BLOCK_BYTES;
    }
    this.ends.shard.poll(this, 64);
  }

  /** The peer reads a little. */
  read(): void {
    this.ends.phones.poll(this, 1);
  }

  /** Bytes that do not compress: of others a socket takes so many that it is full only after half a minute. */
  #fillWithNoise(at: number): void {
    for (let byte = 0; byte < READER_BLOCK_BYTES; byte++) {
      this.#noise = (Math.imul(this.#noise, 1_664_525) + 1_013_904_223) | 0; // Knuth's and Lewis' generator
      this.ends.shard.output.setUint8(at + byte, this.#noise >>> 24);
    }
  }

  static async of(test: TestContext, make: Maker): Promise<SlowReader> {
    const pair = await Pair.of(test, make(8));
    const { slot } = await pair.open(1);
    await pair.turn();
    const { readers } = pair.ends;
    assert.ok(readers !== null, 'a switch over sockets times those who read');
    return new SlowReader(pair.ends, readers, slot);
  }
}

/** One rule for all sockets: what waits at a mark must be gone within the time-out, then what waits by then. */
function timesReaders(make: Maker): void {
  it('keeps a peer that reads slowly but steadily, though something always waits for it', async (test) => {
    const reader = await SlowReader.of(test, make);
    const { clock, timeoutMicros } = reader.timing;
    reader.send(KEPT_WAITING_BYTES);
    for (let round = 0; round < 6; round++) {
      const marked = reader.sentBytes;
      for (const isPatient = patience(); reader.receivedBytes < marked && isPatient(); ) {
        reader.read();
        reader.send(KEPT_WAITING_BYTES);
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.ok(reader.receivedBytes >= marked, 'the peer reads');
      reader.send(KEPT_WAITING_BYTES);
      clock.micros += 0.75 * timeoutMicros;
      reader.send(KEPT_WAITING_BYTES);
      assert.deepEqual(reader.closings, [], `after round ${round}`);
    }
  });

  it('ends a peer that reads nothing for the time-out', async (test) => {
    const reader = await SlowReader.of(test, make);
    const { clock, timeoutMicros } = reader.timing;
    const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));
    let stuckTurns = 0; // a socket may be full for a moment only
    for (const isPatient = patience(); stuckTurns < 50 && isPatient(); stuckTurns++) {
      if (reader.timing.waitingBytes(reader.slot) === 0) stuckTurns = 0;
      reader.send(1);
      await breathe();
    }
    clock.micros += timeoutMicros / 2;
    reader.send(1);
    assert.deepEqual(reader.closings, [], 'it still has time');
    clock.micros += 2 * timeoutMicros;
    for (const isPatient = patience(); reader.closings.length === 0 && isPatient(); ) {
      reader.send(1); // a kernel that only paused has taken what waited: then something must wait again
      await breathe();
      clock.micros += timeoutMicros / 1000;
    }
    assert.deepEqual(reader.closings, [CloseReason.SLOW_READER]);
  });
}
