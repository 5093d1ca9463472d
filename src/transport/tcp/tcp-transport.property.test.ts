/**
 * Both ends over real sockets, with everything that can happen to connections at the same time: every byte arrives in
 * order, or the end of its connection is reported with a reason.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checkLeftovers, openDescriptors } from '../../measure/leftovers.test-suite.ts';
import { CloseReason, type ConnectionEvents, type Transport } from '../../wire/transport.ts';
import { patience } from '../patience.test-suite.ts';
import { SocketCounter } from '../socket-counters.ts';
import { whyNoSystemCalls } from './system/system-calls.ts';
import { CLOSE_MICROS, type Hold, holds, type TcpEnds, tcpEnds } from './tcp-ends.test-suite.ts';

const PHONES = 24;
const FRAME_BYTES = 1500;
const LIMITED = { outputLimitBytes: 16_384 };
/** A phone's first bytes are its serial number, by which the switch's side identifies it. */
const SERIAL_BYTES = 4;

const byteAt = (serial: number, place: number): number => (serial * 31 + place * 7 + (place >> 8)) & 255;

/** The model of one direction of a connection: the number of bytes sent and received. */
class Stream {
  sent = 0;
  received = 0;
}

interface Line {
  readonly serial: number;
  readonly up: Stream;
  readonly down: Stream;
  phone: number;
  /** -1 until the switch has received the serial number. */
  slot: number;
  isSilent: boolean;
  /** It became silent before the kernel had taken all its output, so the rest is lost. */
  isCut: boolean;
  phoneEnd: number;
  switchEnd: number;
}

class World {
  readonly ends: TcpEnds;
  readonly lines = new Map<number, Line>();
  /** By phone; a phone has one line at a time. */
  readonly current = new Map<number, Line>();
  readonly bySlot = new Map<number, Line>();
  readonly heads = new Map<number, number[]>();
  readonly appetite = { phone: Number.POSITIVE_INFINITY, switch: Number.POSITIVE_INFINITY };
  readonly sleeps = { phone: 0, switch: 0 };
  #serial = 0;
  readonly #phoneSide: ConnectionEvents;
  readonly #switchSide: ConnectionEvents;

  constructor(hold: Hold) {
    this.ends = tcpEnds({ hold, phones: LIMITED, shard: LIMITED, connect: { timeoutMicros: Number.MAX_VALUE } });
    this.#phoneSide = this.#makePhoneSide();
    this.#switchSide = this.#makeSwitchSide();
  }

  connect(phone: number): void {
    if (this.current.has(phone) || !this.ends.phones.connect(0, phone)) return;
    const serial = this.#serial++;
    const ends = { phoneEnd: 0, switchEnd: 0, isSilent: false, isCut: false };
    const line = { serial, up: new Stream(), down: new Stream(), phone: -1, slot: -1, ...ends };
    this.lines.set(serial, line);
    this.current.set(phone, line);
  }

  say(line: Line, bytes: number): void {
    if (line.phone < 0 || line.phoneEnd !== 0 || line.isSilent) return;
    this.#write(this.ends.phones, line.phone, line.up, line.serial, bytes);
  }

  tell(line: Line, bytes: number): void {
    if (line.slot >= 0 && line.switchEnd === 0) this.#write(this.ends.shard, line.slot, line.down, line.serial, bytes);
  }

  hangUp(phone: number, line: Line): void {
    if (line.phone < 0 || line.phoneEnd !== 0 || line.isSilent) return;
    line.phoneEnd = CloseReason.PHONE_LEFT;
    this.current.delete(phone);
    this.ends.phones.close(line.phone);
  }

  vanish(line: Line): void {
    if (line.phone < 0 || line.phoneEnd !== 0 || line.isSilent) return;
    line.isSilent = true;
    this.ends.phones.flush();
    line.isCut = this.ends.phoneCounters[SocketCounter.outputWaitingBytes] !== 0;
    this.ends.phones.vanish(line.phone);
  }

  throwOut(line: Line): void {
    if (line.slot >= 0 && line.switchEnd === 0) this.ends.shard.close(line.slot, CloseReason.VIOLATION);
  }

  step(): void {
    const { phones, shard, clock, settle } = this.ends;
    clock.micros += 500;
    if (this.sleeps.phone > 0) this.sleeps.phone--;
    else phones.poll(this.#phoneSide, 16);
    if (this.sleeps.switch > 0) this.sleeps.switch--;
    else shard.poll(this.#switchSide, 16);
    phones.flush();
    shard.flush();
    void settle();
  }

  until(holds: () => boolean, what: () => string): void {
    for (const isPatient = patience(); !holds() && isPatient(); ) this.step();
    assert.ok(holds(), what());
  }

  #write(transport: Transport, connection: number, stream: Stream, serial: number, bytes: number): void {
    for (let left = bytes; left > 0; ) {
      const part = Math.min(left, FRAME_BYTES);
      const at = transport.claim(connection, part, 0);
      if (at < 0) return; // its end has not been reported yet
      for (let i = 0; i < part; i++) transport.output.setUint8(at + i, byteAt(serial, stream.sent + i));
      transport.commit();
      stream.sent += part;
      left -= part;
    }
  }

  #makePhoneSide(): ConnectionEvents {
    return {
      opened: (phone, connection) => {
        const line = this.current.get(phone) as Line; // it asked to connect
        line.phone = connection;
        const at = this.ends.phones.claim(connection, SERIAL_BYTES);
        if (at < 0) return;
        this.ends.phones.output.setInt32(at, line.serial, true);
        this.ends.phones.commit();
      },
      refused: () => assert.fail('somebody listens'),
      bytes: (phone, connection, view, start, end) => {
        const line = this.current.get(phone) as Line; // a phone that has closed receives nothing
        assert.equal(connection, line.phone);
        assert.equal(line.isSilent, false, 'one that vanished hears nothing');
        return take(line.down, line.serial, view, start, end, this.appetite.phone);
      },
      closed: (phone, connection, reason) => {
        const line = this.current.get(phone) as Line; // likewise
        assert.equal(connection, line.phone);
        line.phoneEnd = reason;
        this.current.delete(phone);
        this.ends.phones.release(connection);
      },
    };
  }

  #makeSwitchSide(): ConnectionEvents {
    return {
      opened: (slot) => {
        assert.equal(this.heads.has(slot), false, 'a number is used once at a time');
        this.heads.set(slot, []);
      },
      refused: () => assert.fail('a switch connects to nobody'),
      bytes: (_token, slot, view, start, end) => {
        const line = this.bySlot.get(slot);
        if (line !== undefined) return take(line.up, line.serial, view, start, end, this.appetite.switch);
        const head = this.heads.get(slot) as number[]; // it has opened
        const taken = Math.min(SERIAL_BYTES - head.length, end - start, this.appetite.switch);
        for (let at = start; at < start + taken; at++) head.push(view.getUint8(at));
        if (head.length === SERIAL_BYTES) {
          const serial = Buffer.from(head).readInt32LE();
          const known = this.lines.get(serial);
          assert.ok(known !== undefined && known.slot < 0, `serial ${serial} comes once`);
          known.slot = slot;
          this.bySlot.set(slot, known);
        }
        return taken;
      },
      closed: (_token, slot, reason) => {
        assert.ok(reason > 0, 'an end has a reason');
        const line = this.bySlot.get(slot);
        if (line !== undefined) line.switchEnd = reason;
        this.bySlot.delete(slot);
        this.heads.delete(slot);
        this.ends.shard.release(slot);
      },
    };
  }
}

/** Takes as many bytes as the appetite allows, and checks that each is the next one that was sent. */
function take(stream: Stream, serial: number, view: DataView, start: number, end: number, appetite: number): number {
  const taken = Math.min(appetite, end - start);
  for (let i = 0; i < taken; i++) {
    const expected = byteAt(serial, stream.received + i);
    if (view.getUint8(start + i) !== expected) assert.fail(`byte ${stream.received + i} of ${serial} is another`);
  }
  stream.received += taken;
  assert.ok(stream.received <= stream.sent, 'nothing arrives that was not sent');
  return taken;
}

const phone = fc.nat(PHONES - 1);
const bytes = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 30_000 }));
const side = fc.constantFrom('phone' as const, 'switch' as const);
const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('connect' as const), phone }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('say' as const), phone, bytes }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('tell' as const), phone, bytes }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('hangUp' as const, 'throwOut' as const), phone }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('vanish' as const), phone }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('appetite' as const), side, most: fc.constantFrom(0, 3, 999, 1e9) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('sleep' as const), side, turns: fc.nat(30) }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('step' as const), turns: fc.integer({ min: 1, max: 8 }) }) },
);
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

function act(world: World, step: Action): void {
  if (step.kind === 'connect') world.connect(step.phone);
  else if (step.kind === 'appetite') world.appetite[step.side] = step.most;
  else if (step.kind === 'sleep') world.sleeps[step.side] = step.turns;
  else if (step.kind === 'step') for (let n = 0; n < step.turns; n++) world.step();
  else {
    const line = world.current.get(step.phone);
    if (line === undefined) return;
    if (step.kind === 'say') world.say(line, step.bytes);
    else if (step.kind === 'tell') world.tell(line, step.bytes);
    else if (step.kind === 'hangUp') world.hangUp(step.phone, line);
    else if (step.kind === 'vanish') world.vanish(line);
    else world.throwOut(line);
  }
}

/** Both sides read again, so everything in flight arrives, or its connection's end is reported. */
function settleDown(world: World): void {
  world.appetite.phone = Number.POSITIVE_INFINITY;
  world.appetite.switch = Number.POSITIVE_INFINITY;
  const isWhole = ({ sent, received }: Stream): boolean => sent === received;
  const isDone = (line: Line): boolean => {
    const phoneKnows = line.phoneEnd !== 0 || line.isSilent;
    if (line.switchEnd !== 0 && phoneKnows) return true;
    if (line.phoneEnd !== 0 && line.slot < 0) return true; // the switch never received its serial number
    if (line.isSilent) return line.slot >= 0 && (line.isCut || isWhole(line.up));
    return line.phoneEnd === 0 && line.switchEnd === 0 && line.slot >= 0 && isWhole(line.up) && isWhole(line.down);
  };
  world.until(
    () => [...world.lines.values()].every(isDone),
    () => `not done: ${JSON.stringify([...world.lines.values()].filter((line) => !isDone(line)))}`,
  );
}

describe('tcp, as a whole', { skip: whyNoSystemCalls() ?? false }, () => {
  checkLeftovers();
  for (const hold of holds()) {
    it(`carries every byte in order or tells the end, and leaves no descriptor: sockets held by ${hold.name}`, () => {
      const seen = {
        lines: 0,
        up: 0,
        down: 0,
        partial: 0,
        phoneEnds: new Set<number>(),
        switchEnds: new Set<number>(),
      };
      fc.assert(
        fc.property(fc.array(action, { minLength: 60, maxLength: 250, size: 'max' }), (script) => {
          const before = openDescriptors().size;
          const world = new World(hold);
          try {
            for (const step of script) act(world, step);
            settleDown(world);
            for (const [phone, line] of world.current) world.hangUp(phone, line);
            for (const line of world.lines.values()) if (line.isSilent) world.throwOut(line);
            world.ends.clock.micros += CLOSE_MICROS;
            world.until(
              () => world.heads.size === 0,
              () => `open on the switch: ${[...world.heads.keys()]}`,
            );
          } finally {
            void world.ends.close?.();
          }
          seen.partial += world.ends.switchCounters[SocketCounter.sendsPartial] ?? 0;
          for (const { up, down, phoneEnd, switchEnd } of world.lines.values()) {
            seen.lines++;
            seen.up += up.received;
            seen.down += down.received;
            seen.phoneEnds.add(phoneEnd);
            seen.switchEnds.add(switchEnd);
          }
          assert.equal(openDescriptors().size, before);
        }),
        // A failure is not shrunk, because the kernel's timing cannot be replayed.
        { numRuns: 60, endOnFailure: true },
      );
      assert.ok(seen.lines > 100 && seen.up > 1e5 && seen.down > 1e5, `much was said: ${JSON.stringify(seen)}`);
      assert.ok(seen.partial > 0, 'output had to wait for peers');
      assert.ok(
        seen.phoneEnds.has(CloseReason.PHONE_LEFT) && seen.phoneEnds.size > 2,
        'phones hung up, or were told why',
      );
      assert.ok(seen.switchEnds.size > 2, 'the switch was told of ends of more than one kind');
    });
  }
});
