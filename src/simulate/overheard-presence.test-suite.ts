/**
 * A world whose transports are overheard: what each phone knows of the accounts that it watches, from its frames alone.
 */
import assert from 'node:assert/strict';
import type { LaneLatencies } from '../driver/state/lane-settings.ts';
import { accountNumber, FrameType, HEADER_BYTES, headerBodyBytes, headerType } from '../wire/frames.ts';
import {
  LAST_SEEN_UNKNOWN,
  readLastSeenSeconds,
  readWatchedHigh,
  readWatchedLow,
  readWatchedState,
} from '../wire/presence-frames.ts';
import type { ConnectionEvents, PhoneTransport } from '../wire/transport.ts';
import { World, type WorldSettings } from './world/world.ts';

export class OverheardPresence {
  readonly world: World;
  /** By lane and row of a phone: what it has heard since its login, by account. */
  readonly known = new Map<string, Map<number, number>>();
  readonly latencies: number[] = [];
  readonly #connections = new Map<string, number>();
  notices = 0;
  typings = 0;

  constructor(settings: WorldSettings) {
    this.world = new World({
      ...settings,
      wrapTransport: (transport, lane) => this.#overhear(transport, lane),
      latencies: { ...NONE, presence: { record: (micros) => void this.latencies.push(micros) } },
    });
  }

  /** All that online phones know, as pairs of account and state. */
  get pairs(): [account: number, state: number][] {
    return [...this.known.values()].flatMap((ofPhone) => [...ofPhone]);
  }

  #overhear(transport: PhoneTransport, lane: number): PhoneTransport {
    const poll = transport.poll.bind(transport);
    const forget = (connection: number): void => {
      for (const [phone, one] of this.#connections)
        if (one === connection && phone.startsWith(`${lane} `)) this.#connections.delete(phone);
    };
    const close = transport.close.bind(transport);
    transport.close = (connection, reason) => {
      forget(connection);
      return close(connection, reason);
    };
    const vanish = transport.vanish.bind(transport);
    transport.vanish = (connection) => {
      forget(connection);
      return vanish(connection);
    };
    transport.poll = (events: ConnectionEvents, limit: number): number => poll(this.#heard(events, lane), limit);
    return transport;
  }

  #heard(events: ConnectionEvents, lane: number): ConnectionEvents {
    return {
      opened: (token, connection) => {
        this.known.set(`${lane} ${token}`, new Map());
        this.#connections.set(`${lane} ${token}`, connection);
        events.opened(token, connection);
      },
      refused: (token, reason) => events.refused(token, reason),
      bytes: (token, connection, view, start, end) => {
        const isCurrent = this.#connections.get(`${lane} ${token}`) === connection;
        const taken = events.bytes(token, connection, view, start, end);
        for (let at = start; at < start + taken; ) {
          const header = view.getUint16(at, true);
          const phone = `${lane} ${token}`;
          if (isCurrent) this.#frame(phone, headerType(header), view, at + HEADER_BYTES);
          at += HEADER_BYTES + headerBodyBytes(header);
        }
        return taken;
      },
      closed: (token, connection, reason) => events.closed(token, connection, reason),
    };
  }

  #frame(phone: string, type: number, view: DataView, body: number): void {
    if (type === FrameType.TYPING) this.typings++;
    if (type !== FrameType.PRESENCE) return;
    this.notices++;
    const account = this.world.plan.indexOf(accountNumber(readWatchedHigh(view, body), readWatchedLow(view, body)));
    const state = readWatchedState(view, body);
    const lastSeen = readLastSeenSeconds(view, body);
    const seconds = Math.ceil(this.world.clock.nowMicros() / 1e6);
    assert.ok(state === 1 ? lastSeen === 0 : lastSeen <= seconds || lastSeen === LAST_SEEN_UNKNOWN, `${lastSeen} s`);
    this.known.get(phone)?.set(account, state);
  }
}

const none = { record: (): void => {} };
const NONE: Omit<LaneLatencies, 'presence'> = {
  login: none,
  acknowledgement: none,
  delivery: none,
  storedDelivery: none,
  groupDelivery: none,
  receipt: none,
  sendDelay: none,
};
