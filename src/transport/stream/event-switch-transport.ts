/**
 * The shard's end of a transport over Node's sockets: it listens. Transports differ only in how a socket becomes a link
 * (LinkListener); what is counted, limited and refused is here, so that it is the same for all of them.
 */
import type { ConnectionEvents } from '../../wire/transport.ts';
import { EventTransport, type EventTransportSettings } from './event-transport.ts';
import type { LinkSink, StreamLink } from './stream-link.ts';

/** What became of connections: accepted, or by cause those that ended before the shard's core was told of them. */
export interface ListenCounters {
  accepted: number;
  /** The shard had no free row, or too many sockets in a handshake: closed at once. */
  tableFull: number;
  /**
   * `accept` failed for want of file descriptors. Where libuv can, it accepts such a connection with a spare
   * descriptor, closes it and reports nothing; those are not counted here.
   */
  acceptFailuresDescriptors: number;
  /** `accept` failed for want of kernel memory. */
  acceptFailuresMemory: number;
  acceptFailuresOther: number;
  /** Closed before TLS and the WebSocket upgrade were finished: broke their rules, left, or took too long. */
  handshakeFailures: number;
}

/** Counters of a listener to which nobody has connected yet. */
export function noConnections(): ListenCounters {
  return {
    accepted: 0,
    tableFull: 0,
    acceptFailuresDescriptors: 0,
    acceptFailuresMemory: 0,
    acceptFailuresOther: 0,
    handshakeFailures: 0,
  };
}

/** What a listener needs from the transport. */
export interface LinkHost extends LinkSink {
  readonly counters: ListenCounters;
  /** Whether there is a free row. If not, the refusal is counted, and the caller closes the connection. */
  takesAnother(): boolean;
  accept(link: StreamLink): void;
  acceptFailed(error: Error): void;
}

/** Listens on one port and turns the sockets that connect into links. */
export interface LinkListener {
  /** @returns the port, which is a free one if `port` is 0. */
  listen(host: string, port: number): Promise<number>;
  /** Ends handshakes that take too long. Called at every poll. */
  look(): void;
  /** Accepts no more connections. */
  stop(): void;
  /** Ends connections that have not become links; resolves when no socket of any kind is left. */
  end(): Promise<void>;
}

export interface EventSwitchSettings extends EventTransportSettings {
  /** Connections that the kernel may keep waiting to be accepted. */
  readonly backlog: number;
  /** Time within which TLS and the WebSocket upgrade must be finished. */
  readonly handshakeTimeoutMicros: number;
}

/**
 * Makes the switch's end of a transport.
 * @param nowMicros any monotonic clock.
 * @param wake called, from the event loop, when there is something to poll.
 */
type MakeSwitchTransport<Settings> = (
  settings: Settings,
  nowMicros: () => number,
  wake: () => void,
) => EventSwitchTransport;

/** The switch's end of a transport, from how it listens. */
export function switchTransportOver<Settings extends EventSwitchSettings>(
  makeListener: (settings: Settings, host: LinkHost, nowMicros: () => number) => LinkListener,
): MakeSwitchTransport<Settings> {
  return (settings, nowMicros, wake) =>
    new EventSwitchTransport(settings, (host) => makeListener(settings, host, nowMicros), nowMicros, wake);
}

export class EventSwitchTransport extends EventTransport implements LinkHost {
  readonly counters = noConnections();
  readonly #listener: LinkListener;

  constructor(
    settings: EventTransportSettings,
    makeListener: (host: LinkHost) => LinkListener,
    nowMicros: () => number,
    wake: () => void,
  ) {
    super(settings, Number.POSITIVE_INFINITY, nowMicros, wake);
    this.#listener = makeListener(this);
  }

  /** @throws the error of Node, for example EADDRINUSE. */
  async listen(address: { readonly host: string; readonly port: number }): Promise<{ port: number }> {
    return { port: await this.#listener.listen(address.host, address.port) };
  }

  /** Existing connections stay. */
  async stopListening(): Promise<void> {
    this.#listener.stop();
  }

  /** Ends everything; resolves when no socket is left. An owner that still polls is told of each end. */
  async shutdown(): Promise<void> {
    this.#listener.stop();
    await Promise.all([this.endAll(), this.#listener.end()]);
  }

  override poll(events: ConnectionEvents, limit: number): number {
    this.#listener.look();
    return super.poll(events, limit);
  }

  takesAnother(): boolean {
    if (this.links.isFull) this.counters.tableFull++;
    return !this.links.isFull;
  }

  accept(link: StreamLink): void {
    this.counters.accepted++;
    this.adopt(link);
    link.token = link.connection;
    this.linkOpened(link);
  }

  acceptFailed(error: Error): void {
    const code = 'code' in error ? error.code : '';
    if (code === 'EMFILE' || code === 'ENFILE') this.counters.acceptFailuresDescriptors++;
    else if (code === 'ENOMEM' || code === 'ENOBUFS') this.counters.acceptFailuresMemory++;
    else this.counters.acceptFailuresOther++;
  }

  protected override closedByOwner(): void {
    // The owner is told by `closed` when the socket is closed.
  }
}
