/**
 * A connection over one socket of node:net or node:tls. One class is for both, because TLS changes only when the
 * connection is open, what an early error means, and that Node cannot reset it.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { CloseReason } from '../../wire/transport.ts';
import { breakReason, refusalReason } from '../stream/close-reasons.ts';
import { resetSocket } from '../stream/reset-socket.ts';
import { type LinkSink, StreamLink } from '../stream/stream-link.ts';

export class NodeTcpLink extends StreamLink {
  readonly #socket: Socket;

  /** @param socket one that is connecting, or has just been accepted. */
  constructor(socket: Socket, sink: LinkSink) {
    super();
    this.#socket = socket;
    const isTls = socket instanceof TLSSocket;
    let fault = 0;
    socket.on('data', (chunk: Buffer) => sink.linkReceived(this, chunk));
    socket.on('error', (error) => {
      const otherwise = isTls ? CloseReason.HANDSHAKE_FAILED : CloseReason.BROKEN;
      fault = this.hasOpened ? breakReason(error) : refusalReason(error, otherwise);
    });
    socket.once('close', () => sink.linkGone(this, fault || CloseReason.PEER_CLOSED));
    if (socket.connecting) socket.once(isTls ? 'secureConnect' : 'connect', () => sink.linkOpened(this));
  }

  override get bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  override write(bytes: Buffer): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  override pause(): void {
    this.#socket.pause();
  }

  override resume(): void {
    this.#socket.resume();
  }

  override end(): void {
    this.#socket.end();
  }

  override destroy(): void {
    this.#socket.destroy();
  }

  override reset(): void {
    if (this.#socket instanceof TLSSocket)
      this.#socket.destroy(); // Node can reset only sockets without TLS
    else resetSocket(this.#socket);
  }
}
