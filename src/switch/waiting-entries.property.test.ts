/** What LOGIN_RESULT says is waiting, against a list of what a phone has not had yet. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FrameType, readSerial } from '../wire/frames.ts';
import { readLoginWaiting } from '../wire/login.ts';
import { SmallSwitch } from './small-switch.test-suite.ts';

const [PHONE, PEER] = [1, 2];

const step = fc.constantFrom(
  ...['to the phone', 'to the phone', 'to the peer', 'to the peer'],
  ...['peer confirms', 'phone confirms one', 'phone confirms', 'comes back', 'comes back'],
);

/** A phone, a peer that is always there, and lists of what has not come to the phone. */
class Mail {
  readonly small: SmallSwitch;
  /**
   * Messages to the phone that it has not confirmed, the oldest first: each the sequence number it has come under,
   * or 0.
   */
  readonly messages: number[] = [];
  /** Receipts that the phone has to get. */
  receipts = 0;
  #peerUnconfirmed = 0;
  #isOnline = false;
  #heardFrames = 0;
  #ids = { phone: 0, peer: 0 };

  constructor(shards: number) {
    this.small = new SmallSwitch({ shards, messagesPerAccount: 64, mailboxBlocks: 256, sessions: 32 });
    this.small.online(PEER, PEER, shards - 1);
    this.logIn();
  }

  do(what: string): void {
    const { small } = this;
    if (what === 'to the phone') {
      small.say(PEER, small.message(++this.#ids.peer, PHONE));
      this.messages.push(0);
    } else if (what === 'to the peer' && this.#isOnline) {
      small.say(PHONE, small.message(++this.#ids.phone, PEER));
      this.#peerUnconfirmed++;
    } else if (what === 'peer confirms') {
      small.settle();
      this.#peerConfirms();
    } else if (what === 'phone confirms one' && this.#isOnline) this.#confirm(1);
    else if (what === 'phone confirms' && this.#isOnline) this.#confirm(this.messages.length);
    else if (what === 'comes back') {
      if (this.#isOnline) small.hangUp(PHONE);
      small.settle();
      if (!this.#isOnline) this.logIn();
      else this.#isOnline = false;
    }
    this.#listen();
  }

  /** Logs in, and checks what is said to wait. */
  logIn(): void {
    const waits = this.messages.length + this.receipts;
    this.#heardFrames = 0;
    this.small.online(PHONE, PHONE);
    this.#isOnline = true;
    const [result] = this.small.frames(PHONE, FrameType.LOGIN_RESULT);
    assert.ok(result !== undefined);
    assert.equal(
      readLoginWaiting(result.body, 0),
      waits,
      `${this.messages.length} messages, ${this.receipts} receipts`,
    );
    this.messages.fill(0);
    this.#listen();
  }

  /** Lets the phone come back a last time, and confirm until nothing comes any more. */
  end(): void {
    this.#peerConfirms();
    if (this.#isOnline) this.do('comes back');
    this.do('comes back');
    for (let n = 0; n < 200 && this.messages.length > 0; n++) this.#confirm(this.messages.length);
    assert.deepEqual([this.messages.length, this.receipts], [0, 0], 'all that was said to wait has come');
    assert.equal(
      this.small.stores.reduce((sum, store) => sum + store.entries, 0),
      0,
    );
  }

  /** The peer has until now confirmed nothing beyond its own limit: it confirms until nothing comes any more. */
  #peerConfirms(): void {
    for (let before = -1; before !== this.small.frames(PEER, FrameType.DELIVER).length; ) {
      const delivered = this.small.frames(PEER, FrameType.DELIVER);
      before = delivered.length;
      const last = delivered.at(-1);
      if (last !== undefined) this.small.say(PEER, this.small.confirmation(readSerial(last.body, 0)));
      this.small.settle();
    }
    this.receipts += this.#peerUnconfirmed;
    this.#peerUnconfirmed = 0;
    this.#listen();
  }

  /** The phone confirms the first so many of those that have come. */
  #confirm(most: number): void {
    const come = this.messages.filter((sequence) => sequence !== 0).slice(0, most);
    const last = come.at(-1);
    if (last === undefined) return;
    this.small.say(PHONE, this.small.confirmation(last));
    this.messages.splice(0, come.length);
    this.#listen();
  }

  /** Takes what has come off the lists. */
  #listen(): void {
    this.small.settle();
    const frames = (this.small.heard.get(PHONE) ?? []).slice(this.#heardFrames);
    this.#heardFrames += frames.length;
    if (!this.#isOnline) return;
    for (const { type, body } of frames) {
      if (type === FrameType.RECEIPT) this.receipts--;
      if (type === FrameType.DELIVER) this.messages[this.messages.indexOf(0)] = readSerial(body, 0);
    }
    assert.ok(this.receipts >= 0, 'no receipt comes twice');
  }
}

describe('what LOGIN_RESULT says is waiting', () => {
  for (const shards of [1, 2])
    it(`is what then comes, with ${shards} shards`, () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
          const mail = new Mail(shards);
          for (const what of steps) mail.do(what);
          mail.end();
        }),
        { numRuns: 150 },
      );
    });
});
