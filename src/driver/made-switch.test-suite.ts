/**
 * What a lane talks to in tests of the driver alone: a switch that answers as a test says, or not
 * at all, and is as slow as it is told to be. Its phones are numbered from 0, one lane has them all.
 * It throws at a lane that names a connection that is not open, as transports may.
 */

import { trunklineProtocol } from '../protocol/trunkline/trunkline-protocol.ts';
import { FrameType, headerBodyBytes, headerType, LoginCode, writeSerialFrame } from '../wire/frames.ts';
import { LOGIN_RESULT_FRAME_BYTES, writeLoginResult } from '../wire/login.ts';
import { NumberingPlan } from '../wire/numbering-plan.ts';
import { CLAIM_FULL, type ConnectionEvents, type PhoneTransport } from '../wire/transport.ts';
import { Lane } from './lane.ts';
import { NO_PRESENCE } from './presence/presence-load.ts';
import { retryAfter } from './retry-after.test-suite.ts';
import type { LaneSettings, LatencyRecorder } from './state/lane-settings.ts';
import { Arrivals } from './terms/arrivals.ts';
import { DRIVER_COUNTERS, DriverCounter, type DriverCounterName } from './terms/driver-counters.ts';
import { Population } from './terms/population.ts';

/** The number of phone 0; groups are behind the phones. */
export const FIRST_NUMBER = 447_700_000_000;

/** A frame that a phone has sent. */
export interface SentFrame {
  readonly row: number;
  readonly type: number;
  readonly body: DataView;
}

export class MadeSwitch implements PhoneTransport {
  readonly output = new DataView(new ArrayBuffer(4096));
  /** Whether phones find room to say something. */
  hasRoom = true;
  /** Room for one frame and what it has to leave for others. */
  freeBytes = Number.POSITIVE_INFINITY;
  /** What becomes of a connect: opened, refused, or nothing yet. */
  onConnect: (row: number) => void = (row) => this.open(row);
  onFrame: (frame: SentFrame) => void = () => {};
  /** Called when a phone finds no room. */
  onRefusal: (row: number) => void = () => {};
  /** Called at the start of a poll, before its first event. */
  onPoll: () => void = () => {};
  readonly #events: ((events: ConnectionEvents) => void)[] = [];
  #next = 0;
  #claimed = 0;
  /** Row of each connection, by its number. */
  readonly #rows: number[] = [];
  readonly #connections = new Map<number, number>();
  readonly #open = new Set<number>();

  /** Connections that neither end has ended. */
  get connections(): number {
    return this.#open.size;
  }

  open(row: number): void {
    const connection = this.#rows.push(row) - 1;
    this.#connections.set(row, connection);
    this.#open.add(connection);
    this.#events.push((events) => events.opened(row, connection));
  }

  refuse(row: number): void {
    this.#events.push((events) => events.refused(row, 0));
  }

  /** Ends the phone's connection. */
  cut(row: number, reason: number): void {
    const connection = this.#connections.get(row) ?? -1;
    this.#events.push((events) => {
      if (this.#open.has(connection)) events.closed(row, connection, reason);
    });
  }

  /** Bytes for the phone, on the connection that it has now. */
  say(row: number, bytes: number, write: (view: DataView) => void): void {
    const view = new DataView(new ArrayBuffer(bytes));
    write(view);
    const connection = this.#connections.get(row) ?? -1;
    this.#events.push((events) => {
      if (this.#open.has(connection)) events.bytes(row, connection, view, 0, bytes);
    });
  }

  accept(row: number, highestId = 0): void {
    this.say(row, LOGIN_RESULT_FRAME_BYTES, (view) =>
      writeLoginResult(view, 0, LoginCode.ACCEPTED, 1, 0, 0, highestId),
    );
  }

  /** ACKNOWLEDGED or RECEIPT of a message. */
  saySerial(row: number, type: number, id: number): void {
    this.say(row, 6, (view) => writeSerialFrame(view, 0, type, id));
  }

  connect(_shard: number, row: number): boolean {
    if (!this.hasRoom) return false;
    this.onConnect(row);
    return true;
  }

  poll(events: ConnectionEvents, limit: number): number {
    this.onPoll();
    let done = 0;
    for (; done < limit && this.#next < this.#events.length; done++) this.#events[this.#next++]?.(events);
    if (this.#next === this.#events.length) {
      this.#events.length = 0;
      this.#next = 0;
    }
    return done;
  }

  hasInput(): boolean {
    return this.#next < this.#events.length;
  }

  claim(connection: number, bytes: number, reserveBytes: number): number {
    this.#check(connection);
    if (!this.hasRoom || bytes + reserveBytes > this.freeBytes) {
      this.onRefusal(this.#rows[connection] ?? -1);
      return CLAIM_FULL;
    }
    this.#claimed = connection;
    return 0;
  }

  commit(): void {
    const header = this.output.getUint16(0, true);
    const bytes = this.output.buffer.slice(2, 2 + headerBodyBytes(header));
    this.onFrame({ row: this.#rows[this.#claimed] ?? -1, type: headerType(header), body: new DataView(bytes) });
  }

  roomBytes(): number {
    return this.hasRoom ? Number.MAX_SAFE_INTEGER : 0;
  }

  flush(): void {}

  close(connection: number): boolean {
    this.#check(connection);
    if (this.hasRoom) this.#open.delete(connection);
    return this.hasRoom;
  }

  release(): boolean {
    return true;
  }

  /** Ends a connection as {@link close} does, also without room. */
  drop(connection: number): boolean {
    this.#check(connection);
    return this.#open.delete(connection);
  }

  vanish(connection: number): boolean {
    return this.close(connection);
  }

  #check(connection: number): void {
    if (!this.#open.has(connection)) throw new Error(`connection ${connection} is not open`);
  }
}

/** A lane with all phones, its switch, and the time, which a test moves. */
export class LaneUnderTest {
  readonly switch = new MadeSwitch();
  readonly lane: Lane;
  /** Every latency that was recorded, in its order, in microseconds. */
  readonly logins: number[] = [];
  readonly sendDelays: number[] = [];
  readonly presences: number[] = [];
  readonly delivered: number[] = [];
  readonly stored: number[] = [];
  #nowMicros = 0;

  constructor(phones: number, changes: Partial<LaneSettings> = {}) {
    const plan = new NumberingPlan([{ first: FIRST_NUMBER, count: phones + (changes.groups?.plan.count ?? 0) }]);
    const into = (list: number[]): LatencyRecorder => ({ record: (micros) => void list.push(micros) });
    this.lane = new Lane(laneSettings(phones, changes), {
      transport: this.switch,
      shardOf: () => 0,
      makeProtocol: trunklineProtocol(plan, { tokenBytes: 0, sign: () => {} }),
      latencies: {
        login: into(this.logins),
        acknowledgement: into([]),
        delivery: into(this.delivered),
        storedDelivery: into(this.stored),
        groupDelivery: into(this.stored),
        receipt: into([]),
        presence: into(this.presences),
        sendDelay: into(this.sendDelays),
      },
      counters: new Float64Array(DRIVER_COUNTERS.length),
      clock: {
        nowMicros: () => this.#nowMicros,
        tell: (into) => {
          into[0] = this.#nowMicros;
        },
      },
    });
  }

  get nowMicros(): number {
    return this.#nowMicros;
  }

  /** Lets time pass in steps, and the lane work until it is idle after each. @returns how much it did. */
  runFor(micros: number, stepMicros = 1000): number {
    let done = 0;
    for (const until = this.#nowMicros + micros; this.#nowMicros < until; ) {
      this.#nowMicros = Math.min(until, this.#nowMicros + stepMicros);
      for (let more = this.lane.doWork(); more > 0; more = this.lane.doWork()) done += more;
    }
    return done;
  }

  /** Lets so much time pass within a turn. */
  pass(micros: number): void {
    this.#nowMicros += micros;
  }

  /** Lets so much time pass, and the lane take one turn. */
  step(micros: number): void {
    this.#nowMicros += micros;
    this.lane.doWork();
  }

  count(name: DriverCounterName): number {
    return this.lane.counters[DriverCounter[name]] ?? 0;
  }

  /** Lets every phone arrive, and the switch accept whoever logs in. */
  logAllIn(phones: number): void {
    this.switch.onFrame = ({ row, type }) => {
      if (type === FrameType.LOGIN) this.switch.accept(row);
    };
    this.lane.openLogins(phones, 0, this.#nowMicros);
    this.runFor(1e6);
  }
}

export function laneSettings(phones: number, changes: Partial<LaneSettings>): LaneSettings {
  return {
    lane: 0,
    seed: 1,
    population: new Population(phones, phones, 1),
    contacts: 1,
    heartbeatMicros: Number.POSITIVE_INFINITY,
    sessionMicros: Number.POSITIVE_INFINITY,
    awayMicros: 1e6,
    departure: 'logout',
    logins: Arrivals.constant(1e6),
    loginPacing: 'constant',
    loginTimeoutMicros: 5e6,
    loginBackoff: retryAfter(1e6),
    loginAttempts: 1000,
    messages: Arrivals.constant(1000),
    messagePacing: 'constant',
    activePhones: phones,
    payloadBytes: 64,
    presence: NO_PRESENCE,
    inFlightPlaces: 2 ** 17,
    runTag: 1,
    isEcho: false,
    ...changes,
  };
}
