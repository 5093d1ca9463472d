/**
 * A server of Node's as a listener: its start, its end, and the sockets in between that have
 * connected and are not links yet, because they still shake hands.
 */
import type { Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { assert } from '../../base/assert.ts';
import type { LinkHost, LinkListener } from './event-switch-transport.ts';

export class ServerListener implements LinkListener {
  readonly #server: Server;
  readonly #backlog: number;
  readonly #strangers = new Set<Duplex>();
  readonly #forget: (this: Duplex) => void;

  /**
   * @param backlog connections that may wait to be accepted.
   * @param hasHandshake more than TCP has to succeed before a socket becomes a link.
   */
  constructor(server: Server, backlog: number, hasHandshake: boolean, host: LinkHost) {
    this.#server = server;
    this.#backlog = backlog;
    const strangers = this.#strangers;
    this.#forget = function forget(this: Duplex): void {
      strangers.delete(this);
    };
    // Without descriptors or memory to accept with the server goes on, to accept later.
    server.on('error', (error) => {
      if (server.listening) host.acceptFailed(error);
    });
    if (!hasHandshake) return;
    server.on('connection', (socket: Socket) => {
      this.#strangers.add(socket);
      socket.once('close', this.#forget);
    });
  }

  /** This socket has become a link. One that TLS lies upon stays a stranger until it closes. */
  knows(socket: Duplex): void {
    const isStranger = this.#strangers.delete(socket);
    if (isStranger) socket.off('close', this.#forget);
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
    for (const socket of this.#strangers) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve()); // calls back at once if it is closed already
    });
  }
}
