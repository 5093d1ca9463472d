/**
 * A hostile phone's stream inside WebSocket: the handshake, then the bytes in messages cut anywhere, and
 * in some streams wrong in the handshake or in the framing (RFC 6455, section 5.2) as well.
 *
 *     byte 0            1                2…                    then
 *     FIN RSV1–3 opcode MASK length(7)   length, 16 or 64 bits  mask, 4 bytes · payload
 */
import { Draws } from './draws.test-suite.ts';
import type { PhoneStream } from './phone-stream.test-suite.ts';

const CHUNK_BYTES_MAX = 400;
const HANDSHAKE_FLIPPED_PERCENT = 8;
const FRAMING_MUTATED_PERCENT = 30;
const MASK_BIT = 0x80;
const FIN_BIT = 0x80;
const LENGTH_16 = 126;
const LENGTH_64 = 127;

const Opcode = { CONTINUATION: 0, TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 } as const;
/** Streams of draws beyond those of {@link PhoneStream}. */
const SALT = 0x5eed;

/** The same stream, as it goes over WebSocket. Handshake and frames are written without waiting for an answer. */
export function webSocketStream(stream: PhoneStream, seed: number, index: number): PhoneStream {
  const draws = new Draws(seed ^ SALT, index);
  const handshake = Buffer.from(
    `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${draws.bytes(16).toString('base64')}\r\n\r\n`,
    'latin1',
  );
  if (draws.percent(HANDSHAKE_FLIPPED_PERCENT)) draws.flip(handshake, draws.between(1, 3));
  const isMutated = draws.percent(FRAMING_MUTATED_PERCENT);
  const parts: Buffer[] = [handshake];
  for (let at = 0; at < stream.bytes.length; ) {
    const end = Math.min(stream.bytes.length, at + draws.between(1, CHUNK_BYTES_MAX));
    const chunk = stream.bytes.subarray(at, end);
    parts.push(isMutated && draws.percent(40) ? wrongFrame(draws, chunk) : binaryFrame(draws, chunk));
    at = end;
  }
  const bytes = Buffer.concat(parts);
  return { ...stream, bytes, cutAt: draws.below(bytes.length + 1) };
}

/** A frame as it should be: one whole binary message, masked. */
function binaryFrame(draws: Draws, payload: Uint8Array): Buffer {
  return frame(draws, FIN_BIT | Opcode.BINARY, payload, true);
}

function frame(draws: Draws, first: number, payload: Uint8Array, isMasked: boolean): Buffer {
  const mask = isMasked ? draws.bytes(4) : Buffer.alloc(0);
  const masked = Buffer.from(payload);
  if (isMasked) for (let at = 0; at < masked.length; at++) masked[at] = (masked[at] ?? 0) ^ (mask[at % 4] ?? 0);
  const maskBit = isMasked ? MASK_BIT : 0;
  const isShort = payload.length < LENGTH_16;
  const head = Buffer.alloc(isShort ? 2 : 4);
  head[0] = first;
  head[1] = maskBit | (isShort ? payload.length : LENGTH_16);
  if (!isShort) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, mask, masked]);
}

/** The same bytes in a frame that is wrong, or in one that is right and seldom. */
function wrongFrame(draws: Draws, payload: Buffer): Buffer {
  const right = frame(draws, FIN_BIT | Opcode.BINARY, payload, true);
  switch (draws.below(9)) {
    case 0: // not masked, as only a server may
      return frame(draws, FIN_BIT | Opcode.BINARY, payload, false);
    case 1: // text, with bytes that are no UTF-8
      return frame(draws, FIN_BIT | Opcode.TEXT, payload, true);
    case 2: // any opcode, any reserved bits
      return frame(draws, draws.below(256), payload, true);
    case 3: // two fragments with a ping between
      return Buffer.concat([
        frame(draws, Opcode.BINARY, payload.subarray(0, payload.length >> 1), true),
        frame(draws, FIN_BIT | Opcode.PING, draws.bytes(draws.below(125)), true),
        frame(draws, FIN_BIT | Opcode.CONTINUATION, payload.subarray(payload.length >> 1), true),
      ]);
    case 4: // a continuation of nothing
      return frame(draws, FIN_BIT | Opcode.CONTINUATION, payload, true);
    case 5: // a close, and then more
      return Buffer.concat([frame(draws, FIN_BIT | Opcode.CLOSE, draws.bytes(draws.below(4)), true), right]);
    case 6: // a control frame that is too long
      return frame(draws, FIN_BIT | draws.of([Opcode.PING, Opcode.PONG, Opcode.CLOSE]), draws.bytes(200), true);
    case 7: {
      // a length far beyond what is taken
      const head = Buffer.alloc(10);
      head[0] = FIN_BIT | Opcode.BINARY;
      head[1] = MASK_BIT | LENGTH_64;
      head.writeUInt32BE(draws.percent(50) ? 0 : 0x7fffffff, 2);
      head.writeUInt32BE(0x40000000, 6);
      return Buffer.concat([head, right]);
    }
    default:
      draws.flip(right, draws.between(1, 3));
      return right;
  }
}
