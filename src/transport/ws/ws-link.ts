/**
 * A connection over one WebSocket of the ws package. Each flush is one binary message; the boundaries between messages
 * have no meaning.
 */
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { RawData, WebSocket } from 'ws';
import { CloseReason } from '../../wire/transport.ts';
import { breakReason, refusalReason } from '../stream/close-reasons.ts';
import { resetSocket } from '../stream/reset-socket.ts';
import { type LinkSink, StreamLink } from '../stream/stream-link.ts';

/** Status codes of close frames; RFC 6455, section 7.4.1. */
const CloseCode = { NORMAL: 1000, UNSUPPORTED_DATA: 1003, ABNORMAL: 1006 } as const;
/** The HTTP status with which a switch without a free row answers. */
export const STATUS_FULL = 503;

export class WsLink extends StreamLink {
  readonly #webSocket: WebSocket;
  readonly #socket: unknown;

  /** @param socket the socket of an accepted connection; null for one that connects. */
  constructor(webSocket: WebSocket, socket: unknown, sink: LinkSink) {
    super();
    this.#webSocket = webSocket;
    this.#socket = socket;
    let fault = 0;
    webSocket.on('message', (data: RawData, isBinary: boolean) => {
      if (isBinary) {
        sink.linkReceived(this, data as Buffer); // binaryType is 'nodebuffer'
      } else {
        webSocket.close(CloseCode.UNSUPPORTED_DATA);
        sink.linkFailed(this, CloseReason.VIOLATION);
      }
    });
    webSocket.on('error', (error) => {
      if (!this.hasOpened) {
        fault ||= refusalReason(error, CloseReason.HANDSHAKE_FAILED);
        return;
      }
      fault = breakReason(error);
      sink.linkFailed(this, fault); // ws has sent a close frame with the reason
    });
    webSocket.once('close', (code: number) => {
      const ended = code === CloseCode.ABNORMAL ? CloseReason.BROKEN : CloseReason.PEER_CLOSED;
      sink.linkGone(this, fault || ended);
    });
    if (socket !== null) return;
    webSocket.once('open', () => sink.linkOpened(this));
    webSocket.once('unexpected-response', (_request, response) => {
      fault = response.statusCode === STATUS_FULL ? CloseReason.TABLE_FULL : CloseReason.HANDSHAKE_FAILED;
      webSocket.terminate();
    });
  }

  override get bufferedBytes(): number {
    return this.#webSocket.bufferedAmount;
  }

  override write(bytes: Buffer): void {
    // A socket that is closing would discard the bytes but count them as buffered.
    if (this.#webSocket.readyState === this.#webSocket.OPEN) this.#webSocket.send(bytes);
  }

  override pause(): void {
    this.#webSocket.pause();
  }

  override resume(): void {
    this.#webSocket.resume();
  }

  override end(): void {
    this.#webSocket.close(CloseCode.NORMAL);
  }

  override destroy(): void {
    this.#webSocket.terminate();
  }

  override reset(): void {
    const socket = this.#socket;
    if (socket instanceof Socket && !(socket instanceof TLSSocket)) resetSocket(socket);
    else this.#webSocket.terminate();
  }
}
