/**
 * A small server for the line protocol, and a lane that uses this protocol over the memory transport in virtual time.
 * The server delays each delivery by a given time, so a test knows what the latency must be.
 */

import { RingMemory } from '../ring/ring-layout.ts';
import { VirtualClock } from '../simulate/world/virtual-clock.ts';
import { MemoryPhoneTransport } from '../transport/memory/memory-phone-transport.ts';
import { MemorySwitchTransport } from '../transport/memory/memory-switch-transport.ts';
import { NumberingPlan } from '../wire/numbering-plan.ts';
import { CLAIM_FULL, CloseReason, type ConnectionEvents } from '../wire/transport.ts';
import { Lane } from './lane.ts';
import { type LineOptions, lineAnswer, lineProtocol } from './line-protocol.test-suite.ts';
import { laneSettings } from './made-switch.test-suite.ts';
import type { LaneSettings } from './state/lane-settings.ts';
import { DRIVER_COUNTERS, DriverCounter, type DriverCounterName } from './terms/driver-counters.ts';

const SHAPE = { lanes: 1, shards: 1, ringBytes: 2 ** 18 };
const FIRST_NUMBER = 447_700_000_000;
export const TURN_MICROS = 100;

/** A phone's end that can be told to have no room. */
class NarrowTransport extends MemoryPhoneTransport {
  hasRoom = true;

  override claim(connection: number, bytes: number, reserveBytes: number): number {
    return this.hasRoom ? super.claim(connection, bytes, reserveBytes) : CLAIM_FULL;
  }
}

interface Held {
  readonly account: number;
  readonly payload: string;
  readonly dueMicros: number;
}

export class LineServer implements ConnectionEvents {
  /** What it says to a phone that has answered the challenge. */
  verdict: 'WELCOME' | 'BUSY' | 'WRONG' = 'WELCOME';
  /** What it says to whoever connects. */
  greeting = 'HELLO';
  /** How many bytes it says at once. */
  pieceBytes = 4096;
  holdMicros = 0;
  /** What becomes of a message: for whom it is delivered, and with which payload. */
  onPut = (recipient: string, payload: string): [recipient: string, payload: string] => [recipient, payload];
  /** So many messages of a phone are acknowledged at once, the newest first. */
  acknowledgedAtOnce = 1;
  /** What it has heard from all phones, without messages. */
  readonly heard: string[] = [];
  readonly #transport: MemorySwitchTransport;
  readonly #clock: VirtualClock;
  readonly #input = new Map<number, string>();
  readonly #accounts = new Map<number, number>();
  readonly #connections = new Map<number, number>();
  readonly #unacknowledged = new Map<number, string[]>();
  #held: Held[] = [];

  constructor(transport: MemorySwitchTransport, clock: VirtualClock) {
    this.#transport = transport;
    this.#clock = clock;
  }

  turn(): void {
    this.#transport.poll(this, 256);
    const now = this.#clock.nowMicros();
    const isDue = ({ account, dueMicros }: Held): boolean => dueMicros <= now && this.#connections.has(account);
    for (const { account, payload } of this.#held.filter(isDue)) this.say(account, `MSG ${payload}`);
    this.#held = this.#held.filter((held) => !isDue(held));
    this.#transport.flush();
  }

  /** Says something to a phone that is logged in. */
  say(account: number, ...lines: string[]): void {
    const connection = this.#connections.get(account);
    if (connection !== undefined) this.#write(connection, `${lines.join('\n')}\n`);
  }

  /** Says something that need not be a whole line. */
  sayPart(account: number, text: string): void {
    const connection = this.#connections.get(account);
    if (connection !== undefined) this.#write(connection, text);
  }

  /** Acknowledges what is not acknowledged yet. */
  acknowledgeAll(): void {
    for (const connection of this.#unacknowledged.keys()) this.#acknowledge(connection, 1);
  }

  opened(connection: number): void {
    this.#write(connection, `${this.greeting}\n`);
  }

  refused(): void {}

  bytes(_token: number, connection: number, view: DataView, start: number, end: number): number {
    let text = this.#input.get(connection) ?? '';
    for (let at = start; at < end; at++) text += String.fromCharCode(view.getUint8(at));
    const lines = text.split('\n');
    this.#input.set(connection, lines.pop() ?? '');
    for (const line of lines) this.#line(connection, line);
    return end - start;
  }

  closed(_token: number, connection: number): void {
    const account = this.#accounts.get(connection) ?? -1;
    if (this.#connections.get(account) === connection) this.#connections.delete(account);
    this.#accounts.delete(connection);
    this.#input.delete(connection);
    this.#unacknowledged.delete(connection);
    this.#transport.release(connection);
  }

  /** Ends the connections of all phones. */
  cutAll(): void {
    for (const connection of this.#connections.values()) this.#transport.close(connection, CloseReason.BROKEN);
  }

  #line(connection: number, line: string): void {
    const [word = '', first = '', second = '', third = ''] = line.split(' ');
    if (word === 'PUT') {
      const dueMicros = this.#clock.nowMicros() + this.holdMicros;
      const [recipient, payload] = this.onPut(second, third);
      this.#held.push({ account: Number(recipient), payload, dueMicros });
      this.#unacknowledged.set(connection, [`OK ${first}\n`, ...(this.#unacknowledged.get(connection) ?? [])]);
      this.#acknowledge(connection, this.acknowledgedAtOnce);
      return;
    }
    this.heard.push(line);
    if (word === 'PING') this.#write(connection, 'PONG\n');
    if (word === 'USER') {
      this.#accounts.set(connection, Number(first));
      this.#write(connection, `CHALLENGE ${connection + 77}\n`);
    }
    if (word !== 'ANSWER') return;
    const account = this.#accounts.get(connection) ?? 0;
    const isRight = Number(first) === lineAnswer(account, connection + 77);
    this.#write(connection, `${isRight ? this.verdict : 'WRONG'}\n`);
    if (isRight && this.verdict === 'WELCOME') this.#connections.set(account, connection);
  }

  #acknowledge(connection: number, least: number): void {
    const answers = this.#unacknowledged.get(connection) ?? [];
    if (answers.length < least) return;
    this.#unacknowledged.delete(connection);
    this.#write(connection, answers.join(''));
  }

  #write(connection: number, text: string): void {
    for (let from = 0; from < text.length; from += this.pieceBytes) {
      const piece = text.slice(from, from + this.pieceBytes);
      const at = this.#transport.claim(connection, piece.length, 0);
      if (at < 0) throw new Error('the ring of this test is too small');
      for (let n = 0; n < piece.length; n++) this.#transport.output.setUint8(at + n, piece.charCodeAt(n));
      this.#transport.commit();
    }
  }
}

export class LineWorld {
  readonly clock = new VirtualClock();
  readonly server: LineServer;
  readonly lane: Lane;
  readonly transport: NarrowTransport;
  readonly latencies = { login: [], acknowledgement: [], delivery: [], stored: [], receipt: [] } as Record<
    'login' | 'acknowledgement' | 'delivery' | 'stored' | 'receipt',
    number[]
  >;

  constructor(phones: number, changes: Partial<LaneSettings> = {}, options: Partial<LineOptions> = {}) {
    const plan = new NumberingPlan([{ first: FIRST_NUMBER, count: phones }]);
    const rings = { shape: SHAPE, memory: RingMemory.ofBytes(MemorySwitchTransport.memoryBytes(SHAPE)) };
    this.server = new LineServer(new MemorySwitchTransport(rings, 0, 2 * phones, () => {}), this.clock);
    this.transport = new NarrowTransport(rings, 0, () => {});
    const into = (list: number[]) => ({ record: (micros: number): void => void list.push(micros) });
    const { login, acknowledgement, delivery, stored, receipt } = this.latencies;
    this.lane = new Lane(laneSettings(phones, changes), {
      transport: this.transport,
      shardOf: () => 0,
      makeProtocol: lineProtocol(plan, { partials: 64, acknowledges: true, ...options }),
      latencies: {
        login: into(login),
        acknowledgement: into(acknowledgement),
        delivery: into(delivery),
        storedDelivery: into(stored),
        groupDelivery: into(stored),
        receipt: into(receipt),
        presence: { record: () => {} },
        sendDelay: { record: () => {} },
      },
      counters: new Float64Array(DRIVER_COUNTERS.length),
      clock: this.clock,
    });
  }

  account(phone: number): number {
    return FIRST_NUMBER + phone;
  }

  runFor(micros: number): void {
    for (const until = this.clock.nowMicros() + micros; this.clock.nowMicros() < until; ) {
      this.clock.advance(TURN_MICROS);
      this.lane.doWork();
      this.server.turn();
    }
  }

  logAllIn(phones: number): void {
    this.lane.openLogins(phones, 0, this.clock.nowMicros());
    this.runFor(20_000);
  }

  count(name: DriverCounterName): number {
    return this.lane.counters[DriverCounter[name]] ?? 0;
  }
}
