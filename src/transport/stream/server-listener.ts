/**
 * A server of Node as a listener: how it starts, how it ends, and the sockets that are connected but are not links yet,
 * because TLS or the WebSocket upgrade is not finished. Their number and their time are limited, so that clients that
 * connect and say nothing cannot use up the memory and the descriptors of the switch.
 */
import { type Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { assert } from '../../base/assert.ts';
import type { LinkHost, LinkListener } from './event-switch-transport.ts';

/** The limits of handshakes that follow the one of TCP. */
export interface HandshakeLimits {
  /** Sockets in a handshake at the same time; a further one is closed at once and counted in `tableFull`. */
  readonly handshakesMax: number;
  /** A handshake that takes longer is ended and counted in `handshakeFailures`. */
  readonly timeoutMicros: number;
  /** Any monotonic clock. */
  readonly nowMicros: () => number;
}

/** What it tells of: links are handed on by whoever listens to the server. */
type ListenerHost = Pick<LinkHost, 'counters' | 'acceptFailed'>;

interface Handshake {
  readonly socket: Socket;
  readonly sinceMicros: number;
  readonly onClose: () => void;
  /** The reason why it becomes no link has been counted. */
  isCounted: boolean;
}

export class ServerListener implements LinkListener {
  readonly #server: Server;
  readonly #backlog: number;
  readonly #limits: HandshakeLimits | null;
  readonly #host: ListenerHost;
  /** By the peer's address and port, which are those of the TLS socket too. The oldest comes first. */
  readonly #handshakes = new Map<string, Handshake>();

  /**
   * @param backlog connections that may wait to be accepted.
   * @param limits null if a socket becomes a link as soon as TCP has connected it.
   */
  constructor(server: Server, backlog: number, limits: HandshakeLimits | null, host: ListenerHost) {
    this.#server = server;
    this.#backlog = backlog;
    this.#limits = limits;
    this.#host = host;
    // If `accept` fails for want of descriptors or memory, the server stays open and accepts later.
    server.on('error', (error) => {
      if (server.listening) host.acceptFailed(error);
    });
    if (limits !== null) server.on('connection', (socket: Socket) => this.#begin(socket, limits));
  }

  /** The socket's handshake has succeeded: it is now a link, or closed for want of a row. */
  handshakeOver(socket: Duplex): void {
    const key = keyOf(socket);
    const handshake = this.#handshakes.get(key);
    if (handshake === undefined) return; // the peer is gone already
    this.#handshakes.delete(key);
    handshake.socket.off('close', handshake.onClose);
  }

  /** The reason for which this socket is refused has been counted. It is watched until it is closed. */
  refused(socket: Duplex): void {
    const handshake = this.#handshakes.get(keyOf(socket));
    if (handshake !== undefined) handshake.isCounted = true;
  }

  look(): void {
    if (this.#limits === null || this.#handshakes.size === 0) return;
    const { nowMicros, timeoutMicros } = this.#limits;
    const startedBefore = nowMicros() - timeoutMicros;
    for (const { socket, sinceMicros } of this.#handshakes.values()) {
      if (sinceMicros >= startedBefore) return;
      socket.destroy(); // counted when it is closed
    }
  }

  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port, backlog: this.#backlog }, () => {
        this.#server.off('error', reject);
        const address = this.#server.address();
        assert(address !== null && typeof address === 'object', 'a server that listens on a port has an address');
        resolve(address.port);
      });
    });
  }

  stop(): void {
    this.#server.close();
  }

  async end(): Promise<void> {
    for (const handshake of this.#handshakes.values()) {
      handshake.isCounted = true; // ended by the switch: not a failure
      handshake.socket.destroy();
    }
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve()); // calls back at once if it is closed already
    });
  }

  #begin(socket: Socket, limits: HandshakeLimits): void {
    if (this.#handshakes.size >= limits.handshakesMax) {
      this.#host.counters.tableFull++;
      socket.destroy();
      return;
    }
    const key = keyOf(socket);
    const onClose = (): void => {
      if (!handshake.isCounted) this.#host.counters.handshakeFailures++;
      if (this.#handshakes.get(key) === handshake) this.#handshakes.delete(key);
    };
    const handshake: Handshake = { socket, sinceMicros: limits.nowMicros(), onClose, isCounted: false };
    this.#handshakes.set(key, handshake);
    socket.once('close', onClose);
  }
}

function keyOf(socket: Duplex): string {
  return socket instanceof Socket ? `${socket.remoteAddress} ${socket.remotePort}` : '';
}
