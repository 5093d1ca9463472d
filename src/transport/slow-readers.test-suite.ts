/**
 * What a transport does for a peer that does not read: it pushes back, or makes room by sending and ends who does not
 * read in time. Part of the compliance suite; which of the two a transport does is among its traits.
 */
import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { CLAIM_FULL, CLAIM_GONE, CloseReason, type ConnectionEvents } from '../wire/transport.ts';
import { patience } from './patience.test-suite.ts';
import { type MakeEnds, Pair, type ReaderTiming, send, type TransportEnds } from './transport-pair.test-suite.ts';

/** Where room is bounded. */
export function pushesBack(make: MakeEnds): void {
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
export function endsWhoDoesNotRead(make: MakeEnds): void {
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
/**
 * So much is kept waiting for a slow reader: below the limit of one connection, and more than the kernel takes at once.
 */
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

  static async of(test: TestContext, make: MakeEnds): Promise<SlowReader> {
    const pair = await Pair.of(test, make(8));
    const { slot } = await pair.open(1);
    await pair.turn();
    const { readers } = pair.ends;
    assert.ok(readers !== null, 'a switch over sockets times those who read');
    return new SlowReader(pair.ends, readers, slot);
  }
}

/** One rule for all sockets: what waits at a mark must be gone within the time-out, then what waits by then. */
export function timesReaders(make: MakeEnds): void {
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
