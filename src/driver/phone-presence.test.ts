/**
 * What phones say about presence and typing, when there is room and when there is none, and what they make of notices.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ledgerUsedBytes } from '../base/ledger-entry.ts';
import {
  accountHigh,
  accountLow,
  accountNumber,
  ErrorFrameCode,
  FrameType,
  readAccountHigh,
  readAccountLow,
  writeErrorFrame,
} from '../wire/frames.ts';
import {
  LAST_SEEN_UNKNOWN,
  PRESENCE_FRAME_BYTES,
  PresenceState,
  readOwnState,
  readWatchedHigh,
  readWatchedLow,
  TYPING_FRAME_BYTES,
  TypingState,
  writePresence,
  writeTyping,
} from '../wire/presence-frames.ts';
import { FIRST_NUMBER, LaneUnderTest, type SentFrame } from './made-switch.test-suite.ts';
import { NO_PRESENCE, type PresenceLoad } from './presence/presence-load.ts';
import type { LaneSettings } from './state/lane-settings.ts';
import { Arrivals } from './terms/arrivals.ts';

const PHONES = 8;
const SECOND = 1e6;

/** A lane under a switch that accepts every login and keeps the frames that it gets. */
class Watching {
  readonly under: LaneUnderTest;
  frames: SentFrame[] = [];

  constructor(presence: Partial<PresenceLoad>, changes: Partial<LaneSettings> = {}) {
    this.under = new LaneUnderTest(PHONES, { contacts: 3, presence: { ...NO_PRESENCE, ...presence }, ...changes });
    this.under.switch.onFrame = (frame) => {
      this.frames.push(frame);
      if (frame.type === FrameType.LOGIN) this.under.switch.accept(frame.row);
    };
  }

  arrive(): this {
    this.under.lane.openLogins(PHONES, 0, this.under.nowMicros);
    this.under.runFor(SECOND);
    return this;
  }

  /** The frames of a type, with the phones that they name. */
  said(type: number): { row: number; account: number }[] {
    return this.frames
      .filter((frame) => frame.type === type)
      .map(({ row, body }) => {
        const account = accountNumber(readWatchedHigh(body, 0), readWatchedLow(body, 0)) - FIRST_NUMBER;
        return { row, account };
      });
  }

  /** Whether each phone that said so last is in use; those that said nothing are. */
  get inUse(): boolean[] {
    const inUse = new Array<boolean>(PHONES).fill(true);
    for (const { row, type, body } of this.frames) {
      if (type === FrameType.SET_PRESENCE) inUse[row] = readOwnState(body, 0) === PresenceState.AVAILABLE;
      if (type === FrameType.LOGIN) inUse[row] = true;
    }
    return inUse;
  }

  notice(row: number, number: number, isAvailable: boolean, seconds = 0): void {
    const state = isAvailable ? PresenceState.AVAILABLE : PresenceState.UNAVAILABLE;
    this.under.switch.say(row, PRESENCE_FRAME_BYTES, (view) =>
      writePresence(view, 0, accountHigh(number), accountLow(number), state, seconds),
    );
    this.under.runFor(1000);
  }

  counts(): Record<string, number> {
    const names = ['presenceNotices', 'presenceAnswers', 'presenceRepeated', 'corrupted', 'strangers'] as const;
    return Object.fromEntries(names.map((name) => [name, this.under.count(name)]));
  }
}

describe('what a phone watches', () => {
  it('is said after every login: each of its first contacts once', () => {
    const watching = new Watching({ watch: 2 }).arrive();
    const { under } = watching;
    const first = watching.said(FrameType.WATCH);
    assert.equal(first.length, 2 * PHONES);
    assert.equal(under.count('watchesSent'), 2 * PHONES);
    for (let row = 0; row < PHONES; row++) {
      const mine = first.filter((one) => one.row === row).map(({ account }) => account);
      assert.equal(new Set(mine).size, 2);
      assert.ok(!mine.includes(row), 'nobody watches themselves');
    }
    watching.frames = [];
    under.switch.cut(3, 10);
    under.runFor(3 * SECOND);
    assert.deepEqual(
      watching.said(FrameType.WATCH),
      first.filter(({ row }) => row === 3),
      'and again after the next login',
    );
  });

  it('is said as soon as there is room', () => {
    const watching = new Watching({ watch: 3 });
    const { under } = watching;
    const full = under.switch.onFrame;
    under.switch.onFrame = (frame) => {
      full(frame);
      under.switch.freeBytes = 64; // for a LOGIN, not for frames that leave room for others
    };
    watching.arrive();
    assert.equal(under.count('held'), PHONES);
    assert.deepEqual(watching.said(FrameType.WATCH), []);
    assert.equal(under.count('lanesWatching'), 1, 'they have still to say it');
    under.switch.onFrame = full;
    under.switch.freeBytes = Number.POSITIVE_INFINITY;
    under.runFor(10_000);
    assert.equal(watching.said(FrameType.WATCH).length, 3 * PHONES);
    assert.equal(under.count('lanesWatching'), 0);
    under.runFor(SECOND);
    assert.equal(watching.said(FrameType.WATCH).length, 3 * PHONES, 'and not again');
  });

  it('is told to nobody where nothing is to be watched', () => {
    const watching = new Watching({}).arrive();
    assert.deepEqual(watching.said(FrameType.WATCH), []);
    assert.equal(watching.under.count('presenceChanges'), 0);
  });

  it('is said by the share of phones that watch, and a notice to another phone is a finding', () => {
    const watching = new Watching({ watch: 1, watchersShare: 0.5 }).arrive();
    const watchers = new Set(watching.said(FrameType.WATCH).map(({ row }) => row));
    assert.ok(watchers.size > 0 && watchers.size < PHONES, `${[...watchers]}`);
    const again = new Watching({ watch: 1, watchersShare: 0.5 }).arrive();
    assert.deepEqual(new Set(again.said(FrameType.WATCH).map(({ row }) => row)), watchers, 'the same by the same seed');
    const other = [...Array(PHONES).keys()].find((row) => !watchers.has(row)) ?? assert.fail('one that does not watch');
    const contact = new Watching({ watch: 1 })
      .arrive()
      .said(FrameType.WATCH)
      .find(({ row }) => row === other);
    watching.notice(other, FIRST_NUMBER + (contact?.account ?? assert.fail('it has a contact')), true);
    assert.equal(watching.under.lane.findings.length, 1, 'it does not watch that contact');
  });

  it('may be refused, which is counted and is no fault', () => {
    const { under } = new Watching({ watch: 1 }).arrive();
    under.switch.say(2, 8, (view) => writeErrorFrame(view, 0, ErrorFrameCode.TOO_MANY_WATCHED, 0));
    under.runFor(1000);
    assert.deepEqual([under.count('watchesRefused'), under.count('errorsReceived')], [1, 1]);
    assert.deepEqual([under.count('held'), under.lane.findings], [PHONES, []]);
  });
});

describe('what a phone knows of its contacts', () => {
  it('is no part of the memory of a connection, and is listed beside it', () => {
    const ledgerOf = (presence: Partial<PresenceLoad>) => new Watching(presence).arrive().under.lane.ledger();
    const [without, some] = [ledgerOf({}), ledgerOf({ watch: 2 })];
    assert.equal(ledgerUsedBytes(some, 'driver'), ledgerUsedBytes(without, 'driver'));
    const listed = some.find(({ name }) => name === 'presence of contacts');
    assert.deepEqual([listed?.rowBytes, listed?.rowsUsed, listed?.isApart], [1, PHONES, true]);
  });
});

describe('a notice', () => {
  it('is an answer, a change or a repetition, by what the phone has heard since its login', () => {
    const watching = new Watching({ watch: 2 }).arrive();
    const contacts = watching.said(FrameType.WATCH).filter(({ row }) => row === 0);
    const [one, other] = contacts.map(({ account }) => FIRST_NUMBER + account) as [number, number];
    const expect = (presenceNotices: number, presenceAnswers: number, presenceRepeated: number): void => {
      const none = { corrupted: 0, strangers: 0 };
      assert.deepEqual(watching.counts(), { presenceNotices, presenceAnswers, presenceRepeated, ...none });
    };
    watching.notice(0, one, true);
    expect(1, 1, 0);
    watching.notice(0, other, false, LAST_SEEN_UNKNOWN);
    expect(2, 2, 0);
    watching.notice(0, one, true);
    expect(3, 2, 1);
    watching.notice(0, one, false, 0);
    expect(4, 2, 1);
    watching.notice(0, one, false, 65_535);
    expect(5, 2, 2);
    watching.notice(0, other, true);
    expect(6, 2, 2);
    watching.under.switch.cut(0, 10);
    watching.under.runFor(3 * SECOND);
    watching.notice(0, one, false, 5);
    expect(7, 3, 2);
  });

  it('about an account that is not watched is a finding, and so is one that no switch can mean', () => {
    const watching = new Watching({ watch: 1 }).arrive();
    const watched = FIRST_NUMBER + (watching.said(FrameType.WATCH).find(({ row }) => row === 0)?.account ?? 0);
    watching.notice(0, FIRST_NUMBER, true);
    assert.deepEqual(watching.under.lane.findings.at(-1)?.kind, 'stranger');
    const impossible: [number: number, isAvailable: boolean, seconds: number][] = [
      [FIRST_NUMBER + PHONES, true, 0], // no account
      [watched, true, 1], // it was seen a second ago, and is there
      [watched, false, 65_536],
    ];
    for (const [n, [number, isAvailable, seconds]] of impossible.entries()) {
      watching.notice(0, number, isAvailable, seconds);
      assert.equal(watching.under.count('corrupted'), n + 1);
    }
    assert.equal(watching.under.count('presenceNotices'), 0);
  });
});

describe('typing', () => {
  const messages = Arrivals.constant(1000);

  it('is said to the recipient before the share of messages that is asked for', () => {
    const watching = new Watching({ typingShare: 0.25 }, { messages }).arrive();
    const { under } = watching;
    under.lane.startTraffic(under.nowMicros);
    under.runFor(100_000);
    const sent = under.count('messagesSent');
    const typed = watching.said(FrameType.TYPING).length;
    assert.equal(under.count('typingSent'), typed);
    assert.ok(typed > 0.1 * sent && typed < 0.4 * sent, `${typed} of ${sent}`);
    watching.frames.forEach(({ row, type, body }, n) => {
      if (type !== FrameType.TYPING) return;
      const next = watching.frames[n + 1];
      assert.deepEqual([next?.row, next?.type], [row, FrameType.SEND], 'the message follows');
      const account = accountNumber(readWatchedHigh(body, 0), readWatchedLow(body, 0));
      const message = next?.body ?? body;
      const recipient = accountNumber(readAccountHigh(message, 0), readAccountLow(message, 0));
      assert.equal(account, recipient);
    });
  });

  it('of others is counted, and is a finding if nobody can type', () => {
    const { under } = new Watching({}).arrive();
    for (const number of [FIRST_NUMBER + 1, FIRST_NUMBER + PHONES]) {
      under.switch.say(0, TYPING_FRAME_BYTES, (view) =>
        writeTyping(view, 0, accountHigh(number), accountLow(number), TypingState.TYPING),
      );
    }
    under.runFor(1000);
    assert.deepEqual([under.count('typingReceived'), under.count('corrupted')], [2, 1]);
  });
});

describe('a phone in the background', () => {
  const load = { watch: 1, backgroundsPerSecond: 20, backgroundMicros: 100_000 };

  it('is in use again after the time that is asked for', () => {
    const watching = new Watching(load, { messages: Arrivals.constant(0) }).arrive();
    const { under } = watching;
    under.lane.startTraffic(under.nowMicros);
    const since = new Map<number, number>();
    const times: number[] = [];
    const { onFrame } = under.switch;
    under.switch.onFrame = (frame) => {
      onFrame(frame);
      if (frame.type !== FrameType.SET_PRESENCE) return;
      if (readOwnState(frame.body, 0) === PresenceState.UNAVAILABLE) {
        if (!since.has(frame.row)) since.set(frame.row, under.nowMicros);
      } else {
        const from = since.get(frame.row);
        if (from !== undefined) times.push(under.nowMicros - from);
        since.delete(frame.row);
      }
    };
    under.runFor(3 * SECOND);
    const backgrounds = under.count('backgrounds');
    assert.ok(Math.abs(backgrounds - 60) < 5 * Math.sqrt(60), `${backgrounds} in three seconds`);
    assert.ok(times.length > 20);
    // A phone that is sent there twice is back after the first time.
    const exact = times.filter((micros) => Math.abs(micros - 100_000) <= 1000).length;
    assert.ok(exact > 0.7 * times.length && Math.max(...times) <= 101_000, `${times}`);
    assert.ok(backgrounds - under.count('foregrounds') <= PHONES);
  });

  it('is there for that time also if it went there late', () => {
    const watching = new Watching(load, { messages: Arrivals.constant(0) }).arrive();
    const { under } = watching;
    under.lane.startTraffic(under.nowMicros);
    under.step(SECOND);
    under.lane.stopTraffic();
    const away = under.count('backgrounds');
    assert.ok(away > 10, `${away} were due in the turn that came late`);
    under.runFor(load.backgroundMicros - 2000);
    assert.equal(under.count('foregrounds'), 0);
    under.runFor(4000);
    assert.equal(under.count('foregrounds'), away);
  });

  it('is there as much more often as phones leave more often, from the change on', () => {
    const { under } = new Watching({ ...load, backgroundMicros: 1000 }, { messages: Arrivals.constant(0) }).arrive();
    under.lane.startTraffic(under.nowMicros);
    for (const factor of [0.5, 4, 0, 1]) {
      under.lane.changeDepartures(factor, under.nowMicros);
      const before = under.count('backgrounds');
      under.runFor(10 * SECOND);
      const [backgrounds, expected] = [under.count('backgrounds') - before, 200 * factor];
      assert.ok(Math.abs(backgrounds - expected) <= 5 * Math.sqrt(expected), `${backgrounds} at ${factor}`);
    }
  });

  it('that finds no room to say that it is in use again says it as soon as there is room', () => {
    const watching = new Watching({ ...load, backgroundsPerSecond: 40 }, { messages: Arrivals.constant(0) }).arrive();
    const { under } = watching;
    under.lane.startTraffic(under.nowMicros);
    for (let n = 0; n < 1000 && watching.inUse.every(Boolean); n++) under.runFor(1000);
    const away = watching.inUse.filter((isThere) => !isThere).length;
    assert.ok(away > 0);
    under.switch.hasRoom = false;
    under.runFor(SECOND);
    assert.equal(watching.inUse.filter((isThere) => !isThere).length, away, 'nothing was said meanwhile');
    under.lane.stopTraffic();
    under.switch.hasRoom = true;
    under.runFor(SECOND);
    assert.deepEqual(watching.inUse, new Array(PHONES).fill(true), 'all are in use');
    assert.equal(under.count('foregrounds'), under.count('backgrounds'));
  });

  it('that has left meanwhile says nothing', () => {
    const watching = new Watching({ ...load, backgroundsPerSecond: 40 }, { messages: Arrivals.constant(0) }).arrive();
    const { under } = watching;
    under.lane.startTraffic(under.nowMicros);
    for (let n = 0; n < 1000 && watching.inUse.every(Boolean); n++) under.runFor(1000);
    under.lane.stopTraffic();
    for (let row = 0; row < PHONES; row++) under.switch.cut(row, 10);
    under.switch.onConnect = () => {}; // nobody comes back
    under.runFor(SECOND);
    assert.equal(under.count('foregrounds'), 0);
  });
});
