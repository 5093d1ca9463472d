/** The shard's end of a transport over Node's sockets: it listens. */
import { EventTransport, type EventTransportSettings } from './event-transport.ts';
import type { LinkSink, StreamLink } from './stream-link.ts';

/** Connections that came to nothing before the shard's core heard of them, by cause. */
export interface ListenCounters {
  accepted: number;
  /** The shard had no free row: closed at once. */
  tableFull: number;
  /**
   * `accept` failed for want of file descriptors. Where libuv can, it takes such a connection
   * with a spare descriptor and closes it, and says nothing: those are not among these.
   */
  acceptFailuresDescriptors: number;
  /** `accept` failed for want of kernel memory. */
  acceptFailuresMemory: number;
  acceptFailuresOther: number;
  /** Whoever connected does not speak TLS, HTTP or WebSocket as asked. */
  handshakeFailures: number;
}

/** What a listener needs of the transport. */
export interface LinkHost extends LinkSink {
  readonly counters: ListenCounters;
  /** Whether there is a free row; if not, that is counted and the connection is to be closed. */
  takesAnother(): boolean;
  accept(link: StreamLink): void;
  acceptFailed(error: Error): void;
}

/** Listens on one port and makes links of what connects. */
export interface LinkListener {
  /** @returns the port, which is a free one if `port` is 0. */
  listen(host: string, port: number): Promise<number>;
  /** Takes no more connections. */
  stop(): void;
  /** Ends connections that have not become links; resolves when no socket at all is left. */
  end(): Promise<void>;
}

export class EventSwitchTransport extends EventTransport implements LinkHost {
  readonly counters: ListenCounters = {
    accepted: 0,
    tableFull: 0,
    acceptFailuresDescriptors: 0,
    acceptFailuresMemory: 0,
    acceptFailuresOther: 0,
    handshakeFailures: 0,
  };
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

  /** @throws what Node throws, EADDRINUSE for example. */
  async listen(address: { readonly host: string; readonly port: number }): Promise<{ port: number }> {
    return { port: await this.#listener.listen(address.host, address.port) };
  }

  /** Connections that are there stay. */
  async stopListening(): Promise<void> {
    this.#listener.stop();
  }

  /** Ends everything: resolves when no socket is left. The owner hears of it if it still polls. */
  async shutdown(): Promise<void> {
    this.#listener.stop();
    await Promise.all([this.endAll(), this.#listener.end()]);
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
    // `closed` follows when the socket is gone.
  }
}
