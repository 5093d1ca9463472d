/**
 * A phone on a small switch that keeps to PROTOCOL.md: it numbers its messages on from `highest id`, sends unanswered
 * ones again after a login, and discards what it has received before. It wants read receipts, unless told otherwise,
 * and sends them when its user reads. It records what its user would see.
 */
import assert from 'node:assert/strict';
import { serialDistance } from '../base/serial-distance.ts';
import {
  accountNumber,
  Capability,
  FrameType,
  MESSAGE_OVERHEAD_BYTES,
  payloadStart,
  readAccountHigh,
  readAccountLow,
  readErrorCode,
  readErrorSerial,
  readSerial,
} from '../wire/frames.ts';
import { readLoginCode, readLoginHighestId } from '../wire/login.ts';
import { payloadWithIdStart, readMessageId } from '../wire/read-frames.ts';
import type { HeardFrame, SmallSwitch } from './small-switch.test-suite.ts';

/** Messages that may be unanswered at once, and how far an unanswered one may be behind the newest: PROTOCOL.md. */
const UNANSWERED_MAX = 16;
/** Smallest payload: it names the sender's account and the message. */
export const TAG_BYTES = 4;

/** A message as its sender wrote it. */
export interface WrittenMessage {
  readonly from: number;
  readonly to: number;
  /** The number of the message among those of its sender, from 1. */
  readonly serial: number;
}

interface Unanswered extends WrittenMessage {
  readonly bytes: Uint8Array;
}

export class HonestPhone {
  readonly account: number;
  /** Messages that were answered with ✓, in that order. */
  readonly acknowledged: WrittenMessage[] = [];
  /** Messages that were refused, with the code. */
  readonly refused: { readonly message: WrittenMessage; readonly code: number }[] = [];
  /** Messages from others, each once, in the order in which they came. */
  readonly received: WrittenMessage[] = [];
  /** Messages that were answered with ✓✓. */
  readonly receipts: WrittenMessage[] = [];
  /** Messages that were answered with READ, and by whom. */
  readonly readBy: { readonly message: WrittenMessage; readonly reader: number }[] = [];
  /** Messages for which it has sent READ. */
  readonly read: WrittenMessage[] = [];
  /** Codes of errors that concern no message, in their order. */
  readonly errors: number[] = [];
  /** Codes of logins that were refused. */
  readonly refusedLogins: number[] = [];
  /** Serials of messages that it has sent again after a login. */
  readonly sentAgain = new Set<number>();
  isOnline = false;
  /** Whether a connection of this phone has ever ended. */
  hasLeft = false;
  #small: SmallSwitch;
  /** Numbers of its two connections: a new one may open while the one before is still there. */
  readonly #clients: readonly [number, number];
  #client: number;
  #heard = 0;
  #isConnecting = false;
  #lastId = 0;
  #written = 0;
  #newest: number | undefined;
  readonly #unanswered = new Map<number, Unanswered>();
  readonly #byId = new Map<number, WrittenMessage>();
  /** Messages that its user has not read, with the ids by which their authors know them. */
  readonly #unread: { readonly message: WrittenMessage; readonly id: number }[] = [];
  readonly #capabilities: number;

  constructor(small: SmallSwitch, account: number, phones: number, wantsReads = true) {
    this.#capabilities = Capability.RECEIPTS | (wantsReads ? Capability.READS : 0);
    this.#small = small;
    this.account = account;
    this.#clients = [account, account + phones];
    this.#client = account;
  }

  get client(): number {
    return this.#client;
  }

  get unanswered(): number {
    return this.#unanswered.size;
  }

  /**
   * Opens a connection, and says LOGIN once it is open. An earlier connection stays as it is.
   * @returns false if both connections that it may have are there.
   */
  logIn(shard: number): boolean {
    const client = this.#clients.find((one) => !this.#small.isThere(one));
    if (client === undefined) return false;
    this.take();
    this.#leave();
    this.#client = client;
    this.#heard = 0;
    this.#isConnecting = true;
    this.#small.connect(client, shard);
    return true;
  }

  /** The switch has ended, with all connections, and another has taken its place. */
  moveTo(small: SmallSwitch): void {
    this.#leave();
    this.#small = small;
    this.#isConnecting = false;
    this.#heard = 0;
  }

  hangUp(): void {
    if (!this.#small.isConnected(this.#client)) return;
    this.#leave();
    this.#small.hangUp(this.#client);
  }

  /** Leaves without a word: the switch keeps half a connection. */
  vanish(): void {
    if (!this.#small.isConnected(this.#client)) return;
    this.#leave();
    this.#small.vanish(this.#client);
  }

  logOut(): void {
    if (!this.#small.isConnected(this.#client) || !this.isOnline) return;
    this.#leave();
    this.#small.say(this.#client, this.#small.empty(FrameType.LOGOUT));
  }

  /** Writes a message and sends it, if the protocol lets it. @returns whether it did. */
  send(to: number, payloadBytes = TAG_BYTES): boolean {
    this.take();
    const id = this.#lastId + 1;
    const oldest = Math.min(...this.#unanswered.keys(), id);
    if (!this.isOnline || !this.#small.isConnected(this.#client) || id - oldest >= UNANSWERED_MAX) return false;
    this.#lastId = id;
    const message = { from: this.account, to, serial: ++this.#written };
    const bytes = this.#small.message(id, to, payloadBytes);
    writePayload(bytes, message);
    this.#unanswered.set(id, { ...message, bytes });
    this.#byId.set(id, message);
    this.#small.say(this.#client, bytes);
    return true;
  }

  /** Confirms all that it has received. */
  confirm(): void {
    this.take();
    if (this.#newest === undefined || !this.isOnline || !this.#small.isConnected(this.#client)) return;
    this.#small.say(this.#client, this.#small.confirmation(this.#newest));
  }

  /** Its user reads all that has come. Without a connection the phone says so later. */
  readAll(): void {
    this.take();
    if (!this.isOnline || !this.#small.isConnected(this.#client)) return;
    for (const { message, id } of this.#unread.splice(0)) {
      this.read.push(message);
      this.#small.say(this.#client, this.#small.read(id, message.from));
    }
  }

  /** Takes note of the frames that have come since the last time. */
  take(): void {
    if (this.#isConnecting && this.#small.isConnected(this.#client)) {
      this.#isConnecting = false;
      this.#small.say(this.#client, this.#small.login(this.account, undefined, this.#capabilities));
    }
    const frames = this.#small.heard.get(this.#client) ?? [];
    while (this.#heard < frames.length) this.#frame(frames[this.#heard++] as HeardFrame); // below the length
    if (!this.#small.isConnected(this.#client)) this.#leave();
  }

  #leave(): void {
    if (this.isOnline) this.hasLeft = true;
    this.isOnline = false;
  }

  #frame({ type, body }: HeardFrame): void {
    switch (type) {
      case FrameType.LOGIN_RESULT:
        this.#loggedIn(readLoginCode(body, 0), readLoginHighestId(body, 0));
        break;
      case FrameType.ACKNOWLEDGED:
        this.#answered(readSerial(body, 0), (message) => this.acknowledged.push(message));
        break;
      case FrameType.ERROR:
        this.#error(readErrorCode(body, 0), readErrorSerial(body, 0));
        break;
      case FrameType.RECEIPT:
        this.receipts.push(this.#messageOf(readSerial(body, 0)));
        break;
      case FrameType.READ:
        this.readBy.push({ message: this.#messageOf(readSerial(body, 0)), reader: this.#accountOf(body) });
        break;
      case FrameType.DELIVER:
        this.#deliver(body, payloadStart(0));
        break;
      case FrameType.DELIVER_WITH_ID:
        this.#deliver(body, payloadWithIdStart(0), readMessageId(body, 0));
        break;
      default:
        assert.fail(`no phone expects a frame of type ${type}`);
    }
  }

  #loggedIn(code: number, highestId: number): void {
    if (code !== 0) {
      this.refusedLogins.push(code);
      return;
    }
    this.isOnline = true;
    assert.ok(highestId <= this.#lastId, 'the switch knows of no id that was not used');
    if (!this.#small.isConnected(this.#client)) return;
    for (const { bytes, serial } of this.#unanswered.values()) {
      this.sentAgain.add(serial);
      this.#small.say(this.#client, bytes);
    }
  }

  #error(code: number, id: number): void {
    if (id === 0) this.errors.push(code);
    else this.#answered(id, (message) => this.refused.push({ message, code }));
  }

  /** A message sent again may be answered twice: the first answer counts. */
  #answered(id: number, note: (message: WrittenMessage) => void): void {
    this.#messageOf(id);
    const message = this.#unanswered.get(id);
    if (message === undefined) return;
    this.#unanswered.delete(id);
    note({ from: message.from, to: message.to, serial: message.serial });
  }

  #messageOf(id: number): WrittenMessage {
    const message = this.#byId.get(id);
    assert.ok(message !== undefined, `phone ${this.account} has used id ${id}`);
    return message;
  }

  #accountOf(body: DataView): number {
    return accountNumber(readAccountHigh(body, 0), readAccountLow(body, 0)) - this.#small.number(0);
  }

  /** @param id by which the author knows the message, if the phone is told. */
  #deliver(body: DataView, at: number, id?: number): void {
    assert.equal(id !== undefined, (this.#capabilities & Capability.READS) !== 0, 'it is told ids if it wants them');
    const sequence = readSerial(body, 0);
    if (this.#newest !== undefined && serialDistance(sequence, this.#newest) <= 0) return;
    this.#newest = sequence;
    const from = this.#accountOf(body);
    assert.equal(body.getUint8(at), from, 'the sender that DELIVER names has written it');
    const serial = body.getUint16(at + 2, true);
    for (let n = TAG_BYTES; at + n < body.byteLength; n++)
      assert.equal(body.getUint8(at + n), patternByte(serial, n), `byte ${n} of the payload`);
    const message = { from, to: body.getUint8(at + 1), serial };
    this.received.push(message);
    if (id !== undefined) this.#unread.push({ message, id });
  }
}

function writePayload(bytes: Uint8Array, { from, to, serial }: WrittenMessage): void {
  const at = MESSAGE_OVERHEAD_BYTES;
  bytes.set([from, to, serial & 0xff, serial >> 8], at);
  for (let n = TAG_BYTES; at + n < bytes.length; n++) bytes[at + n] = patternByte(serial, n);
}

function patternByte(serial: number, n: number): number {
  return (serial * 31 + n * 7) & 0xff;
}
