/**
 * The transport that most chat servers written for Node would use: WebSockets of the ws package without its costly
 * extras. There is no compression unless a scenario asks for it, no set of clients (the transport has its own table),
 * and the length of a message is limited. The package sets TCP_NODELAY by itself.
 */
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { type ClientOptions, WebSocket, WebSocketServer } from 'ws';
import {
  type LinkConnector,
  type PhoneTransportSettings,
  phoneTransportOver,
} from '../stream/event-phone-transport.ts';
import {
  type EventSwitchSettings,
  type LinkHost,
  type LinkListener,
  switchTransportOver,
} from '../stream/event-switch-transport.ts';
import { ServerListener } from '../stream/server-listener.ts';
import type { PhoneTls, SwitchTls } from '../stream/tls-settings.ts';
import { STATUS_FULL, WsLink } from './ws-link.ts';

interface WsSettings {
  readonly perMessageDeflate: boolean;
  /** Longest message that is accepted; a longer one ends its connection as a violation. */
  readonly payloadBytesMax: number;
}

export interface WsSwitchSettings extends EventSwitchSettings, WsSettings {
  /** Null: ws and not wss. */
  readonly tls: SwitchTls | null;
}

export interface WsPhoneSettings extends PhoneTransportSettings, WsSettings {
  /** Null: ws and not wss. */
  readonly tls: PhoneTls | null;
}

export const wsSwitchTransport = switchTransportOver(makeListener);
export const wsPhoneTransport = phoneTransportOver(makeConnector);

function makeListener(settings: WsSwitchSettings, host: LinkHost, nowMicros: () => number): LinkListener {
  const { perMessageDeflate, payloadBytesMax, backlog, tls, connectionsMax, handshakeTimeoutMicros } = settings;
  const upgrades = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate,
    maxPayload: payloadBytesMax,
  });
  const server = tls === null ? createServer() : createTlsServer({ key: tls.key, cert: tls.cert });
  const limits = { handshakesMax: connectionsMax, timeoutMicros: handshakeTimeoutMicros, nowMicros };
  const listener = new ServerListener(server, backlog, limits, host);
  upgrades.on('wsClientError', (_error, socket) => refuse(socket, '400 Bad Request'));
  server.on('upgrade', (request, socket, head) => {
    if (!host.takesAnother()) {
      listener.refused(socket);
      refuse(socket, `${STATUS_FULL} Service Unavailable`);
      return;
    }
    upgrades.handleUpgrade(request, socket, head, (webSocket) => {
      listener.handshakeOver(socket);
      host.accept(new WsLink(webSocket, socket, host));
    });
  });
  server.on('request', (request) => refuse(request.socket, '426 Upgrade Required\r\nUpgrade: websocket'));
  server.on('clientError', (_error, socket) => refuse(socket, '400 Bad Request'));
  server.on('tlsClientError', (_error, socket) => refuse(socket, '400 Bad Request'));
  return listener;
}

/** Answers in HTTP, if that is still possible, and ends the connection. The listener counts it when it is closed. */
function refuse(socket: Duplex, answer: string): void {
  socket.on('error', () => {}); // the peer may be gone already
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(`HTTP/1.1 ${answer}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}

function makeConnector(settings: WsPhoneSettings): LinkConnector {
  const { perMessageDeflate, payloadBytesMax, tls } = settings;
  const scheme = tls === null ? 'ws' : 'wss';
  const fixed: ClientOptions = { perMessageDeflate, maxPayload: payloadBytesMax, followRedirects: false };
  if (tls !== null) fixed.rejectUnauthorized = tls.rejectUnauthorized;
  if (tls !== null && tls.ca !== null) fixed.ca = tls.ca;
  return (target, source, sink) => {
    const host = target.host.includes(':') ? `[${target.host}]` : target.host;
    const options = source === null ? fixed : { ...fixed, localAddress: source };
    return new WsLink(new WebSocket(`${scheme}://${host}:${target.port}/`, options), null, sink);
  };
}
