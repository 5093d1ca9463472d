/** What tests of all transports are made with: both ends, driven by polling from one thread, and a journal for each. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { ConnectionEvents, PhoneTransport, Transport } from '../wire/transport.ts';
import { patience } from './patience.test-suite.ts';

export interface TransportEnds {
  readonly phones: PhoneTransport;
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

/** Makes both ends. @param slots connections that the shard can hold. */
export type MakeEnds = (slots: number) => TransportEnds | Promise<TransportEnds>;

/** Everything that one end was told, in words. */
export class Journal implements ConnectionEvents {
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

export class Pair {
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

/** Sends bytes. @returns false where there is no room, or nobody. */
export function send(transport: Transport, connection: number, bytes: readonly number[]): boolean {
  const at = transport.claim(connection, bytes.length, 0);
  if (at < 0) return false;
  bytes.forEach((byte, i) => {
    transport.output.setUint8(at + i, byte);
  });
  transport.commit();
  return true;
}
