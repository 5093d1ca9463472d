/**
 * What every transport must do, as one suite of tests: a transport's own test file calls it with
 * a way to make both ends. Both ends are driven by polling from one thread here.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  CLAIM_FULL,
  type ClientTransport,
  CloseReason,
  type ConnectionEvents,
  type Transport,
} from '../wire/transport.ts';

export interface TransportEnds {
  readonly phones: ClientTransport;
  readonly shard: Transport;
  /** Lets what is under way arrive, where a kernel lies in between. */
  readonly settle: () => void;
}

/** Everything that one end was told, in words. */
class Journal implements ConnectionEvents {
  readonly lines: string[] = [];
  readonly received = new Map<number, number[]>();
  /** Connection by token (phones) or by itself (switch). */
  readonly connections = new Map<number, number>();
  /** How many bytes to take of each offer; all of them by default. */
  appetite = Number.POSITIVE_INFINITY;

  opened(token: number, connection: number): void {
    this.connections.set(token, connection);
    this.lines.push(`opened ${token}`);
  }

  refused(token: number, reason: number): void {
    this.lines.push(`refused ${token} ${reason}`);
  }

  closed(token: number, _connection: number, reason: number): void {
    this.lines.push(`closed ${token} ${reason}`);
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

  turn(): void {
    for (let n = 0; n < TURNS; n++) {
      this.ends.phones.poll(this.phoneSide, 64);
      this.ends.shard.poll(this.switchSide, 64);
      this.ends.phones.flush();
      this.ends.shard.flush();
      this.ends.settle();
    }
  }

  open(token: number): { phone: number; slot: number } {
    const before = new Set(this.switchSide.connections.keys());
    assert.equal(this.ends.phones.connect(0, token), true);
    this.turn();
    const slot =
      [...this.switchSide.connections.keys()].find((one) => !before.has(one)) ?? this.switchSide.connections.size - 1;
    return { phone: this.connectionOf(token), slot };
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

/** Registers the suite for one transport. `make` gets the number of connections a shard can hold. */
export function transportCompliance(name: string, make: (slots: number) => TransportEnds): void {
  describe(`transport ${name}`, () => {
    it('carries bytes both ways, in order, each to its own connection', () => {
      const pair = new Pair(make(8));
      const [first, second] = [pair.open(11), pair.open(22)];
      send(pair.ends.phones, first.phone, [1, 2, 3]);
      send(pair.ends.phones, second.phone, [9]);
      send(pair.ends.phones, first.phone, [4, 5]);
      send(pair.ends.shard, second.slot, [7, 8]);
      pair.turn();
      assert.deepEqual(pair.switchSide.received.get(first.slot), [1, 2, 3, 4, 5]);
      assert.deepEqual(pair.switchSide.received.get(second.slot), [9]);
      assert.deepEqual(pair.phoneSide.received.get(22), [7, 8]);
      assert.equal(pair.phoneSide.received.has(11), false);
    });

    it('shows nothing before it is flushed', () => {
      const pair = new Pair(make(8));
      const { phone } = pair.open(1);
      send(pair.ends.phones, phone, [1]);
      assert.equal(pair.ends.shard.hasInput(), false);
      pair.ends.phones.flush();
      pair.ends.settle();
      assert.equal(pair.ends.shard.hasInput(), true);
    });

    it('offers again what was not taken, without loss', () => {
      const pair = new Pair(make(8));
      const { phone, slot } = pair.open(1);
      const bytes = Array.from({ length: 100 }, (_, i) => i);
      pair.switchSide.appetite = 3;
      send(pair.ends.phones, phone, bytes);
      pair.turn();
      assert.deepEqual(pair.switchSide.received.get(slot), bytes);
    });

    it('pushes back when the other side does not read, and loses nothing of what it took', () => {
      const pair = new Pair(make(8));
      const { phone, slot } = pair.open(1);
      let sent = 0;
      while (sent < 1e6 && send(pair.ends.phones, phone, [sent & 255])) sent++;
      assert.equal(pair.ends.phones.claim(phone, 1, 0), CLAIM_FULL);
      assert.ok(sent > 100 && sent < 1e6, 'bounded');
      for (let n = 0; n < 40; n++) pair.turn();
      const received = pair.switchSide.received.get(slot) ?? [];
      assert.equal(received.length, sent);
      assert.ok(received.every((byte, i) => byte === (i & 255)));
      assert.equal(send(pair.ends.phones, phone, [1]), true, 'there is room again');
    });

    it('keeps the room that output which may wait leaves for output which must not fail', () => {
      const pair = new Pair(make(8));
      const { phone } = pair.open(1);
      while (pair.ends.phones.claim(phone, 64, 4096) >= 0) pair.ends.phones.commit();
      assert.ok(pair.ends.phones.claim(phone, 64, 0) >= 0);
    });

    it("tells the phone the switch's reason for closing, and the switch that it is closed", () => {
      const pair = new Pair(make(8));
      const { phone, slot } = pair.open(5);
      assert.equal(pair.ends.shard.close(slot, CloseReason.HEARTBEAT_MISSED), true);
      pair.turn();
      assert.ok(pair.phoneSide.lines.includes(`closed 5 ${CloseReason.HEARTBEAT_MISSED}`));
      assert.equal(pair.ends.phones.release(phone), true);
      pair.turn();
      assert.ok(pair.switchSide.lines.some((line) => line.startsWith(`closed ${slot} `)));
    });

    it('tells the switch that a phone hung up, after all that it sent', () => {
      const pair = new Pair(make(8));
      const { phone, slot } = pair.open(5);
      send(pair.ends.phones, phone, [1, 2]);
      pair.ends.phones.close(phone, CloseReason.PHONE_LEFT);
      pair.turn();
      assert.deepEqual(pair.switchSide.received.get(slot), [1, 2]);
      assert.equal(pair.switchSide.lines.at(-1), `closed ${slot} ${CloseReason.PHONE_LEFT}`);
    });

    it('leaves the switch with half a connection when a phone vanishes, which it can close', () => {
      const pair = new Pair(make(8));
      const { phone, slot } = pair.open(5);
      assert.equal(pair.ends.phones.vanish(phone), true);
      pair.turn();
      assert.equal(
        pair.switchSide.lines.some((line) => line.startsWith('closed')),
        false,
        'nobody said a word',
      );
      assert.ok(send(pair.ends.shard, slot, [1]), 'it can be written to, as to a dead network');
      pair.turn();
      assert.equal(pair.phoneSide.received.has(5), false);
      pair.ends.shard.close(slot, CloseReason.HEARTBEAT_MISSED);
      pair.turn();
      assert.ok(pair.switchSide.lines.some((line) => line.startsWith(`closed ${slot} `)));
    });

    it('refuses a connection beyond its table, and takes one again when a row was released', () => {
      const pair = new Pair(make(2));
      const first = pair.open(1);
      pair.open(2);
      pair.ends.phones.connect(0, 3);
      pair.turn();
      assert.ok(pair.phoneSide.lines.includes(`refused 3 ${CloseReason.TABLE_FULL}`));
      pair.ends.phones.close(first.phone, CloseReason.PHONE_LEFT);
      pair.turn();
      assert.equal(pair.ends.shard.release(first.slot), true);
      pair.ends.phones.connect(0, 4);
      pair.turn();
      assert.ok(pair.phoneSide.lines.includes('opened 4'));
    });
  });
}
