/** A phone that keeps to the protocol, over a byte stream or WebSocket: it confirms whatever it is given. */

import { once } from 'node:events';
import { connect } from 'node:net';
import { WebSocket } from 'ws';
import { serialDistance } from '../base/serial-distance.ts';
import {
  Capability,
  FrameType,
  HEADER_BYTES,
  headerBodyBytes,
  headerType,
  payloadStart,
  readSerial,
} from '../wire/frames.ts';
import { emptyFrame, login, message, serialFrame } from './phone-frames.test-suite.ts';

/** Far beyond what a machine with other work needs. */
const PATIENCE_MILLIS = 60_000;

/** Whatever carries bytes. */
interface Link {
  readonly write: (bytes: Buffer) => void;
  readonly end: () => void;
}

interface Waiter {
  readonly type: number;
  readonly resolve: (body: Buffer) => void;
  readonly reject: (error: Error) => void;
}

export class PolitePhone {
  isClosed = false;
  /** Frames that nobody has waited for yet, the newest last. */
  readonly #unread: { readonly type: number; readonly body: Buffer }[] = [];
  readonly #waiters: Waiter[] = [];
  /** The newest sequence number that it has. */
  #newest: number | null = null;
  #link: Link = { write: () => {}, end: () => {} };
  #buffered: Buffer = Buffer.alloc(0);

  static async connect(port: number, isWebSocket: boolean): Promise<PolitePhone> {
    const phone = new PolitePhone();
    phone.#link = await (isWebSocket ? phone.#overWebSocket(port) : phone.#overStream(port));
    return phone;
  }

  /** Logs in. @throws if it is refused. */
  async logIn(account: number): Promise<void> {
    this.#link.write(login(account, Capability.RECEIPTS));
    const result = await this.next(FrameType.LOGIN_RESULT);
    if (result.readUInt8(0) !== 0) throw new Error(`the login of ${account} is refused: code ${result.readUInt8(0)}`);
  }

  send(id: number, recipient: number, payload: Buffer): void {
    this.#link.write(message(FrameType.SEND, id, recipient, payload));
  }

  ping(): void {
    this.#link.write(emptyFrame(FrameType.PING));
  }

  logOut(): void {
    this.#link.write(emptyFrame(FrameType.LOGOUT));
  }

  hangUp(): void {
    this.#link.end();
  }

  /** The body of the next frame of a type, whatever else comes before it. */
  next(type: number): Promise<Buffer> {
    const [frame] = take(this.#unread, (one) => one.type === type);
    if (frame !== undefined) return Promise.resolve(frame.body);
    if (this.isClosed) return Promise.reject(new Error(`the switch closed, a frame of type ${type} was expected`));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no frame of type ${type} came in time`)), PATIENCE_MILLIS);
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer);
          then(value);
        };
      this.#waiters.push({ type, resolve: settle(resolve), reject: settle(reject) });
    });
  }

  async #overStream(port: number): Promise<Link> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    socket.on('data', (bytes) => this.#received(bytes));
    socket.on('error', () => {}); // the end of the connection says it
    socket.once('close', () => this.#closed());
    return { write: (bytes) => socket.write(bytes), end: () => socket.destroy() };
  }

  async #overWebSocket(port: number): Promise<Link> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
    await once(socket, 'open');
    socket.on('message', (data) => this.#received(data as Buffer)); // the default of ws for binary messages
    socket.on('error', () => {});
    socket.once('close', () => this.#closed());
    return { write: (bytes) => socket.send(bytes), end: () => socket.terminate() };
  }

  #received(bytes: Buffer): void {
    this.#buffered = this.#buffered.length === 0 ? bytes : Buffer.concat([this.#buffered, bytes]);
    while (this.#buffered.length >= HEADER_BYTES) {
      const header = this.#buffered.readUInt16LE(0);
      const end = HEADER_BYTES + headerBodyBytes(header);
      if (this.#buffered.length < end) break;
      this.#frame(headerType(header), this.#buffered.subarray(HEADER_BYTES, end));
      this.#buffered = this.#buffered.subarray(end);
    }
  }

  #frame(type: number, body: Buffer): void {
    if (type === FrameType.DELIVER && !this.#confirm(serialOf(body))) return;
    const [waiter] = take(this.#waiters, (one) => one.type === type);
    if (waiter !== undefined) waiter.resolve(body);
    else if (type === FrameType.ERROR) this.#giveUp(`got ERROR ${body.readUInt16LE(0)}`);
    else this.#unread.push({ type, body });
  }

  /** Confirms a delivery. False: it is one that came before. */
  #confirm(sequence: number): boolean {
    const isNew = this.#newest === null || serialDistance(sequence, this.#newest) > 0;
    if (isNew) this.#newest = sequence;
    this.#link.write(serialFrame(FrameType.DELIVERED, this.#newest ?? sequence));
    return isNew;
  }

  #closed(): void {
    this.isClosed = true;
    this.#giveUp('the switch closed');
  }

  #giveUp(why: string): void {
    for (const { type, reject } of this.#waiters.splice(0)) {
      reject(new Error(`a frame of type ${type} was expected: ${why}`));
    }
  }
}

/** Takes the first that suits out of a list. */
function take<T>(list: T[], suits: (one: T) => boolean): T[] {
  const at = list.findIndex(suits);
  return at < 0 ? [] : list.splice(at, 1);
}

/** The serial number of a frame whose body starts with one. */
export function serialOf(body: Buffer): number {
  return readSerial(new DataView(body.buffer, body.byteOffset, body.length), 0);
}

/** The payload of a DELIVER. */
export function payloadOf(body: Buffer): Buffer {
  return body.subarray(payloadStart(0));
}
