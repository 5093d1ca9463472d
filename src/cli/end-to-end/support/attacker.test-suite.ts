/** A raw client that does what no phone would, and remembers what the switch said to it. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { tokenOf } from '../../../run/worker/token-authority.ts';
import { FrameType, HEADER_BYTES, headerBodyBytes, headerType, writeHeader } from '../../../wire/frames.ts';
import { loginFrameBytes, writeLogin } from '../../../wire/login.ts';

export interface Heard {
  readonly type: number;
  /** First field of the body: the code of an ERROR or a LOGIN_RESULT. */
  readonly code: number;
}

export class Attacker {
  readonly socket: Socket;
  /** Seconds until the switch has closed the connection, from its opening on. */
  readonly closedAfterSeconds: Promise<number>;
  readonly #chunks: Buffer[] = [];

  private constructor(socket: Socket) {
    const openedMillis = performance.now();
    this.socket = socket;
    socket.on('error', () => {}); // being thrown out is what is expected
    socket.on('data', (chunk) => this.#chunks.push(chunk));
    this.closedAfterSeconds = new Promise((resolve) => {
      socket.once('close', () => resolve((performance.now() - openedMillis) / 1000));
    });
  }

  static async connect(port: number): Promise<Attacker> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Attacker(socket);
  }

  /** Every frame that has come, in order. */
  get heard(): Heard[] {
    const all = Buffer.concat(this.#chunks);
    const frames: Heard[] = [];
    for (let at = 0; at + HEADER_BYTES <= all.length; ) {
      const header = all.readUInt16LE(at);
      const type = headerType(header);
      const code = type === FrameType.ERROR ? all.readUInt16LE(at + HEADER_BYTES) : (all[at + HEADER_BYTES] ?? 0);
      frames.push({ type, code });
      at += HEADER_BYTES + headerBodyBytes(header);
    }
    return frames;
  }
}

/** A LOGIN frame, right in all but what is said to be wrong. */
export function loginFrame(
  account: number,
  secret: string,
  change: { token?: Uint8Array; major?: number } = {},
): Buffer {
  const token = change.token ?? tokenOf(secret, account);
  const frame = Buffer.alloc(loginFrameBytes(token.length));
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  frame.set(token, writeLogin(view, 0, account, 0, token.length));
  if (change.major !== undefined) frame[HEADER_BYTES + 4] = change.major;
  return frame;
}

/** A header alone, that promises a body of so many bytes. */
export function header(type: number, bodyBytes: number): Buffer {
  const frame = Buffer.alloc(HEADER_BYTES);
  writeHeader(new DataView(frame.buffer, frame.byteOffset, frame.length), 0, type, bodyBytes);
  return frame;
}
