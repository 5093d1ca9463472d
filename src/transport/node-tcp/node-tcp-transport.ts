/**
 * The transport that most servers written for Node would use: one socket of node:net or node:tls per connection. Its
 * settings are those of a careful user: small frames are sent at once, both directions end together, and the sizes of
 * Node's own buffers are the defaults. node:net cannot set the sizes of kernel buffers.
 */
import { connect, createServer, type Socket, type TcpNetConnectOpts } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
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
import { NodeTcpLink } from './node-tcp-link.ts';

export interface NodeTcpSwitchSettings extends EventSwitchSettings {
  readonly noDelay: boolean;
  /** Null: no TLS. */
  readonly tls: SwitchTls | null;
}

export interface NodeTcpPhoneSettings extends PhoneTransportSettings {
  readonly noDelay: boolean;
  /** Null: no TLS. */
  readonly tls: PhoneTls | null;
}

export const nodeTcpSwitchTransport = switchTransportOver(makeListener);
export const nodeTcpPhoneTransport = phoneTransportOver(makeConnector);

function makeListener(settings: NodeTcpSwitchSettings, host: LinkHost, nowMicros: () => number): LinkListener {
  const { noDelay, backlog, tls, connectionsMax, handshakeTimeoutMicros } = settings;
  const accept = (socket: Socket): void => {
    if (host.takesAnother()) host.accept(new NodeTcpLink(socket, host));
    else socket.destroy();
  };
  if (tls === null) {
    return new ServerListener(createServer({ noDelay, allowHalfOpen: false }, accept), backlog, null, host);
  }
  const server = createTlsServer({ key: tls.key, cert: tls.cert, noDelay, allowHalfOpen: false });
  const limits = { handshakesMax: connectionsMax, timeoutMicros: handshakeTimeoutMicros, nowMicros };
  const listener = new ServerListener(server, backlog, limits, host);
  server.on('secureConnection', (socket) => {
    listener.handshakeOver(socket);
    accept(socket);
  });
  server.on('tlsClientError', (_error, socket) => socket.destroy()); // counted when it is closed
  return listener;
}

function makeConnector(settings: NodeTcpPhoneSettings): LinkConnector {
  const { noDelay, tls } = settings;
  return (target, source, sink) => {
    const options: TcpNetConnectOpts = { host: target.host, port: target.port, noDelay, allowHalfOpen: false };
    if (source !== null) options.localAddress = source;
    if (tls === null) return new NodeTcpLink(connect(options), sink);
    const trust = { rejectUnauthorized: tls.rejectUnauthorized, ...(tls.ca === null ? {} : { ca: tls.ca }) };
    return new NodeTcpLink(connectTls({ ...options, ...trust }), sink);
  };
}
