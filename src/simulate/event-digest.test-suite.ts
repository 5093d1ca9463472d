/** A digest of everything that happens in a simulated world: if two worlds have the same digest, they did the same. */
import { createHash, type Hash } from 'node:crypto';
import type { DeliveryLatencies, LaneLatencies } from '../driver/state/lane-settings.ts';
import type { ConnectionEvents, PhoneTransport } from '../wire/transport.ts';
import { World, type WorldSettings } from './world/world.ts';

/**
 * A world that records each event and each frame between its phones and its switch, each latency, all counters, and at
 * the end the messages that wait in mailboxes.
 */
export class DigestedWorld {
  readonly world: World;
  /** Hash of everything so far, updated after each {@link runFor}. */
  readonly digests: string[] = [];
  events = 0;
  readonly #hash: Hash = createHash('sha256');

  constructor(settings: WorldSettings, byPlatform: readonly DeliveryLatencies[] = []) {
    const record = (name: keyof LaneLatencies): { record: (micros: number) => void } => ({
      record: (micros) => this.#note(name, micros),
    });
    this.world = new World({
      ...settings,
      wrapTransport: (transport, lane) => this.#overhear(transport, lane),
      latencies: {
        login: record('login'),
        acknowledgement: record('acknowledgement'),
        delivery: record('delivery'),
        storedDelivery: record('storedDelivery'),
        groupDelivery: record('groupDelivery'),
        receipt: record('receipt'),
        presence: record('presence'),
        sendDelay: record('sendDelay'),
        byPlatform,
      },
    });
  }

  /** Lets time pass and updates the digest. */
  runFor(micros: number): void {
    this.world.runFor(micros);
    for (const { counters } of [...this.world.lanes, ...this.world.shards]) this.#hash.update(counters);
    for (const store of this.world.stores) store.forEachMessage((sender, id) => this.#note('waits', sender, id));
    this.digests.push(this.#hash.copy().digest('hex'));
  }

  #note(what: string, ...figures: readonly number[]): void {
    this.events++;
    this.#hash.update(`${what} ${figures.join(' ')}\n`);
  }

  #bytes(view: DataView, start: number, end: number): void {
    this.#hash.update(new Uint8Array(view.buffer, view.byteOffset + start, end - start));
  }

  #overhear(transport: PhoneTransport, lane: number): PhoneTransport {
    const note = (what: string, ...figures: readonly number[]): void =>
      this.#note(what, this.world.clock.nowMicros(), lane, ...figures);
    const claimed = { at: 0, bytes: 0 };
    const heard = this.#heard(note);
    return {
      get output() {
        return transport.output;
      },
      poll: (events, limit) => transport.poll(heard(events), limit),
      hasInput: () => transport.hasInput(),
      claim: (connection, bytes, reserveBytes) => {
        const at = transport.claim(connection, bytes, reserveBytes);
        note('claim', connection, bytes, Math.min(at, 0));
        Object.assign(claimed, { at, bytes });
        return at;
      },
      commit: () => {
        note('commit');
        this.#bytes(transport.output, claimed.at, claimed.at + claimed.bytes);
        transport.commit();
      },
      roomBytes: () => transport.roomBytes(),
      flush: () => transport.flush(),
      connect: (shard, token) => {
        const isStarted = transport.connect(shard, token);
        note('connect', shard, token, Number(isStarted));
        return isStarted;
      },
      close: (connection, reason) => {
        const isClosed = transport.close(connection, reason);
        note('close', connection, reason, Number(isClosed));
        return isClosed;
      },
      release: (connection) => transport.release(connection),
      vanish: (connection) => {
        const isGone = transport.vanish(connection);
        note('vanish', connection, Number(isGone));
        return isGone;
      },
    };
  }

  #heard(note: (what: string, ...figures: readonly number[]) => void) {
    return (events: ConnectionEvents): ConnectionEvents => ({
      opened: (token, connection) => {
        note('opened', token, connection);
        events.opened(token, connection);
      },
      refused: (token, reason) => {
        note('refused', token, reason);
        events.refused(token, reason);
      },
      bytes: (token, connection, view, start, end) => {
        note('bytes', token, connection, end - start);
        this.#bytes(view, start, end);
        return events.bytes(token, connection, view, start, end);
      },
      closed: (token, connection, reason) => {
        note('closed', token, connection, reason);
        events.closed(token, connection, reason);
      },
    });
  }
}
