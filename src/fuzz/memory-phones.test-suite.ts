/** Phones of the fuzzer over `memory`, worked turn by turn: hostile ones that say a stream, and polite ones. */
import assert from 'node:assert/strict';
import { Capability, FrameType, payloadStart, readAccountHigh, readAccountLow, readSerial } from '../wire/frames.ts';
import { readLoginCode } from '../wire/login.ts';
import { FrameFlow, type FrameSink } from '../wire/parse-frames.ts';
import { CloseReason, type PhoneTransport } from '../wire/transport.ts';
import { emptyFrame, LOGOUT, login, message, serialFrame } from './phone-frames.test-suite.ts';
import type { PhoneStream } from './phone-stream.test-suite.ts';

/** Longest record: what is longer goes in several. */
const RECORD_BYTES_MAX = 1500;
const PING_MILLIS = 500;
const ONLY_OF_SWITCH: ReadonlySet<number> = new Set([
  FrameType.LOGIN_RESULT,
  FrameType.ACKNOWLEDGED,
  FrameType.DELIVER,
  FrameType.DELIVER_GROUP,
  FrameType.RECEIPT,
  FrameType.PONG,
  FrameType.ERROR,
  FrameType.PRESENCE,
  FrameType.TYPING,
  FrameType.DELIVER_WITH_ID,
  FrameType.READ,
]);

/** One connection. It checks that a switch says nothing but right frames of its own. */
export abstract class MemoryPhone implements FrameSink {
  shard = 0;
  connection = -1;
  /** Nothing more is heard or said of it. */
  isGone = false;
  readonly #unsaid: Uint8Array[] = [];
  #connects = false;
  #isThrownOut = false;

  abstract heard(type: number, view: DataView, body: number, end: number): void;
  /** Says what it has to. */
  protected abstract go(nowMillis: number): void;
  /** How it leaves, once all is said; null: it stays. */
  protected abstract leave(nowMillis: number): 'close' | 'vanish' | null;

  opened(connection: number): void {
    this.connection = connection;
  }

  /** The switch has closed its connection. */
  thrownOut(): void {
    this.#isThrownOut = true;
  }

  doWork(transport: PhoneTransport, token: number, nowMillis: number): void {
    if (!this.#connects) this.#connects = transport.connect(this.shard, token);
    if (this.connection < 0) return;
    if (this.#isThrownOut) {
      this.isGone = transport.release(this.connection);
      return;
    }
    this.go(nowMillis);
    while (this.#unsaid.length > 0) if (!this.#write(transport)) return;
    const how = this.leave(nowMillis);
    if (how === 'vanish') this.isGone = transport.vanish(this.connection);
    else if (how === 'close') this.isGone = transport.close(this.connection, CloseReason.PHONE_LEFT);
  }

  frame(type: number, view: DataView, body: number, end: number): FrameFlow {
    assert.ok(ONLY_OF_SWITCH.has(type), `a switch does not say frame ${type}`);
    this.heard(type, view, body, end);
    return FrameFlow.NEXT;
  }

  unknownFrame(type: number): FrameFlow {
    assert.fail(`the switch said frame ${type}`);
  }

  malformed(type: number, bodyBytes: number): void {
    assert.fail(`the switch said frame ${type} of ${bodyBytes} bytes`);
  }

  protected say(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += RECORD_BYTES_MAX) {
      this.#unsaid.push(bytes.subarray(at, at + RECORD_BYTES_MAX));
    }
  }

  #write(transport: PhoneTransport): boolean {
    const [bytes = new Uint8Array()] = this.#unsaid;
    const at = transport.claim(this.connection, bytes.length, 0);
    if (at < 0) return false;
    new Uint8Array(transport.output.buffer, transport.output.byteOffset + at, bytes.length).set(bytes);
    transport.commit();
    this.#unsaid.shift();
    return true;
  }
}

/**
 * Says a stream in two parts and leaves as it is told: by hanging up, by vanishing, or only when the switch ends it.
 */
export class HostileMemoryPhone extends MemoryPhone {
  readonly #stream: PhoneStream;
  #part = 0;
  #nextMillis = 0;

  constructor(stream: PhoneStream) {
    super();
    this.#stream = stream;
  }

  override heard(): void {}

  protected override go(nowMillis: number): void {
    const { bytes, cutAt, pauseMillis, lingerMillis } = this.#stream;
    if (this.#part === 2 || nowMillis < this.#nextMillis) return;
    this.say(this.#part === 0 ? bytes.subarray(0, cutAt) : bytes.subarray(cutAt));
    this.#nextMillis = nowMillis + (this.#part === 0 ? pauseMillis : lingerMillis);
    this.#part++;
  }

  protected override leave(nowMillis: number): 'close' | 'vanish' | null {
    if (this.#part < 2 || nowMillis < this.#nextMillis || this.#stream.end === 'silence') return null;
    return this.#stream.end === 'fin' ? 'close' : 'vanish';
  }
}

/** Logs in, pings, confirms what it gets. */
export class PoliteMemoryPhone extends MemoryPhone {
  readonly account: number;
  readonly #received = new Map<number, string[]>();
  groupMessages = 0;
  isOnline = false;
  isLeaving = false;
  #greeted = false;
  #lastReceipt = 0;
  #pingMillis = 0;

  constructor(account: number) {
    super();
    this.account = account;
  }

  hasReceiptOf(id: number): boolean {
    return this.#lastReceipt >= id;
  }

  /** What a sender wrote to it. */
  receivedFrom(sender: number): readonly string[] {
    return this.#received.get(sender) ?? [];
  }

  send(id: number, recipient: number, text: string): void {
    this.say(message(FrameType.SEND, id, recipient, Buffer.from(text)));
  }

  logOut(): void {
    this.say(LOGOUT);
    this.isLeaving = true;
  }

  override heard(type: number, view: DataView, body: number, end: number): void {
    if (type === FrameType.LOGIN_RESULT) {
      assert.equal(readLoginCode(view, body), 0, `the login of ${this.account} is accepted`);
      this.isOnline = true;
    } else if (type === FrameType.DELIVER) {
      const start = payloadStart(body);
      const text = Buffer.from(view.buffer, view.byteOffset + start, end - start).toString('latin1');
      const sender = readAccountHigh(view, body) * 2 ** 32 + (readAccountLow(view, body) >>> 0);
      const texts = this.#received.get(sender);
      if (texts === undefined) this.#received.set(sender, [text]);
      else texts.push(text);
      this.say(serialFrame(FrameType.DELIVERED, readSerial(view, body)));
    } else if (type === FrameType.DELIVER_GROUP) {
      this.groupMessages++;
      this.say(serialFrame(FrameType.DELIVERED, readSerial(view, body)));
    } else if (type === FrameType.RECEIPT) {
      this.#lastReceipt = readSerial(view, body);
    } else {
      assert.notEqual(type, FrameType.ERROR, `${this.account} did nothing wrong`);
    }
  }

  protected override go(nowMillis: number): void {
    if (!this.#greeted) this.say(login(this.account, Capability.RECEIPTS));
    this.#greeted = true;
    if (!this.isOnline || nowMillis < this.#pingMillis || this.isLeaving) return;
    this.say(emptyFrame(FrameType.PING));
    this.#pingMillis = nowMillis + PING_MILLIS;
  }

  protected override leave(): 'close' | null {
    return this.isLeaving ? 'close' : null;
  }
}
