/**
 * A phone on a small switch that keeps to PROTOCOL.md and takes part in groups. It records what its user would see, and
 * how each of its messages, joins and leaves was answered.
 */
import assert from 'node:assert/strict';
import { serialDistance } from '../../base/serial-distance.ts';
import {
  accountNumber,
  FrameType,
  messageFrameBytes,
  payloadStart,
  readAccountHigh,
  readAccountLow,
  readErrorCode,
  readErrorSerial,
  readSerial,
  writeMessage,
} from '../../wire/frames.ts';
import {
  groupPayloadStart,
  hasGroupFields,
  readAcknowledgedMembers,
  readAcknowledgedVersion,
  readAuthorHigh,
  readAuthorId,
  readAuthorLow,
  readGroupVersion,
} from '../../wire/group-frames.ts';
import { readLoginCode } from '../../wire/login.ts';
import type { HeardFrame, SmallSwitch } from '../small-switch.test-suite.ts';

/** Smallest payload: author, group and id of the message. */
export const TAG_BYTES = 4;
const UNANSWERED_MAX = 16;

export type RequestKind = 'send' | 'join' | 'leave';

/** What a phone has asked for, and how it was answered. */
export interface Request {
  readonly kind: RequestKind;
  readonly id: number;
  readonly group: number;
  readonly bytes: Uint8Array;
  /** Of a long ✓. */
  version?: number;
  members?: number;
  /** Of an ERROR. */
  code?: number;
  receipts: number;
}

/** A message as a member saw it. */
export interface Received {
  readonly group: number;
  readonly author: number;
  readonly id: number;
  /** Undefined where it came as a DELIVER. */
  readonly version: number | undefined;
}

export class GroupPhone {
  readonly account: number;
  readonly requests: Request[] = [];
  readonly received: Received[] = [];
  isOnline = false;
  /** Whether a connection of this phone has ended. */
  hasLeft = false;
  #small: SmallSwitch;
  readonly #firstGroup: number;
  readonly #minor: number;
  readonly #unanswered = new Map<number, Request>();
  #heard = 0;
  #lastId = 0;
  #newest: number | undefined;

  constructor(small: SmallSwitch, account: number, firstGroup: number, minor: number) {
    this.#small = small;
    this.account = account;
    this.#firstGroup = firstGroup;
    this.#minor = minor;
  }

  get unanswered(): number {
    return this.#unanswered.size;
  }

  /** Logs in unless the connection is still there, and lets everyone work until it is in. */
  logIn(shard: number): void {
    if (this.#small.isThere(this.account)) return;
    this.#heard = 0;
    this.#small.online(this.account, this.account, shard, this.#minor);
    this.take();
  }

  /** Leaves without LOGOUT: what is on its way to it is lost. */
  hangUp(): void {
    if (!this.#small.isConnected(this.account)) return;
    this.#small.hangUp(this.account);
    this.isOnline = false;
    this.hasLeft = true;
  }

  /** The switch has ended, with all connections, and another has taken its place. */
  moveTo(small: SmallSwitch): void {
    this.take();
    this.#small = small;
    this.#heard = 0;
    this.isOnline = false;
    this.hasLeft = true;
  }

  /** Sends a message, or asks to join or leave, if the protocol lets it. */
  ask(kind: RequestKind, group: number, payloadBytes = TAG_BYTES): void {
    this.take();
    const id = this.#lastId + 1;
    const oldest = Math.min(...this.#unanswered.keys(), id);
    if (!this.isOnline || id - oldest >= UNANSWERED_MAX) return;
    this.#lastId = id;
    const type = { send: FrameType.SEND, join: FrameType.JOIN, leave: FrameType.LEAVE }[kind];
    const view = new DataView(new ArrayBuffer(messageFrameBytes(kind === 'send' ? payloadBytes : 0)));
    const number = this.#small.number(this.#firstGroup + group);
    const at = writeMessage(view, 0, type, id, 0, number, view.byteLength - messageFrameBytes(0));
    const bytes = new Uint8Array(view.buffer);
    if (kind === 'send') {
      bytes.set([this.account, group, id & 0xff, id >> 8], at);
      for (let n = at + TAG_BYTES; n < bytes.length; n++) bytes[n] = patternByte(id, n - at);
    }
    const request: Request = { kind, id, group, bytes, receipts: 0 };
    this.requests.push(request);
    this.#unanswered.set(id, request);
    this.#small.say(this.account, bytes);
  }

  /** Sends once more what was accepted, as a phone does that has lost the answer. */
  repeat(n: number): void {
    const request = this.requests.at(-1 - n);
    if (!this.isOnline || request?.version === undefined || this.#lastId - request.id >= UNANSWERED_MAX) return;
    this.#small.say(this.account, request.bytes);
  }

  confirm(): void {
    this.take();
    if (this.#newest === undefined || !this.isOnline) return;
    this.#small.say(this.account, this.#small.confirmation(this.#newest));
  }

  /** Takes note of the frames that have come since the last time. */
  take(): void {
    const frames = this.#small.heard.get(this.account) ?? [];
    while (this.#heard < frames.length) this.#frame(frames[this.#heard++] as HeardFrame); // below the length
    if (!this.#small.isConnected(this.account)) this.isOnline = false;
  }

  #frame({ type, body }: HeardFrame): void {
    switch (type) {
      case FrameType.LOGIN_RESULT:
        this.isOnline = readLoginCode(body, 0) === 0;
        for (const { bytes } of this.#unanswered.values()) this.#small.say(this.account, bytes);
        break;
      case FrameType.ACKNOWLEDGED:
        this.#acknowledged(body);
        break;
      case FrameType.ERROR:
        this.#refused(readErrorCode(body, 0), readErrorSerial(body, 0));
        break;
      case FrameType.RECEIPT:
        this.#request(readSerial(body, 0)).receipts++;
        break;
      case FrameType.DELIVER_GROUP:
      case FrameType.DELIVER:
        this.#deliver(type, body);
        break;
      default:
        assert.fail(`no phone expects a frame of type ${type}`);
    }
  }

  #request(id: number): Request {
    return this.requests.find((one) => one.id === id) ?? assert.fail(`phone ${this.account} has used id ${id}`);
  }

  #acknowledged(body: DataView): void {
    const id = readSerial(body, 0);
    const request = this.#request(id);
    this.#unanswered.delete(id);
    assert.equal(hasGroupFields(0, body.byteLength), this.#minor >= 1, 'minor version 1 hears version and members');
    const version = readIf(body, readAcknowledgedVersion);
    const members = readIf(body, readAcknowledgedMembers);
    if (request.version !== undefined)
      assert.deepEqual([version, members], [request.version, request.members], 'the same answer to what is repeated');
    request.version = version;
    request.members = members;
    assert.equal(request.code, undefined, 'what was refused is not accepted');
  }

  #refused(code: number, id: number): void {
    assert.ok(id !== 0 || code < 32, `the connection ends with ERROR ${code}`);
    const request = this.#request(id);
    this.#unanswered.delete(id);
    assert.equal(request.version, undefined, 'what was accepted is not refused');
    request.code = code;
  }

  #deliver(type: number, body: DataView): void {
    const sequence = readSerial(body, 0);
    if (this.#newest !== undefined && serialDistance(sequence, this.#newest) <= 0) return;
    this.#newest = sequence;
    const isGroup = type === FrameType.DELIVER_GROUP;
    const at = isGroup ? groupPayloadStart(0) : payloadStart(0);
    const id = body.getUint16(at + 2, true);
    const [author, group] = [body.getUint8(at), body.getUint8(at + 1)];
    const named = accountNumber(readAccountHigh(body, 0), readAccountLow(body, 0)) - this.#small.number(0);
    if (isGroup) {
      assert.ok(this.#minor >= 1, 'minor version 0 hears no frame of version 1');
      assert.equal(named, this.#firstGroup + group);
      assert.equal(accountNumber(readAuthorHigh(body, 0), readAuthorLow(body, 0)) - this.#small.number(0), author);
      assert.equal(readAuthorId(body, 0), id);
    } else {
      assert.ok(named === this.#firstGroup + group || named === author, `DELIVER from ${named}`);
    }
    for (let n = TAG_BYTES; at + n < body.byteLength; n++)
      assert.equal(body.getUint8(at + n), patternByte(id, n), `byte ${n} of the payload`);
    this.received.push({ group, author, id, version: isGroup ? readGroupVersion(body, 0) : undefined });
  }
}

function readIf(body: DataView, read: (view: DataView, body: number) => number): number {
  return hasGroupFields(0, body.byteLength) ? read(body, 0) : -1;
}

function patternByte(id: number, n: number): number {
  return (id * 31 + n * 7) & 0xff;
}
