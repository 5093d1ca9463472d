/**
 * A second implementation of the protocol interface, as different from trunkline's as possible: lines of text.
 *
 *     server   HELLO · CHALLENGE n · WELCOME · BUSY · WRONG · OK id · FULL id · MSG payload · PONG · ALIVE? · BYE
 *     phone    USER account · ANSWER n · PUT id recipient payload · TAKEN · PING · ALIVE · BYE
 *
 * The server speaks first, and a login takes two answers from the phone. Message ids have few bits and wrap around.
 * Payloads are hexadecimal. A delivery names neither its sender nor a number, each is confirmed separately, and senders
 * get no receipt. The server pings too. A line may arrive in any pieces.
 */
import type { LedgerEntry } from '../base/ledger-entry.ts';
import type { NumberingPlan } from '../wire/numbering-plan.ts';
import {
  LoginRefusal,
  type MakeProtocol,
  NO_SEQUENCE,
  type PhoneListener,
  type PhoneProtocol,
  Rejection,
  SENDER_UNKNOWN,
  WAITING_UNKNOWN,
} from '../wire/phone-protocol.ts';
import { CloseReason, type PhoneTransport } from '../wire/transport.ts';

/** Ids wrap around after this many messages, more than the 16 that may be unanswered. */
export const LINE_IDS = 64;
const LINE_BYTES_MAX = 512;
const NEWLINE = 10;
const NO_BUFFER = -1;

/** Where a login stands. */
const Step = { GREETED_NOT: 0, OWES_USER: 1, OWES_ANSWER: 2, ALL_SAID: 3 } as const;

/** The answer to a challenge. */
export function lineAnswer(account: number, challenge: number): number {
  return (account + challenge) % 9973;
}

export interface LineOptions {
  /** Phones that may have part of a line at the same time. */
  readonly partials: number;
  /** Whether the server acknowledges messages. */
  readonly acknowledges: boolean;
}

export function lineProtocol(plan: NumberingPlan, options: LineOptions): MakeProtocol {
  return (rows, transport, listener) => new LineProtocol(plan, options, rows, transport, listener);
}

class LineProtocol implements PhoneProtocol {
  readonly payloads = new DataView(new ArrayBuffer(256));
  readonly #plan: NumberingPlan;
  readonly #acknowledges: boolean;
  readonly #transport: PhoneTransport;
  readonly #listener: PhoneListener;
  readonly #phones: Int32Array;
  readonly #steps: Uint8Array;
  readonly #challenges: Int32Array;
  readonly #takenOwed: Uint16Array;
  readonly #aliveOwed: Uint8Array;
  /** The buffer that holds part of a line of each phone, and the phone of each buffer. */
  readonly #bufferOf: Int16Array;
  readonly #rowOf: Int32Array;
  readonly #lengths: Int16Array;
  readonly #pool: Uint8Array;
  #nextBuffer = 0;
  #claimedAt = 0;
  #claimedHead = '';
  #claimedBytes = 0;
  #claimedRow = 0;
  #claimedNumber = 0;

  constructor(
    plan: NumberingPlan,
    { partials, acknowledges }: LineOptions,
    rows: number,
    transport: PhoneTransport,
    listener: PhoneListener,
  ) {
    this.#plan = plan;
    this.#acknowledges = acknowledges;
    this.#transport = transport;
    this.#listener = listener;
    this.#phones = new Int32Array(rows);
    this.#steps = new Uint8Array(rows);
    this.#challenges = new Int32Array(rows);
    this.#takenOwed = new Uint16Array(rows);
    this.#aliveOwed = new Uint8Array(rows);
    this.#bufferOf = new Int16Array(rows).fill(NO_BUFFER);
    this.#rowOf = new Int32Array(partials).fill(NO_BUFFER);
    this.#lengths = new Int16Array(partials);
    this.#pool = new Uint8Array(partials * LINE_BYTES_MAX);
  }

  ledger(rowsUsed: number): LedgerEntry[] {
    return [{ owner: 'driver', name: 'lines', bytes: this.#pool.byteLength, rowBytes: 18, rowsUsed }];
  }

  logIn(row: number, _connection: number, phone: number): boolean {
    this.#phones[row] = phone; // it waits for HELLO
    return true;
  }

  logOut(_row: number, connection: number): void {
    this.#say(connection, 'BYE');
  }

  ping(_row: number, connection: number): boolean {
    return this.#say(connection, 'PING');
  }

  claimMessage(row: number, connection: number, number: number, recipient: number, payloadBytes: number): number {
    this.#claimedHead = `PUT ${number % LINE_IDS} ${this.#plan.numberOf(recipient)} `;
    this.#claimedBytes = payloadBytes;
    this.#claimedRow = row;
    this.#claimedNumber = number;
    this.#claimedAt = this.#transport.claim(connection, this.#claimedHead.length + 2 * payloadBytes + 1, 64);
    return Math.min(this.#claimedAt, 0);
  }

  commitMessage(): void {
    const bytes = new Uint8Array(this.payloads.buffer, 0, this.#claimedBytes);
    this.#write(this.#claimedAt, `${this.#claimedHead}${Buffer.from(bytes).toString('hex')}\n`);
    if (!this.#acknowledges) this.#listener.acknowledged(this.#claimedRow, this.#claimedNumber);
  }

  /** This server has no groups. */
  changeGroup(): boolean {
    return false;
  }

  confirm(row: number, connection: number): boolean {
    if (this.#takenOwed[row] === 0 && this.#say(connection, 'TAKEN')) return true;
    this.#takenOwed[row] = (this.#takenOwed[row] ?? 0) + 1;
    return false;
  }

  answer(row: number, connection: number): boolean {
    const account = this.#plan.numberOf(this.#phones[row] ?? 0);
    if (this.#steps[row] === Step.OWES_USER) {
      if (!this.#say(connection, `USER ${account}`)) return false;
      this.#steps[row] = Step.GREETED_NOT;
    }
    if (this.#steps[row] === Step.OWES_ANSWER) {
      if (!this.#say(connection, `ANSWER ${lineAnswer(account, this.#challenges[row] ?? 0)}`)) return false;
      this.#steps[row] = Step.ALL_SAID;
    }
    if (this.#aliveOwed[row] === 1) {
      if (!this.#say(connection, 'ALIVE')) return false;
      this.#aliveOwed[row] = 0;
    }
    for (let owed = this.#takenOwed[row] ?? 0; owed > 0; owed--) {
      if (!this.#say(connection, 'TAKEN')) return false;
      this.#takenOwed[row] = owed - 1;
    }
    return true;
  }

  feed(row: number, connection: number, isLoggingIn: boolean, view: DataView, start: number, end: number): number {
    let isWaiting = isLoggingIn;
    for (let at = start; at < end; at++) {
      const byte = view.getUint8(at);
      if (byte !== NEWLINE) {
        if (!this.#keep(row, byte)) return end - start; // it has hung up
        continue;
      }
      this.#listener.frameIn();
      const next = this.#line(row, connection, isWaiting, this.#take(row));
      if (next === 'over') return end - start;
      if (next === 'online') isWaiting = false;
    }
    return end - start;
  }

  forget(row: number): void {
    this.#take(row);
    this.#steps[row] = Step.GREETED_NOT;
    this.#takenOwed[row] = 0;
    this.#aliveOwed[row] = 0;
  }

  #line(row: number, connection: number, isLoggingIn: boolean, line: string): 'next' | 'online' | 'over' {
    const [word = '', value = ''] = line.split(' ');
    return isLoggingIn
      ? this.#loginLine(row, connection, word, value)
      : this.#onlineLine(row, connection, word, value, line);
  }

  #loginLine(row: number, connection: number, word: string, value: string): 'next' | 'online' | 'over' {
    switch (word) {
      case 'HELLO':
        this.#steps[row] = Step.OWES_USER;
        break;
      case 'CHALLENGE':
        this.#steps[row] = Step.OWES_ANSWER;
        this.#challenges[row] = Number(value);
        break;
      case 'WELCOME':
        this.#listener.loggedIn(row, WAITING_UNKNOWN);
        return 'online';
      case 'BUSY':
      case 'WRONG':
        this.#listener.loginRefused(row, word === 'BUSY' ? LoginRefusal.BUSY : LoginRefusal.CREDENTIALS_WRONG, 0);
        return 'over';
      default:
        this.#listener.foreign(row);
        return 'over';
    }
    if (!this.answer(row, connection)) this.#listener.owesAnswer(row);
    return 'next';
  }

  #onlineLine(row: number, connection: number, word: string, value: string, line: string): 'next' | 'over' {
    switch (word) {
      case 'OK':
        this.#listener.acknowledged(row, this.#numberOf(row, Number(value)));
        return 'next';
      case 'FULL':
        this.#listener.rejected(row, this.#numberOf(row, Number(value)), Rejection.MAILBOX_FULL);
        return 'next';
      case 'MSG': {
        const payload = Buffer.from(value, 'hex');
        const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
        this.#listener.delivered(row, SENDER_UNKNOWN, NO_SEQUENCE, view, 0, payload.length);
        return 'next';
      }
      case 'PONG':
        this.#listener.pong(row);
        return 'next';
      case 'ALIVE?':
        this.#aliveOwed[row] = 1;
        if (!this.answer(row, connection)) this.#listener.owesAnswer(row);
        return 'next';
      case 'BYE':
        this.#listener.ended(row, CloseReason.SWITCH_STOPPING);
        return 'over';
      default:
        if (line !== '') this.#listener.malformed(row);
        return line === '' ? 'next' : 'over';
    }
  }

  /** The newest message of the phone that may have this id. */
  #numberOf(row: number, id: number): number {
    const last = this.#listener.lastNumber(row);
    return last - ((last - id) & (LINE_IDS - 1));
  }

  /** False: the phone has no line any more, since this one is too long. */
  #keep(row: number, byte: number): boolean {
    const buffer = this.#bufferFor(row);
    const length = this.#lengths[buffer] ?? 0;
    if (length === LINE_BYTES_MAX) {
      this.#listener.malformed(row);
      return false;
    }
    this.#pool[buffer * LINE_BYTES_MAX + length] = byte;
    this.#lengths[buffer] = length + 1;
    return true;
  }

  /** The phone's buffer; where it has none, the one that was taken first, and its phone loses its line. */
  #bufferFor(row: number): number {
    const own = this.#bufferOf[row] ?? NO_BUFFER;
    if (own !== NO_BUFFER) return own;
    const free = this.#rowOf.indexOf(NO_BUFFER);
    const buffer = free === -1 ? this.#nextBuffer : free;
    this.#nextBuffer = (buffer + 1) % this.#rowOf.length;
    const before = this.#rowOf[buffer] ?? NO_BUFFER;
    if (before !== NO_BUFFER) {
      this.#take(before);
      this.#listener.evicted(before);
    }
    this.#rowOf[buffer] = row;
    this.#bufferOf[row] = buffer;
    return buffer;
  }

  /** Takes what is kept of the phone's line. */
  #take(row: number): string {
    const buffer = this.#bufferOf[row] ?? NO_BUFFER;
    if (buffer === NO_BUFFER) return '';
    const from = buffer * LINE_BYTES_MAX;
    const text = Buffer.from(this.#pool.subarray(from, from + (this.#lengths[buffer] ?? 0))).toString('latin1');
    this.#lengths[buffer] = 0;
    this.#rowOf[buffer] = NO_BUFFER;
    this.#bufferOf[row] = NO_BUFFER;
    return text;
  }

  #say(connection: number, line: string): boolean {
    const at = this.#transport.claim(connection, line.length + 1, 0);
    if (at < 0) return false;
    this.#write(at, `${line}\n`);
    return true;
  }

  #write(at: number, text: string): void {
    for (let n = 0; n < text.length; n++) this.#transport.output.setUint8(at + n, text.charCodeAt(n));
    this.#transport.commit();
    this.#listener.frameOut();
  }
}
