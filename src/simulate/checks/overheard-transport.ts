/**
 * Overhears what phones and switch say to each other, beside a lane: tells the audit of messages what it means, and
 * mixes all of it into a digest of the run. It parses frames itself, and changes nothing.
 */
import { mixPair } from '../../base/pseudo-random.ts';
import { payloadNumber } from '../../driver/content/payload.ts';
import {
  FrameType,
  HEADER_BYTES,
  headerBodyBytes,
  headerType,
  LoginCode,
  MESSAGE_OVERHEAD_BYTES,
  payloadStart,
  readAccountHigh,
  readAccountLow,
  readErrorCode,
  readErrorSerial,
  readSerial,
} from '../../wire/frames.ts';
import {
  groupPayloadStart,
  hasGroupFields,
  readAcknowledgedMembers,
  readAuthorHigh,
  readAuthorLow,
} from '../../wire/group-frames.ts';
import type { NumberingPlan } from '../../wire/numbering-plan.ts';
import type { ConnectionEvents, PhoneTransport } from '../../wire/transport.ts';
import type { MessageAudit } from './message-audit.ts';

/** Bytes of DELIVER_WITH_ID between the fields of every message and the payload. */
const ID_BYTES = 4;
const NOBODY = -1;
/** Payloads that carry a number. */
const NUMBERED_BYTES_MIN = 8;

/** Receives a line about each frame, where somebody wants to read them. */
export type FrameListener = (phone: number, isUp: boolean, type: number, serial: number) => void;

export interface OverheardParts {
  readonly audit: MessageAudit;
  /** The world's plan; asked for only when frames pass, since the world is made with its transports. */
  readonly plan: () => NumberingPlan;
  /** The phone at a row of the lane. */
  readonly phoneAt: (row: number) => number;
  readonly onFrame?: FrameListener | undefined;
}

export class OverheardTransport implements PhoneTransport, ConnectionEvents {
  readonly output: DataView;
  /** Frames in both directions. */
  frames = 0;
  /** Two halves of a digest of all frames and ends of connections, in order. */
  readonly digest = new Int32Array(2);
  readonly #inner: PhoneTransport;
  readonly #parts: OverheardParts;
  #plan: NumberingPlan | undefined;
  /** The row of the phone of each connection, until it ends for the phone; NOBODY after that. */
  readonly #rows: number[] = [];
  /**
   * The start of a frame, by connection: fewer bytes than the longest frame. A phone has one connection at most, so
   * neither this nor the next map has more entries than the lane has rows.
   */
  readonly #partial = new Map<number, Uint8Array>();
  /** Bytes at the start of the next chunk of a connection that were heard already. */
  readonly #heard = new Map<number, number>();
  #events: ConnectionEvents | undefined;
  #claimedConnection = 0;
  #claimedAt = 0;
  #claimedBytes = 0;

  constructor(inner: PhoneTransport, parts: OverheardParts) {
    this.#inner = inner;
    this.#parts = parts;
    this.output = inner.output;
  }

  poll(events: ConnectionEvents, limit: number): number {
    this.#events = events;
    return this.#inner.poll(this, limit);
  }

  hasInput(): boolean {
    return this.#inner.hasInput();
  }

  claim(connection: number, bytes: number, reserveBytes: number): number {
    const at = this.#inner.claim(connection, bytes, reserveBytes);
    this.#claimedConnection = connection;
    this.#claimedAt = at;
    this.#claimedBytes = bytes;
    return at;
  }

  commit(): void {
    const row = this.#rowOf(this.#claimedConnection);
    if (row !== NOBODY) {
      const phone = this.#parts.phoneAt(row);
      this.#hearFrames(phone, true, this.output, this.#claimedAt, this.#claimedAt + this.#claimedBytes);
    }
    this.#inner.commit();
  }

  roomBytes(): number {
    return this.#inner.roomBytes();
  }

  flush(): void {
    this.#inner.flush();
  }

  connect(shard: number, row: number): boolean {
    const isBegun = this.#inner.connect(shard, row);
    if (isBegun) this.#parts.audit.connecting(this.#parts.phoneAt(row));
    return isBegun;
  }

  close(connection: number, reason: number): boolean {
    const isClosed = this.#inner.close(connection, reason);
    if (isClosed) this.#ended(connection, reason);
    return isClosed;
  }

  release(connection: number): boolean {
    return this.#inner.release(connection);
  }

  vanish(connection: number): boolean {
    const isGone = this.#inner.vanish(connection);
    if (isGone) this.#ended(connection, 0);
    return isGone;
  }

  opened(row: number, connection: number): void {
    while (this.#rows.length <= connection) this.#rows.push(NOBODY); // their numbers are small, and used again
    this.#rows[connection] = row;
    this.#events?.opened(row, connection);
  }

  refused(row: number, reason: number): void {
    this.#parts.audit.ended(this.#parts.phoneAt(row));
    this.#events?.refused(row, reason);
  }

  bytes(row: number, connection: number, view: DataView, start: number, end: number): number {
    const { size } = this.#heard;
    if (this.#rowOf(connection) === row) {
      const heard = size === 0 ? 0 : (this.#heard.get(connection) ?? 0);
      if (start + heard < end) this.#hearChunk(row, connection, view, start + heard, end);
    }
    const taken = this.#events?.bytes(row, connection, view, start, end) ?? 0;
    // What was not taken comes again.
    if (taken < end - start) this.#heard.set(connection, end - start - taken);
    else if (size > 0) this.#heard.delete(connection);
    return taken;
  }

  closed(row: number, connection: number, reason: number): void {
    if (this.#rowOf(connection) === row) this.#ended(connection, reason);
    this.#events?.closed(row, connection, reason);
  }

  #ended(connection: number, reason: number): void {
    const row = this.#rowOf(connection);
    if (row === NOBODY) return;
    this.#rows[connection] = NOBODY;
    this.#partial.delete(connection);
    this.#heard.delete(connection);
    const phone = this.#parts.phoneAt(row);
    this.#mix(phone, reason, -1);
    this.#parts.audit.ended(phone);
  }

  #rowOf(connection: number): number {
    return this.#rows[connection] ?? NOBODY;
  }

  #hearChunk(row: number, connection: number, view: DataView, start: number, end: number): void {
    const phone = this.#parts.phoneAt(row);
    const before = this.#partial.size === 0 ? undefined : this.#partial.get(connection);
    if (before === undefined) {
      const heardTo = this.#hearFrames(phone, false, view, start, end);
      if (heardTo < end) this.#partial.set(connection, copyOf(view, heardTo, end));
      return;
    }
    const whole = new Uint8Array(before.length + end - start);
    whole.set(before);
    whole.set(copyOf(view, start, end), before.length);
    const heardTo = this.#hearFrames(phone, false, new DataView(whole.buffer), 0, whole.length);
    if (heardTo === whole.length) this.#partial.delete(connection);
    else this.#partial.set(connection, whole.slice(heardTo));
  }

  /** @returns where the last whole frame ends. */
  #hearFrames(phone: number, isUp: boolean, view: DataView, start: number, end: number): number {
    let at = start;
    while (end - at >= HEADER_BYTES) {
      const header = view.getUint16(at, true);
      const body = at + HEADER_BYTES;
      const next = body + headerBodyBytes(header);
      if (next > end) break;
      this.frames++;
      const type = headerType(header);
      const serial = next - body >= 4 ? readSerial(view, body) : 0;
      this.#mix(phone, isUp ? header : ~header, serial);
      this.#parts.onFrame?.(phone, isUp, type, serial);
      if (isUp) this.#hearPhone(phone, type, view, body, next);
      else this.#hearSwitch(phone, type, view, body, next);
      at = next;
    }
    return at;
  }

  #hearPhone(phone: number, type: number, view: DataView, body: number, end: number): void {
    const { audit } = this.#parts;
    const plan = this.#numberingPlan();
    if (type === FrameType.SEND) {
      if (end - body < MESSAGE_OVERHEAD_BYTES - HEADER_BYTES + NUMBERED_BYTES_MIN) return;
      const recipient = plan.indexOfHalves(readAccountHigh(view, body), readAccountLow(view, body));
      const payload = payloadStart(body);
      audit.sends(phone, readSerial(view, body), recipient, payloadNumber(view, payload), digestOf(view, payload, end));
    } else if (type === FrameType.DELIVERED) audit.confirms(phone, readSerial(view, body));
    else if (type === FrameType.LOGIN) audit.loggingIn(phone);
  }

  #hearSwitch(phone: number, type: number, view: DataView, body: number, end: number): void {
    const { audit } = this.#parts;
    switch (type) {
      case FrameType.ACKNOWLEDGED:
        audit.acknowledges(
          phone,
          readSerial(view, body),
          hasGroupFields(body, end) ? readAcknowledgedMembers(view, body) : NOBODY,
        );
        break;
      case FrameType.DELIVER:
      case FrameType.DELIVER_WITH_ID:
        this.#hearMessage(phone, view, body, payloadStart(body) + (type === FrameType.DELIVER ? 0 : ID_BYTES), end);
        break;
      case FrameType.DELIVER_GROUP:
        this.#hearGroupMessage(phone, view, body, end);
        break;
      case FrameType.ERROR:
        audit.refuses(phone, readErrorCode(view, body), readErrorSerial(view, body));
        break;
      case FrameType.LOGIN_RESULT:
        if (view.getUint8(body) === LoginCode.ACCEPTED) audit.loggedIn(phone);
        break;
      default:
        break; // the others promise nothing
    }
  }

  #hearMessage(phone: number, view: DataView, body: number, payload: number, end: number): void {
    const { audit } = this.#parts;
    const plan = this.#numberingPlan();
    const sender = plan.indexOfHalves(readAccountHigh(view, body), readAccountLow(view, body));
    const number = payloadNumber(view, payload);
    audit.delivers(phone, readSerial(view, body), sender, phone, number, digestOf(view, payload, end));
  }

  #hearGroupMessage(phone: number, view: DataView, body: number, end: number): void {
    const { audit } = this.#parts;
    const plan = this.#numberingPlan();
    const group = plan.indexOfHalves(readAccountHigh(view, body), readAccountLow(view, body));
    const author = plan.indexOfHalves(readAuthorHigh(view, body), readAuthorLow(view, body));
    const payload = groupPayloadStart(body);
    const number = payloadNumber(view, payload);
    audit.delivers(phone, readSerial(view, body), author, group, number, digestOf(view, payload, end));
  }

  #numberingPlan(): NumberingPlan {
    this.#plan ??= this.#parts.plan();
    return this.#plan;
  }

  #mix(phone: number, what: number, serial: number): void {
    const { digest } = this;
    digest[0] = mixPair((digest[0] as number) ^ phone, what ^ serial); // two halves, here and below
    digest[1] = (Math.imul(digest[1] as number, 0x01000193) ^ mixPair(serial, what + phone)) | 0;
  }
}

/** A digest of a payload; its bytes need not begin at a whole word. */
function digestOf(view: DataView, start: number, end: number): number {
  let digest = end - start;
  let at = start;
  for (; at + 4 <= end; at += 4) digest = (Math.imul(digest, 0x01000193) ^ view.getInt32(at, true)) | 0;
  for (; at < end; at++) digest = (Math.imul(digest, 0x01000193) ^ view.getUint8(at)) | 0;
  return digest;
}

function copyOf(view: DataView, start: number, end: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + start, end - start).slice();
}
