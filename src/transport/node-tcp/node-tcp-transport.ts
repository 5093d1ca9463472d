/**
 * The transport that most servers written for Node would use: one Socket of node:net for each
 * connection, or of node:tls. Its settings are those of a careful user: small frames are not held
 * back, both directions end together, and Node's own buffers are left as they are. Kernel buffers
 * cannot be sized through node:net.
 */
import { connect, createServer, type Socket, type TcpNetConnectOpts } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import {
  EventPhoneTransport,
  type LinkConnector,
  type PhoneTransportSettings,
} from '../stream/event-phone-transport.ts';
import { EventSwitchTransport, type LinkHost, type LinkListener } from '../stream/event-switch-transport.ts';
import type { EventTransportSettings } from '../stream/event-transport.ts';
import { ServerListener } from '../stream/server-listener.ts';
import type { PhoneTls, SwitchTls } from '../stream/tls-settings.ts';
import { NodeTcpLink } from './node-tcp-link.ts';

export interface NodeTcpSwitchSettings extends EventTransportSettings {
  readonly noDelay: boolean;
  readonly backlog: number;
  /** Null: no TLS. */
  readonly tls: SwitchTls | null;
}

export interface NodeTcpPhoneSettings extends PhoneTransportSettings {
  readonly noDelay: boolean;
  /** Null: no TLS. */
  readonly tls: PhoneTls | null;
}

/**
 * @param nowMicros any monotonic clock.
 * @param wake called, from the event loop, when there is something to poll.
 */
export function nodeTcpSwitchTransport(
  settings: NodeTcpSwitchSettings,
  nowMicros: () => number,
  wake: () => void,
): EventSwitchTransport {
  return new EventSwitchTransport(settings, (host) => makeListener(settings, host), nowMicros, wake);
}

/** @param sourceOf the address that the phone of a row connects from; null for any. */
export function nodeTcpPhoneTransport(
  settings: NodeTcpPhoneSettings,
  sourceOf: (row: number) => string | null,
  nowMicros: () => number,
  wake: () => void,
): EventPhoneTransport {
  return new EventPhoneTransport(settings, makeConnector(settings), sourceOf, nowMicros, wake);
}

function makeListener(settings: NodeTcpSwitchSettings, host: LinkHost): LinkListener {
  const { noDelay, backlog, tls } = settings;
  const accept = (socket: Socket): void => {
    if (host.takesAnother()) host.accept(new NodeTcpLink(socket, host));
    else socket.destroy();
  };
  if (tls === null) {
    return new ServerListener(createServer({ noDelay, allowHalfOpen: false }, accept), backlog, false, host);
  }
  const server = createTlsServer({ key: tls.key, cert: tls.cert, noDelay, allowHalfOpen: false }, accept);
  server.on('tlsClientError', (_error, socket) => {
    host.counters.handshakeFailures++;
    socket.destroy();
  });
  return new ServerListener(server, backlog, true, host);
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
