/**
 * A phone that knows trunkline only by src/wire/PROTOCOL.md: it imports nothing of it, and writes its bytes by hand.
 * What it needs and the protocol does not say is a fault of the protocol.
 */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { WebSocket } from 'ws';

export const SECRET = 'strangers';
const PATIENCE_MILLIS = 90_000;

export interface Frame {
  readonly type: number;
  readonly body: Buffer;
}

/** A phone over whatever carries bytes. */
export class StrangerPhone {
  readonly frames: Frame[] = [];
  isClosed = false;
  readonly #write: (bytes: Buffer) => void;
  readonly #end: () => void;
  #buffered = Buffer.alloc(0);
  #wake: () => void = () => {};

  constructor(write: (bytes: Buffer) => void, end: () => void) {
    this.#write = write;
    this.#end = end;
  }

  static async overTcp(port: number): Promise<StrangerPhone> {
    const socket: Socket = connect(port, '127.0.0.1');
    const phone = new StrangerPhone(
      (bytes) => socket.write(bytes),
      () => socket.destroy(),
    );
    socket.on('data', (bytes) => phone.#received(bytes));
    socket.on('close', () => phone.#closed());
    socket.on('error', () => {});
    await new Promise((resolve) => socket.once('connect', resolve));
    return phone;
  }

  static async overWebSocket(port: number): Promise<StrangerPhone> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
    const phone = new StrangerPhone(
      (bytes) => socket.send(bytes),
      () => socket.terminate(),
    );
    socket.on('message', (data) => phone.#received(data as Buffer)); // the default of ws for binary messages
    socket.on('close', () => phone.#closed());
    socket.on('error', () => {});
    await new Promise((resolve) => socket.once('open', resolve));
    return phone;
  }

  /** Bytes as they are: also wrong ones. */
  raw(bytes: Buffer): void {
    this.#write(bytes);
  }

  say(type: number, body: Buffer = Buffer.alloc(0)): void {
    const header = Buffer.alloc(2);
    header.writeUInt16LE(type | (body.length << 5));
    this.#write(Buffer.concat([header, body]));
  }

  hangUp(): void {
    this.#end();
  }

  login(account: number, { secret = SECRET, major = 1, minor = 0, capabilities = 1 } = {}): void {
    const fields = Buffer.alloc(16);
    fields.writeUInt32LE(0x4b4e5254, 0);
    fields.writeUInt8(major, 4);
    fields.writeUInt8(minor, 5);
    fields.writeUInt16LE(capabilities, 6);
    fields.writeBigUInt64LE(BigInt(account), 8);
    const token = createHmac('sha256', secret).update(String(account)).digest().subarray(0, 16);
    this.say(1, Buffer.concat([fields, token]));
  }

  send(id: number, recipient: number, text: string): void {
    this.say(3, Buffer.concat([messageFields(id, recipient), Buffer.from(text)]));
  }

  confirm(sequence: number): void {
    const body = Buffer.alloc(4);
    body.writeUInt32LE(sequence);
    this.say(6, body);
  }

  /** The next frame of a type; frames before it are dropped. */
  async next(type: number): Promise<Buffer> {
    return (await this.nextOf(type)).body;
  }

  /** The next frame of any of some types; frames before it are dropped. */
  async nextOf(...types: readonly number[]): Promise<Frame> {
    const until = Date.now() + PATIENCE_MILLIS;
    for (;;) {
      for (let frame = this.frames.shift(); frame !== undefined; frame = this.frames.shift()) {
        if (types.includes(frame.type)) return frame;
      }
      assert.ok(Date.now() < until && !this.isClosed, `a frame of type ${types.join(' or ')} comes`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 100);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  async closed(): Promise<void> {
    const until = Date.now() + PATIENCE_MILLIS;
    while (!this.isClosed) {
      assert.ok(Date.now() < until, 'the switch closes');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async loggedIn(
    account: number,
    version: { readonly minor?: number; readonly capabilities?: number } = {},
  ): Promise<{ waiting: number; timeoutMillis: number; highestId: number }> {
    this.login(account, version);
    const result = await this.next(2);
    assert.equal(result.readUInt8(0), 0, 'accepted');
    assert.equal(result.readUInt8(1), 1, 'major version 1');
    assert.equal(result.readUInt16LE(4), version.capabilities ?? 1, 'the capabilities that it asked for');
    assert.equal(result.length, 16);
    const [timeoutMillis, highestId] = [result.readUInt32LE(8), result.readUInt32LE(12)];
    return { waiting: result.readUInt16LE(6), timeoutMillis, highestId };
  }

  /** An error: its code, and the id that it is about. */
  async error(): Promise<[code: number, id: number]> {
    const body = await this.next(11);
    return [body.readUInt16LE(0), body.readUInt32LE(2)];
  }

  #received(bytes: Buffer): void {
    this.#buffered = Buffer.concat([this.#buffered, bytes]);
    while (this.#buffered.length >= 2) {
      const header = this.#buffered.readUInt16LE(0);
      const end = 2 + (header >> 5);
      if (this.#buffered.length < end) break;
      this.frames.push({ type: header & 31, body: this.#buffered.subarray(2, end) });
      this.#buffered = this.#buffered.subarray(end);
    }
    this.#wake();
  }

  #closed(): void {
    this.isClosed = true;
    this.#wake();
  }
}

/** Serial number and account packed into ten bytes. */
export function messageFields(serial: number, account: number): Buffer {
  const fields = Buffer.alloc(10);
  const high = Math.floor(account / 2 ** 48);
  fields.writeUInt32LE((serial + high * 2 ** 30) >>> 0, 0);
  fields.writeUInt32LE(account % 2 ** 32, 4);
  fields.writeUInt16LE(Math.floor(account / 2 ** 32) % 2 ** 16, 8);
  return fields;
}

export function readMessage(body: Buffer): { serial: number; account: number; text: string } {
  const word = body.readUInt32LE(0);
  const account = (word >>> 30) * 2 ** 48 + body.readUInt16LE(8) * 2 ** 32 + body.readUInt32LE(4);
  return { serial: word & (2 ** 30 - 1), account, text: body.subarray(10).toString() };
}
