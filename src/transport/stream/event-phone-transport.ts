/**
 * The lane's end of a transport over Node's sockets: it connects. Transports differ only in how a link begins
 * (LinkConnector); the limit on connections that are being opened, and how long that may take, are here for all of
 * them.
 */
import { assert, at } from '../../base/assert.ts';
import type { PhoneTransport } from '../../wire/transport.ts';
import { EventTransport, type EventTransportSettings } from './event-transport.ts';
import { type LinkSink, LinkState, type StreamLink } from './stream-link.ts';

export interface PhoneTransportSettings extends EventTransportSettings {
  /** Maximum of connections that are being opened; beyond it `connect` returns false. */
  readonly connectingMax: number;
  readonly connectTimeoutMicros: number;
}

export interface ConnectTarget {
  readonly host: string;
  readonly port: number;
}

/** Starts a connection; `source` is its local address, null for any. */
export type LinkConnector = (target: ConnectTarget, source: string | null, sink: LinkSink) => StreamLink;

/** Makes the phones' end of a transport. @param sourceOf the local address for the phone in a row; null for any. */
type MakePhoneTransport<Settings> = (
  settings: Settings,
  sourceOf: (row: number) => string | null,
  nowMicros: () => number,
  wake: () => void,
) => EventPhoneTransport;

/** The phones' end of a transport, from how it connects. */
export function phoneTransportOver<Settings extends PhoneTransportSettings>(
  makeConnector: (settings: Settings) => LinkConnector,
): MakePhoneTransport<Settings> {
  return (settings, sourceOf, nowMicros, wake) =>
    new EventPhoneTransport(settings, makeConnector(settings), sourceOf, nowMicros, wake);
}

export class EventPhoneTransport extends EventTransport implements PhoneTransport {
  readonly #connector: LinkConnector;
  readonly #sourceOf: (row: number) => string | null;
  readonly #connectingMax: number;
  #targets: readonly ConnectTarget[] = [];
  #connecting = 0;

  /** @param sourceOf the local address for the phone in a row; null for any. */
  constructor(
    settings: PhoneTransportSettings,
    connector: LinkConnector,
    sourceOf: (row: number) => string | null,
    nowMicros: () => number,
    wake: () => void,
  ) {
    super(settings, settings.connectTimeoutMicros, nowMicros, wake);
    this.#connector = connector;
    this.#sourceOf = sourceOf;
    this.#connectingMax = settings.connectingMax;
  }

  /** Sets the addresses of the shards: shard s is at target s modulo the number of targets. */
  setTargets(targets: readonly ConnectTarget[]): void {
    this.#targets = targets;
  }

  /** @returns false if too many connections are being opened, or if no connection number is free. */
  connect(shard: number, token: number): boolean {
    assert(this.#targets.length > 0, 'targets are set before phones connect');
    if (this.#connecting >= this.#connectingMax || this.links.isFull) return false;
    const target = at(this.#targets, shard % this.#targets.length);
    const link = this.#connector(target, this.#sourceOf(token), this);
    link.token = token;
    this.#connecting++;
    this.adopt(link);
    this.watched.add(link, this.nowMicros());
    return true;
  }

  /**
   * From now on the phone sends nothing and ignores what arrives. Its socket stays open until the switch closes it, or
   * until shutdown. The kernel still acknowledges the switch's packets, which a dead network would not do.
   */
  vanish(connection: number): boolean {
    const link = this.links.get(connection);
    if (link.state !== LinkState.OPEN) return this.close(connection, 0);
    link.state = LinkState.VANISHED;
    link.isSilent = true;
    link.dropInput();
    if (link.isPaused) link.resume(); // only a socket that is read reports that the switch has closed
    return true;
  }

  /** Resolves when no socket is left. */
  shutdown(): Promise<void> {
    return this.endAll();
  }

  override linkOpened(link: StreamLink): void {
    if (link.state === LinkState.CONNECTING) this.#connecting--;
    super.linkOpened(link);
  }

  override linkGone(link: StreamLink, reason: number): void {
    if (link.state === LinkState.CONNECTING) this.#connecting--;
    super.linkGone(link, reason);
  }

  protected override closedByOwner(link: StreamLink): void {
    link.isSilent = true;
    if (link.state === LinkState.GONE || link.state === LinkState.CLOSED) this.links.remove(link);
  }
}
