/**
 * The least of a WebSocket server: takes one client's handshake and messages, by hand, so that what it says can be
 * wrong (RFC 6455).
 */
import { createHash } from 'node:crypto';

const ACCEPT_SALT = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const HEAD_END = '\r\n\r\n';
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const BINARY = 0x82;

/** The answer to a handshake, and where the handshake ends; null where it is not all there. */
export function acceptHandshake(bytes: Buffer): { readonly answer: Buffer; readonly end: number } | null {
  const at = bytes.indexOf(HEAD_END);
  if (at < 0) return null;
  const key = /sec-websocket-key: *(\S+)/i.exec(bytes.toString('latin1', 0, at))?.[1] ?? '';
  const accept = createHash('sha1').update(`${key}${ACCEPT_SALT}`).digest('base64');
  const answer = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
  return { answer: Buffer.from(answer, 'latin1'), end: at + HEAD_END.length };
}

/** One frame of a client without its mask, and where it ends; null where it is not all there. */
export function clientFrame(bytes: Buffer): { readonly payload: Buffer; readonly end: number } | null {
  if (bytes.length < 6) return null;
  const short = bytes.readUInt8(1) & 0x7f;
  const head = short === LENGTH_64 ? 10 : short === LENGTH_16 ? 4 : 2;
  if (bytes.length < head + 4) return null;
  const length = head === 2 ? short : head === 4 ? bytes.readUInt16BE(2) : bytes.readUInt32BE(6);
  const end = head + 4 + length;
  if (bytes.length < end) return null;
  const payload = Buffer.from(bytes.subarray(head + 4, end));
  for (let at = 0; at < length; at++) payload[at] = (payload[at] ?? 0) ^ bytes.readUInt8(head + (at % 4));
  return { payload, end };
}

/** Bytes as one binary message of a server. */
export function serverFrame(payload: Buffer): Buffer {
  const isShort = payload.length < LENGTH_16;
  const head = Buffer.alloc(isShort ? 2 : 4);
  head[0] = BINARY;
  head[1] = isShort ? payload.length : LENGTH_16;
  if (!isShort) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}
