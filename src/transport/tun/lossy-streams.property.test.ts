/**
 * Whatever a network does to packets: each stream of bytes arrives once and in order, or its connection ends with a
 * reason.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { mixPair } from '../../base/pseudo-random.ts';
import { triedCases } from '../../base/tried-cases.test-suite.ts';
import { CloseReason } from '../../wire/transport.ts';
import { Journal, send } from '../transport-pair.test-suite.ts';
import { SETTINGS, type TunEnds, tunEnds } from './tun-ends.test-suite.ts';

const CONNECTIONS = 3;
const JUMP_MICROS_MAX = 1e6;
const VIRTUAL_MICROS_MAX = 3600e6;
/** Room in front of the wrap: less than a connection sends. */
const BEFORE_WRAP = 2000;
const SEQUENCES_PER_MILLI = 250;

/** The time at which the first sequence number of the first connection is just before 2^32. */
function microsBeforeWrap(): number {
  const left = (-BEFORE_WRAP - mixPair(0, SETTINGS.seed)) >>> 0;
  return Math.floor(left / SEQUENCES_PER_MILLI) * 1000;
}

const byteOf = (stream: number, index: number): number => mixPair(stream, index) & 0xff;

interface Chunk {
  readonly connection: number;
  readonly isPhone: boolean;
  readonly bytes: number;
  readonly afterMicros: number;
}

class World {
  readonly ends: TunEnds;
  readonly phones = new Journal();
  readonly shard = new Journal();
  /** Bytes sent, by stream: even numbers from phones, odd ones to them. */
  readonly sent = new Map<number, number>();

  constructor(ends: TunEnds) {
    this.ends = ends;
  }

  turn(): void {
    const { phones, shard, clock, phonePort } = this.ends;
    let done = phones.poll(this.phones, 16) + shard.poll(this.shard, 16);
    phones.flush();
    shard.flush();
    if (done === 0 && phones.hasInput()) done++;
    if (done > 0 || shard.hasInput()) return;
    const until = Math.min(phones.untilDueMicros(JUMP_MICROS_MAX), shard.untilDueMicros(JUMP_MICROS_MAX));
    clock.advance(Math.max(500, phonePort.untilArrivalMicros(shard.port.untilArrivalMicros(until))));
  }

  /** @returns whether it holds within the time. */
  until(holds: () => boolean): boolean {
    const end = this.ends.clock.nowMicros() + VIRTUAL_MICROS_MAX;
    while (!holds()) {
      if (this.ends.clock.nowMicros() > end) return false;
      this.turn();
    }
    return true;
  }

  pass(micros: number): void {
    for (const end = this.ends.clock.nowMicros() + micros; this.ends.clock.nowMicros() < end; ) this.turn();
  }

  write(stream: number, connection: number, bytes: number): void {
    const from = this.sent.get(stream) ?? 0;
    const block = Array.from({ length: bytes }, (_, i) => byteOf(stream, from + i));
    const transport = stream % 2 === 0 ? this.ends.phones : this.ends.shard;
    if (send(transport, connection, block)) this.sent.set(stream, from + bytes);
  }
}

const faults = fc.record({
  lossPerMille: fc.constantFrom(0, 10, 50, 200),
  duplicatesPerMille: fc.constantFrom(0, 20, 200),
  latePerMille: fc.constantFrom(0, 50, 300),
  lateMicros: fc.constantFrom(1000, 30_000, 400_000),
  damagedPerMille: fc.constantFrom(0, 0, 30),
  delayMicros: fc.constantFrom(0, 2000, 150_000),
});
const chunks = fc.array(
  fc.record({
    connection: fc.nat({ max: CONNECTIONS - 1 }),
    isPhone: fc.boolean(),
    bytes: fc.constantFrom(1, 20, 100, 700, 2000),
    afterMicros: fc.constantFrom(0, 0, 0, 1000, 50_000),
  }),
  { maxLength: 40 },
);

/** Opens the connections. @returns the slots of the server by phone; connections that were refused have none. */
function open(world: World): (number | undefined)[] {
  const slots: (number | undefined)[] = [];
  for (let phone = 0; phone < CONNECTIONS; phone++) {
    const before = world.shard.openings.length;
    world.ends.phones.connect(0, phone);
    const isOver = (): boolean =>
      world.phones.connections.has(phone) || world.phones.lines.includes(`refused ${phone} 14`);
    assert.ok(world.until(isOver), 'an attempt to connect ends');
    if (!world.phones.connections.has(phone)) continue;
    // A server learns of the connection with the phone's next segment, which may be lost: this one is sent again.
    world.write(2 * phone, world.phones.connections.get(phone) ?? 0, 1);
    world.until(() => world.shard.openings.length > before || world.phones.hasClosed(phone));
    slots[phone] = world.shard.openings[before];
  }
  return slots;
}

function check(world: World, slots: (number | undefined)[]): void {
  for (let phone = 0; phone < CONNECTIONS; phone++) {
    const slot = slots[phone];
    if (slot === undefined) continue;
    const isBroken = [...world.phones.lines, ...world.shard.lines].some((line) =>
      line.endsWith(` ${CloseReason.BROKEN}`),
    );
    for (const [stream, received] of [
      [2 * phone, world.shard.received.get(slot)],
      [2 * phone + 1, world.phones.received.get(phone)],
    ] as const) {
      const bytes = received ?? [];
      const wrong = bytes.findIndex((byte, i) => byte !== byteOf(stream, i));
      assert.equal(wrong, -1, `stream ${stream} differs at ${wrong}`);
      const sent = world.sent.get(stream) ?? 0;
      assert.ok(bytes.length <= sent, 'nothing arrives that was not sent');
      assert.ok(isBroken || bytes.length === sent, `stream ${stream}: ${bytes.length} of ${sent} bytes`);
    }
  }
}

it('carries streams both ways over a network that loses, delays, doubles, swaps and damages packets', () => {
  const property = fc.property(
    faults,
    chunks,
    fc.integer({ min: 1, max: 1e6 }),
    fc.constantFrom(100, 576, 1500, 9000),
    fc.constantFrom(3, 50, 1e6),
    (linkFaults, plan: Chunk[], seed, packetBytesMax, appetite) => {
      const link = { faults: linkFaults, seed, packetBytesMax, needsChecksums: true };
      const world = new World(tunEnds({ link, startMicros: microsBeforeWrap() }));
      world.phones.appetite = appetite;
      world.shard.appetite = appetite;
      const slots = open(world);
      for (const { connection, isPhone, bytes, afterMicros } of plan) {
        const slot = slots[connection];
        if (slot === undefined) continue;
        const phone = world.phones.connections.get(connection) ?? 0;
        world.write(2 * connection + (isPhone ? 0 : 1), isPhone ? phone : slot, bytes);
        world.pass(afterMicros);
      }
      world.phones.appetite = 1e6;
      world.shard.appetite = 1e6;
      const { phones, shard } = world.ends;
      const arrived = (phone: number, slot: number): boolean =>
        (world.shard.received.get(slot)?.length ?? 0) >= (world.sent.get(2 * phone) ?? 0) &&
        (world.phones.received.get(phone)?.length ?? 0) >= (world.sent.get(2 * phone + 1) ?? 0);
      const isOver = (phone: number): boolean =>
        world.phones.hasClosed(phone) || world.shard.hasClosed(slots[phone] ?? -1);
      assert.ok(
        world.until(() => slots.every((slot, phone) => slot === undefined || isOver(phone) || arrived(phone, slot))),
      );
      check(world, slots);
      // One side hangs up, then all is over, and nothing is left that costs memory.
      slots.forEach((slot, phone) => {
        if (slot === undefined || world.phones.hasClosed(phone)) return;
        if (phone === 0) shard.close(slot, CloseReason.HEARTBEAT_MISSED);
        else phones.close(world.phones.connections.get(phone) ?? 0);
      });
      world.until(() => slots[0] === undefined || world.phones.hasClosed(0));
      if (world.phones.hasClosed(0)) phones.release(world.phones.connections.get(0) ?? 0);
      assert.ok(
        world.until(() => phones.ledger()[0]?.rowsUsed === 0),
        'rows of closed connections are freed',
      );
      assert.equal(phones.roomBytes(), SETTINGS.storeBytesMax, 'no block is left');
    },
  );
  fc.assert(property, { numRuns: triedCases(60, 20) });
});
