/** Support for tests of transports over Node's sockets: both ends, and owners for them. */
import assert from 'node:assert/strict';
import type { Server } from 'node:net';
import { copyBytes } from '../../base/copy-bytes.ts';
import type { ConnectionEvents, Transport } from '../../wire/transport.ts';
import { patience } from '../patience.test-suite.ts';
import type { TransportEnds } from '../transport-pair.test-suite.ts';
import type { EventPhoneTransport, PhoneTransportSettings } from './event-phone-transport.ts';
import type { EventSwitchTransport } from './event-switch-transport.ts';
import type { EventTransportSettings } from './event-transport.ts';

/** How one kind of transport is made. */
export interface EventEnds {
  readonly makeSwitch: (
    settings: EventTransportSettings,
    nowMicros: () => number,
    wake?: () => void,
  ) => EventSwitchTransport;
  readonly makePhones: (
    settings: PhoneTransportSettings,
    nowMicros: () => number,
    wake?: () => void,
  ) => EventPhoneTransport;
}

export const LOOPBACK = '127.0.0.1';
const OUTPUT_TIMEOUT_MICROS = 10e6;
const CONNECT_TIMEOUT_MICROS = 5e6;

export const HANDSHAKE_TIMEOUT_MICROS = 20e6;
/** Settings of the switch only. */
export const LISTENING = { backlog: 511, handshakeTimeoutMicros: HANDSHAKE_TIMEOUT_MICROS };

export function settingsFor(connectionsMax: number): PhoneTransportSettings {
  return {
    connectionsMax,
    outputPoolBytes: 65_536,
    outputLimitBytes: 65_536,
    outputTimeoutMicros: OUTPUT_TIMEOUT_MICROS,
    connectingMax: 64,
    connectTimeoutMicros: CONNECT_TIMEOUT_MICROS,
  };
}

export const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));
const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Waits until something holds; fails if it never does. */
export async function until(holds: () => boolean, what: string, step: () => void = () => {}): Promise<void> {
  const isPatient = patience();
  for (let n = 0; !holds(); n++) {
    assert.ok(isPatient(), what);
    step();
    await (n % 16 === 15 ? breathe() : soon());
  }
}

/** Both ends, connected to each other, for the compliance suite. */
export async function complianceEnds(kind: EventEnds, slots: number): Promise<TransportEnds> {
  const { makeSwitch, makePhones } = kind;
  const clock = { micros: 0 };
  const shard = makeSwitch(settingsFor(slots), () => clock.micros);
  const phones = makePhones(settingsFor(slots + 8), () => 0);
  const { port } = await shard.listen({ host: LOOPBACK, port: 0 });
  phones.setTargets([{ host: LOOPBACK, port }]);
  const close = async (): Promise<void> => {
    await Promise.all([phones.shutdown(), shard.shutdown()]);
  };
  const waitingBytes = (slot: number): number => shard.outputWaitingBytes(slot);
  const readers = { clock, timeoutMicros: OUTPUT_TIMEOUT_MICROS, waitingBytes };
  return { phones, shard, settle: breathe, close, readers };
}

/** A switch that sends back what it receives, in pieces of sizes that the test chooses, and releases closed rows. */
export class EchoOwner implements ConnectionEvents {
  readonly closings: { readonly slot: number; readonly reason: number }[] = [];
  readonly openings: number[] = [];
  readonly #transport: Transport;
  readonly #appetite: () => number;

  constructor(transport: Transport, appetite: () => number) {
    this.#transport = transport;
    this.#appetite = appetite;
  }

  opened(slot: number): void {
    this.openings.push(slot);
  }

  refused(): void {
    assert.fail('a switch connects to nobody');
  }

  bytes(_token: number, slot: number, view: DataView, start: number, end: number): number {
    const taken = Math.min(this.#appetite(), end - start);
    if (taken === 0) return 0;
    const at = this.#transport.claim(slot, taken, 0);
    if (at < 0) return 0;
    copyBytes(view, start, this.#transport.output, at, taken);
    this.#transport.commit();
    return taken;
  }

  closed(_token: number, slot: number, reason: number): void {
    this.closings.push({ slot, reason });
    this.#transport.release(slot);
  }

  work(): void {
    this.#transport.poll(this, 64);
    this.#transport.flush();
  }
}

/** Phones that keep everything that they receive. */
export class HearingPhones implements ConnectionEvents {
  readonly connections = new Map<number, number>();
  readonly heard = new Map<number, number[]>();
  readonly refusals = new Map<number, number>();
  readonly closings = new Map<number, number>();
  readonly #transport: EventPhoneTransport;

  constructor(transport: EventPhoneTransport) {
    this.#transport = transport;
  }

  opened(token: number, connection: number): void {
    this.connections.set(token, connection);
  }

  refused(token: number, reason: number): void {
    this.refusals.set(token, reason);
  }

  bytes(token: number, connection: number, view: DataView, start: number, end: number): number {
    assert.equal(connection, this.connections.get(token));
    const list = this.heard.get(token) ?? [];
    for (let at = start; at < end; at++) list.push(view.getUint8(at));
    this.heard.set(token, list);
    return end - start;
  }

  closed(token: number, connection: number, reason: number): void {
    this.closings.set(token, reason);
    this.#transport.release(connection);
  }

  work(): void {
    this.#transport.poll(this, 64);
    this.#transport.flush();
  }

  /** @returns false if there is no room now. */
  say(token: number, bytes: Uint8Array): boolean {
    const at = this.#transport.claim(this.connections.get(token) as number, bytes.length, 0); // it is connected
    if (at < 0) return false;
    bytes.forEach((byte, i) => {
      this.#transport.output.setUint8(at + i, byte);
    });
    this.#transport.commit();
    return true;
  }
}

/** An echoing switch and phones; `step` polls both. */
export async function makeWorld(kind: EventEnds, connectionsMax: number, appetite: () => number) {
  const clock = { micros: 0 };
  const nowMicros = (): number => clock.micros;
  const wakes = { shard: 0 }; // counts one wake-up per arrival
  const shard = kind.makeSwitch(settingsFor(connectionsMax), nowMicros, () => {
    wakes.shard++;
  });
  const phones = kind.makePhones(settingsFor(connectionsMax), nowMicros);
  const echo = new EchoOwner(shard, appetite);
  const hearing = new HearingPhones(phones);
  const { port } = await shard.listen({ host: LOOPBACK, port: 0 });
  phones.setTargets([{ host: LOOPBACK, port }]);
  const step = (): void => {
    hearing.work();
    echo.work();
  };
  const close = async (): Promise<void> => {
    await Promise.all([phones.shutdown(), shard.shutdown()]);
  };
  const connect = async (token: number): Promise<void> => {
    await until(() => phones.connect(0, token), 'there is room to connect', step);
    const before = echo.openings.length;
    const isOpen = (): boolean => hearing.connections.has(token) && echo.openings.length > before;
    await until(isOpen, `phone ${token} connects`, step);
  };
  return { clock, wakes, shard, phones, echo, hearing, port, step, close, connect };
}

export function listenOn(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, LOOPBACK, () => {
      const address = server.address();
      assert.ok(address !== null && typeof address === 'object');
      resolve(address.port);
    });
  });
}
