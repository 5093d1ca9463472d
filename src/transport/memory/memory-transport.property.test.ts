/**
 * Lanes and shards over rings, under everything that can happen to connections at once, rings so small that they fill:
 * every byte arrives in order or the end of its connection is told, and a slot is used once at a time.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PLAIN_MEMORY, type SharedRows } from '../../base/table-memory.ts';
import { RingMemory } from '../../ring/ring-layout.ts';
import { CloseReason, type ConnectionEvents, PREFETCHED_MAX, type Transport } from '../../wire/transport.ts';
import { MemoryPhoneTransport } from './memory-phone-transport.ts';
import { shardBits } from './memory-rings.ts';
import { MemorySwitchTransport } from './memory-switch-transport.ts';

const LANES = 2;
const SHARDS = 3;
const PHONES = 5;
const SLOTS = 4;
const SHAPE = { lanes: LANES, shards: SHARDS, ringBytes: 8192 };
/** What an opening is answered with takes less in a ring. */
const ANSWER_BYTES = 32;
/** Said at a time: long ones fill a ring. */
const FRAMES = 5;
/** Room that bytes leave for what must not fail. */
const RESERVE_BYTES = 400;

const byteAt = (serial: number, place: number): number => (serial * 31 + place * 7) & 255;

interface Stream {
  sent: number;
  received: number;
}

/** One use of a slot. Both ends know it by the slot, which is in the number that the phone is given. */
interface Line {
  readonly serial: number;
  readonly shard: number;
  readonly slot: number;
  readonly up: Stream;
  readonly down: Stream;
  /** -1: the phone has not heard of it yet. */
  connection: number;
  phoneEnd: 'open' | 'left' | 'vanished' | 'closed';
  switchEnd: 'open' | 'closing' | 'closed';
}

/** A phone, and its line once it is connected. */
interface Phone {
  readonly lane: number;
  readonly token: number;
  hasAsked: boolean;
  line: Line | null;
}

/** Calls back for each word of the rows that is the owner's. */
function forEachOwnerWord(rows: SharedRows | undefined, visit: (words: Int32Array, at: number) => void): void {
  if (rows === undefined) return;
  for (let slot = 0; slot < SLOTS; slot++)
    for (let word = 0; word < rows.count; word++) visit(rows.words, slot * rows.stride + word);
}

class World {
  readonly lanes: MemoryPhoneTransport[] = [];
  readonly shards: MemorySwitchTransport[] = [];
  readonly phones: Phone[] = [];
  readonly lines: Line[] = [];
  /** By shard and slot: the last use of the slot. */
  readonly uses: (Line | null)[][] = [];
  readonly unreleased: (() => boolean)[] = [];
  appetite = Number.POSITIVE_INFINITY;
  refusals = 0;
  fullClaims = 0;
  /** Rows of the lanes that were prefetched. */
  prefetched = 0;
  /** Input that was announced and has not come yet: its slot, or its lane and phone, and where it ends. */
  readonly announced = new Set<string>();
  /** Inputs of switch and lanes that came as they were announced, and ends of connections that were announced. */
  foreseen = 0;
  foreseenByLanes = 0;
  announcedEnds = 0;

  constructor() {
    const rings = { shape: SHAPE, memory: RingMemory.ofBytes(MemorySwitchTransport.memoryBytes(SHAPE)) };
    for (let lane = 0; lane < LANES; lane++) {
      this.lanes.push(new MemoryPhoneTransport(rings, lane, () => {}));
      for (let token = 0; token < PHONES; token++) this.phones.push({ lane, token, hasAsked: false, line: null });
    }
    for (let shard = 0; shard < SHARDS; shard++) {
      // The first has rows of its own, the next shares them.
      const transport = new MemorySwitchTransport(rings, shard, SLOTS, () => {}, PLAIN_MEMORY, 2 * shard);
      assert.equal(transport.ownerRows?.count ?? 0, 2 * shard);
      forEachOwnerWord(transport.ownerRows, (words, at) => {
        words[at] = -at - 1;
      });
      this.shards.push(transport);
      this.uses.push(new Array<Line | null>(SLOTS).fill(null));
    }
  }

  connect(phone: Phone, shard: number): void {
    if (phone.hasAsked || phone.line !== null) return;
    phone.hasAsked = this.#lane(phone).connect(shard, phone.token);
  }

  say(phone: Phone, bytes: number): void {
    const { line } = phone;
    if (line !== null) this.#write(this.#lane(phone), line.connection, line.up, line.serial, bytes);
  }

  leave(phone: Phone, isSilent: boolean): void {
    const { line } = phone;
    if (line === null) return;
    const lane = this.#lane(phone);
    const hasLeft = isSilent ? lane.vanish(line.connection) : lane.close(line.connection, CloseReason.PHONE_LEFT);
    if (!hasLeft) return;
    line.phoneEnd = isSilent ? 'vanished' : 'left';
    phone.line = null;
  }

  tell(line: Line, bytes: number): void {
    if (line.switchEnd === 'open') this.#write(this.#shard(line), line.slot, line.down, line.serial, bytes);
  }

  throwOut(line: Line): void {
    if (line.switchEnd !== 'open') return;
    if (this.#shard(line).close(line.slot, CloseReason.HEARTBEAT_MISSED)) line.switchEnd = 'closing';
  }

  step(): void {
    this.unreleased.splice(0).forEach((release) => {
      if (!release()) this.unreleased.push(release);
    });
    this.shards.forEach((shard, n) => {
      const answers = Math.min(8, Math.floor(shard.roomBytes() / ANSWER_BYTES));
      if (answers > 0) shard.poll(this.#switchSide(n), answers); // as a shard does: only with room for answers
      shard.flush();
    });
    this.lanes.forEach((lane, n) => {
      lane.poll(this.#phoneSide(n), 64);
      lane.flush();
    });
  }

  #lane({ lane }: Phone): MemoryPhoneTransport {
    return this.lanes[lane] as MemoryPhoneTransport; // inside the list, here and below
  }

  #shard({ shard }: Line): MemorySwitchTransport {
    return this.shards[shard] as MemorySwitchTransport;
  }

  #write(transport: Transport, connection: number, stream: Stream, serial: number, bytes: number): void {
    const at = transport.claim(connection, bytes, RESERVE_BYTES);
    if (at < 0) {
      this.fullClaims++;
      return;
    }
    for (let i = 0; i < bytes; i++) transport.output.setUint8(at + i, byteAt(serial, stream.sent + i));
    transport.commit();
    stream.sent += bytes;
  }

  #take(stream: Stream, serial: number, view: DataView, start: number, end: number): number {
    const taken = Math.min(this.appetite, end - start);
    for (let i = 0; i < taken; i++) assert.equal(view.getUint8(start + i), byteAt(serial, stream.received + i));
    stream.received += taken;
    assert.ok(stream.received <= stream.sent, 'nothing arrives that was not sent');
    return taken;
  }

  #phoneSide(lane: number): ConnectionEvents {
    const phoneOf = (token: number): Phone => this.phones[lane * PHONES + token] as Phone;
    let announced = 0;
    /** Records of a connection that its phone has left arrive with the old number. */
    const lineOf = (token: number, connection: number): Line | null => {
      const { line } = phoneOf(token);
      return line?.connection === connection ? line : null;
    };
    return {
      opened: (token, connection) => {
        const phone = phoneOf(token);
        assert.ok(phone.hasAsked && phone.line === null);
        const bits = shardBits(SHARDS);
        const line = this.uses[connection & (2 ** bits - 1)]?.[connection >> bits] as Line; // the switch opened it
        assert.equal(line.connection, -1, 'a slot is one phone’s');
        line.connection = connection;
        Object.assign(phone, { hasAsked: false, line });
      },
      refused: (token, reason) => {
        assert.equal(reason, CloseReason.TABLE_FULL);
        phoneOf(token).hasAsked = false;
        this.refusals++;
      },
      readsAhead: true,
      prefetch: (token, view, start, end) => {
        assert.ok(token < PHONES, 'a phone of the lane');
        if (end > start) this.announced.add(`lane ${lane} ${token} ${end}`);
        assert.ok(end >= start && end <= view.byteLength);
        announced++;
        this.prefetched++;
      },
      prefetched: () => {
        assert.ok(announced <= PREFETCHED_MAX, 'no more than a list of them holds');
        announced = 0;
      },
      bytes: (token, connection, view, start, end) => {
        assert.equal(announced, 0, 'all that was announced is read before the first input');
        if (this.announced.delete(`lane ${lane} ${token} ${end}`)) this.foreseenByLanes++;
        const line = lineOf(token, connection);
        return line === null ? end - start : this.#take(line.down, line.serial, view, start, end);
      },
      closed: (token, connection, reason) => {
        const line = lineOf(token, connection);
        if (line === null) return;
        assert.equal(reason, CloseReason.HEARTBEAT_MISSED);
        assert.equal(line.down.received, line.down.sent, 'what was committed before a close arrives before it');
        line.phoneEnd = 'closed';
        phoneOf(token).line = null;
        this.unreleased.push(() => (this.lanes[lane] as MemoryPhoneTransport).release(connection));
      },
    };
  }

  #switchSide(shard: number): ConnectionEvents {
    const uses = this.uses[shard] as (Line | null)[];
    return {
      opened: (_token, slot) => {
        assert.ok(slot < SLOTS && (uses[slot] === null || uses[slot]?.switchEnd === 'closed'), 'a slot is used once');
        const streams = { up: { sent: 0, received: 0 }, down: { sent: 0, received: 0 } };
        const ends = { connection: -1, phoneEnd: 'open' as const, switchEnd: 'open' as const };
        const line = { serial: this.lines.length, shard, slot, ...streams, ...ends };
        uses[slot] = line;
        this.lines.push(line);
      },
      refused: () => assert.fail('a switch connects to nobody'),
      readsAhead: true,
      prefetch: (slot, _view, start, end) => {
        assert.notEqual(uses[slot] ?? null, null, 'a slot that has opened');
        if (end > start) this.announced.add(`${slot} ${end}`);
        else this.announcedEnds++;
      },
      bytes: (_token, slot, view, start, end) => {
        if (this.announced.delete(`${slot} ${end}`)) this.foreseen++;
        const line = uses[slot] as Line; // it has opened, here and below
        assert.equal(line.switchEnd, 'open', 'a switch that closed hears nothing');
        return this.#take(line.up, line.serial, view, start, end);
      },
      closed: (_token, slot) => {
        const line = uses[slot] as Line;
        assert.notEqual(line.switchEnd, 'closed', 'an end is told once');
        const wasOpen = line.switchEnd === 'open';
        if (wasOpen && line.phoneEnd === 'left') assert.equal(line.up.received, line.up.sent, 'all that it said came');
        line.switchEnd = 'closed';
        this.unreleased.push(() => (this.shards[shard] as MemorySwitchTransport).release(slot));
      },
    };
  }
}

const phone = fc.nat(LANES * PHONES - 1);
const bytes = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 500, max: 2000 }));
const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('connect' as const), phone, shard: fc.nat(SHARDS - 1) }) },
  { weight: 12, arbitrary: fc.record({ kind: fc.constantFrom('say' as const, 'tell' as const), phone, bytes }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('hangUp' as const, 'vanish' as const), phone }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('throwOut' as const), line: fc.nat(SHARDS * SLOTS - 1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('appetite' as const), most: fc.constantFrom(0, 3, 1e9) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('step' as const), turns: fc.integer({ min: 1, max: 6 }) }) },
);
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

function act(world: World, step: Action): void {
  if (step.kind === 'step') for (let n = 0; n < step.turns; n++) world.step();
  else if (step.kind === 'appetite') world.appetite = step.most;
  else if (step.kind === 'throwOut') {
    const line = world.uses[step.line % SHARDS]?.[Math.floor(step.line / SHARDS)] ?? null;
    if (line !== null) world.throwOut(line);
  } else {
    const one = world.phones[step.phone] as Phone; // inside the list
    if (step.kind === 'connect') world.connect(one, step.shard);
    else if (step.kind === 'say') for (let n = 0; n < FRAMES; n++) world.say(one, step.bytes);
    else if (step.kind === 'tell') {
      for (let n = 0; n < FRAMES; n++) if (one.line !== null) world.tell(one.line, step.bytes);
    } else world.leave(one, step.kind === 'vanish');
  }
}

/** Everyone reads again, and the switch gives up those who vanished: every line is whole, or ended on both sides. */
function settleDown(world: World): void {
  world.appetite = Number.POSITIVE_INFINITY;
  for (let n = 0; n < 300; n++) {
    for (const line of world.lines) if (line.phoneEnd === 'vanished') world.throwOut(line);
    world.step();
  }
  for (const { hasAsked } of world.phones) assert.equal(hasAsked, false, 'who asked was answered');
  for (const line of world.lines) {
    const isOpen = line.phoneEnd === 'open' && line.switchEnd === 'open';
    assert.ok(isOpen || (line.phoneEnd !== 'open' && line.switchEnd === 'closed'), JSON.stringify(line));
    if (!isOpen) continue;
    assert.deepEqual(line.up, { sent: line.up.sent, received: line.up.sent });
    assert.deepEqual(line.down, { sent: line.down.sent, received: line.down.sent });
  }
  assert.equal(world.unreleased.length, 0);
}

describe('memory, as a whole', () => {
  it('carries every byte in order or tells the end, through rings that fill', () => {
    const seen = {
      lines: 0,
      bytes: 0,
      prefetched: 0,
      full: 0,
      refusals: 0,
      foreseen: 0,
      foreseenByLanes: 0,
      announcedEnds: 0,
      ends: new Set<string>(),
    };
    fc.assert(
      fc.property(fc.array(action, { minLength: 60, maxLength: 300, size: 'max' }), (script) => {
        const world = new World();
        for (const step of script) act(world, step);
        settleDown(world);
        const open = world.lines.filter(({ switchEnd }) => switchEnd === 'open').length;
        const used = world.shards.flatMap((shard) => shard.ledger()).reduce((sum, one) => sum + one.rowsUsed, 0);
        assert.equal(used, open, 'every slot of an ended line is free again');
        for (const { ownerRows } of world.shards)
          forEachOwnerWord(ownerRows, (words, at) =>
            assert.equal(words[at], -at - 1, 'words of the owner are left alone'),
          );
        seen.full += world.fullClaims;
        seen.prefetched += world.prefetched;
        seen.foreseen += world.foreseen;
        seen.foreseenByLanes += world.foreseenByLanes;
        seen.announcedEnds += world.announcedEnds;
        seen.refusals += world.refusals;
        for (const { up, down, phoneEnd } of world.lines) {
          seen.lines++;
          seen.bytes += up.received + down.received;
          seen.ends.add(phoneEnd);
        }
      }),
      { numRuns: 60 },
    );
    assert.ok(seen.prefetched > 250 && seen.foreseen > 250 && seen.announcedEnds > 50, JSON.stringify(seen));
    assert.ok(seen.foreseenByLanes > 250, JSON.stringify(seen));
    assert.ok(seen.lines > 500 && seen.bytes > 1e5, JSON.stringify(seen));
    assert.ok(seen.full > 0 && seen.refusals > 0, `rings and tables were full: ${JSON.stringify(seen)}`);
    assert.deepEqual(seen.ends, new Set(['open', 'left', 'vanished', 'closed']));
  });
});
