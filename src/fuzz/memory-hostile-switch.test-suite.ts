/**
 * A switch over `memory` that misbehaves, worked turn by turn: what {@link HostileSwitch} is over sockets, in virtual
 * time.
 */
import type { MemoryRings } from '../transport/memory/memory-rings.ts';
import { MemorySwitchTransport } from '../transport/memory/memory-switch-transport.ts';
import { FrameAssembler } from '../wire/frame-assembler.ts';
import { FrameType } from '../wire/frames.ts';
import { FrameFlow, type FrameSink } from '../wire/parse-frames.ts';
import { CloseReason, type ConnectionEvents } from '../wire/transport.ts';
import { Draws } from './draws.test-suite.ts';
import { MISDEEDS, type Misdeed, rightAnswer, wrongAnswer } from './switch-answers.test-suite.ts';

const HONEST_PERCENT = 40;
const RIGHT_FRAMES_MAX = 6;
const LINGER_TURNS_MAX = 200;
const EVENTS_MAX = 256;
/** Room for what the transport itself says to so many events. */
const ROOM_BYTES_MIN = 64 * EVENTS_MAX;
const RECORD_BYTES_MAX = 1000;
const TRICKLED_BYTES_MAX = 60;
/** A phone that says nothing for so long is ended: it may have vanished, and would keep its row. */
const QUIET_TURNS_MAX = 1000;

export class MemoryHostileSwitch implements ConnectionEvents {
  /** Connections since the beginning. */
  connections = 0;
  /** From now on every answer is right, and nobody is thrown out. */
  isHonest = false;
  readonly #transport: MemorySwitchTransport;
  readonly #assembler: FrameAssembler;
  readonly #open = new Map<number, HostileRow>();
  readonly #unreleased: number[] = [];
  readonly #seed: number;
  readonly #firstGroup: number;

  /** @param firstGroup number of the first group. */
  constructor(rings: MemoryRings, shard: number, rows: number, seed: number, firstGroup: number) {
    this.#transport = new MemorySwitchTransport(rings, shard, rows, () => {});
    this.#assembler = new FrameAssembler(rows);
    this.#seed = seed;
    this.#firstGroup = firstGroup;
  }

  get open(): number {
    return this.#open.size;
  }

  doWork(): void {
    if (this.#transport.roomBytes() >= ROOM_BYTES_MIN) this.#transport.poll(this, EVENTS_MAX);
    while (this.#unreleased.length > 0) this.#transport.release(this.#unreleased.pop() ?? 0); // it always has room
    for (const [connection, row] of this.#open) row.doWork(this.#transport, connection, this.isHonest);
    this.#transport.flush();
  }

  opened(_token: number, connection: number): void {
    this.#open.set(connection, new HostileRow(new Draws(this.#seed, this.connections++), this.#firstGroup));
  }

  refused(): void {}

  bytes(_token: number, connection: number, view: DataView, start: number, end: number): number {
    const row = this.#open.get(connection);
    if (row === undefined) return end - start;
    row.isHonest = this.isHonest;
    return this.#assembler.feed(connection, view, start, end, row);
  }

  closed(_token: number, connection: number): void {
    this.#open.delete(connection);
    this.#assembler.forget(connection);
    this.#unreleased.push(connection);
  }
}

class HostileRow implements FrameSink {
  isHonest = false;
  readonly #draws: Draws;
  readonly #firstGroup: number;
  readonly #misdeed: Misdeed | null;
  readonly #unsaid: Uint8Array[] = [];
  #rightLeft: number;
  #endsIn = Number.POSITIVE_INFINITY;
  #quietTurns = 0;
  #hasEnded = false;

  constructor(draws: Draws, firstGroup: number) {
    this.#draws = draws;
    this.#firstGroup = firstGroup;
    this.#misdeed = draws.percent(HONEST_PERCENT) ? null : draws.of(MISDEEDS);
    this.#rightLeft = draws.below(RIGHT_FRAMES_MAX);
  }

  doWork(transport: MemorySwitchTransport, connection: number, isHonest: boolean): void {
    if (this.#hasEnded) return;
    for (let bytes = this.#unsaid[0]; bytes !== undefined; bytes = this.#unsaid[0]) {
      const at = transport.claim(connection, bytes.length, ROOM_BYTES_MIN);
      if (at < 0) return;
      new Uint8Array(transport.output.buffer, transport.output.byteOffset + at, bytes.length).set(bytes);
      transport.commit();
      this.#unsaid.shift();
      if (this.#misdeed === 'trickles') break;
    }
    const isQuiet = this.#quietTurns++ > QUIET_TURNS_MAX;
    if (!isQuiet && (isHonest || this.#endsIn-- > 0)) return;
    const reasons = [CloseReason.VIOLATION, CloseReason.BROKEN, CloseReason.SESSION_REPLACED] as const;
    this.#hasEnded = transport.close(connection, this.#draws.of(reasons));
  }

  frame(type: number, view: DataView, body: number, end: number): FrameFlow {
    this.#answer(type, Buffer.from(view.buffer.slice(view.byteOffset + body, view.byteOffset + end)));
    return FrameFlow.NEXT;
  }

  unknownFrame(type: number): FrameFlow {
    throw new Error(`the driver said frame ${type}`);
  }

  malformed(type: number, bodyBytes: number): void {
    throw new Error(`the driver said frame ${type} of ${bodyBytes} bytes`);
  }

  #answer(type: number, body: Buffer): void {
    this.#quietTurns = 0;
    if (type === FrameType.LOGOUT) return;
    const right = rightAnswer(type, body, this.#firstGroup);
    if (this.#misdeed === null || this.isHonest || this.#rightLeft-- > 0) {
      this.#say(right, RECORD_BYTES_MAX);
      return;
    }
    const wrong = wrongAnswer(this.#misdeed, right, this.#draws);
    if (this.#misdeed === 'trickles') this.#say(wrong.subarray(0, TRICKLED_BYTES_MAX), 1);
    else this.#say(wrong, RECORD_BYTES_MAX);
    if (this.#endsIn === Number.POSITIVE_INFINITY && this.#draws.percent(70)) {
      this.#endsIn = this.#draws.below(LINGER_TURNS_MAX);
    }
  }

  #say(bytes: Uint8Array, recordBytes: number): void {
    for (let at = 0; at < bytes.length; at += recordBytes) this.#unsaid.push(bytes.subarray(at, at + recordBytes));
  }
}
