/** A phone over tcp that keeps to the protocol, confirms what it is given, and records what its user would see. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { serialDistance } from '../../../base/serial-distance.ts';
import { emptyFrame, login, message, serialFrame } from '../../../fuzz/phone-frames.test-suite.ts';
import {
  FrameType,
  HEADER_BYTES,
  headerBodyBytes,
  headerType,
  payloadStart,
  readErrorCode,
  readErrorSerial,
  readSerial,
} from '../../../wire/frames.ts';
import { readLoginCode, readLoginHighestId } from '../../../wire/login.ts';

/** First number of a switch that is given none. */
export const FIRST_NUMBER = 447_700_000_000;

export class RecordingPhone {
  /** Texts of its messages by the answer to them; those without an answer are in neither. */
  readonly acknowledged: string[] = [];
  readonly refused: { readonly text: string; readonly code: number }[] = [];
  /** Texts that it was given, each as often as it was shown. */
  readonly shown: string[] = [];
  pongs = 0;
  isClosed = false;
  /** Whether its login was accepted. */
  isOnline = false;
  readonly #account: number;
  readonly #socket: Socket;
  readonly #sent = new Map<number, string>();
  #nextId = 1;
  #newest: number | null = null;
  #buffered: Buffer = Buffer.alloc(0);

  private constructor(socket: Socket, account: number) {
    this.#socket = socket;
    this.#account = account;
    socket.on('data', (bytes) => this.#received(bytes));
    socket.on('error', () => {}); // its end says it
    socket.once('close', () => {
      this.isClosed = true;
    });
  }

  /** Connects, and asks to be logged in. @param account counted from the first number. */
  static async connect(port: number, account: number): Promise<RecordingPhone> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const phone = new RecordingPhone(socket, FIRST_NUMBER + account);
    await once(socket, 'connect');
    socket.write(login(phone.#account, 0));
    return phone;
  }

  /** Messages that were neither acknowledged nor refused. */
  get unanswered(): number {
    return this.#sent.size;
  }

  /** Sends a text that no other message has. @param recipient counted from the first number. */
  send(recipient: number, text: string): void {
    const id = this.#nextId++;
    this.#sent.set(id, text);
    this.#socket.write(message(FrameType.SEND, id, FIRST_NUMBER + recipient, Buffer.from(text)));
  }

  ping(): void {
    this.#socket.write(emptyFrame(FrameType.PING));
  }

  hangUp(): void {
    this.#socket.destroy();
  }

  #received(bytes: Buffer): void {
    this.#buffered = Buffer.concat([this.#buffered, bytes]);
    while (this.#buffered.length >= HEADER_BYTES) {
      const header = this.#buffered.readUInt16LE(0);
      const end = HEADER_BYTES + headerBodyBytes(header);
      if (this.#buffered.length < end) return;
      this.#frame(headerType(header), this.#buffered.subarray(HEADER_BYTES, end));
      this.#buffered = this.#buffered.subarray(end);
    }
  }

  #frame(type: number, body: Buffer): void {
    const view = new DataView(body.buffer, body.byteOffset, body.length);
    if (type === FrameType.LOGIN_RESULT) {
      this.isOnline = readLoginCode(view, 0) === 0;
      this.#nextId = readLoginHighestId(view, 0) + 1;
    } else if (type === FrameType.PONG) this.pongs++;
    else if (type === FrameType.ACKNOWLEDGED) this.acknowledged.push(this.#answered(readSerial(view, 0)));
    else if (type === FrameType.ERROR)
      this.refused.push({ text: this.#answered(readErrorSerial(view, 0)), code: readErrorCode(view, 0) });
    else if (type === FrameType.DELIVER) this.#deliver(readSerial(view, 0), body.subarray(payloadStart(0)).toString());
  }

  #answered(id: number): string {
    const text = this.#sent.get(id) ?? `no message of mine: ${id}`;
    this.#sent.delete(id);
    return text;
  }

  #deliver(sequence: number, text: string): void {
    if (this.#newest === null || serialDistance(sequence, this.#newest) > 0) {
      this.#newest = sequence;
      this.shown.push(text);
    }
    this.#socket.write(serialFrame(FrameType.DELIVERED, this.#newest));
  }
}
