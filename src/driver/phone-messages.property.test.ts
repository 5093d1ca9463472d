/** What a lane makes of answers and messages in any order, against an account of lists and maps. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ID_WINDOW } from '../base/serial-distance.ts';
import { triedCases } from '../base/tried-cases.test-suite.ts';
import {
  ERROR_FRAME_BYTES,
  ErrorFrameCode,
  FrameType,
  messageFrameBytes,
  readSerial,
  writeErrorFrame,
  writeMessage,
} from '../wire/frames.ts';
import { writePayload } from './content/payload.test-suite.ts';
import { PAYLOAD_BYTES_MIN } from './content/payload.ts';
import { LaneUnderTest, type SentFrame } from './made-switch.test-suite.ts';
import { Contacts } from './people/contacts.ts';
import type { DriverCounterName } from './terms/driver-counters.ts';

const PHONES = 6;
const SEED = 1;
const RUN = 1;

/** A lane all of whose phones are online, and the ids that they have sent. */
function online(highestId: number): { under: LaneUnderTest; sent: Map<number, number[]> } {
  const under = new LaneUnderTest(PHONES, { contacts: 2, runTag: RUN, seed: SEED });
  const sent = new Map<number, number[]>();
  under.switch.onFrame = ({ row, type, body }: SentFrame) => {
    if (type === FrameType.LOGIN) under.switch.accept(row, highestId);
    if (type === FrameType.SEND) sent.set(row, [...(sent.get(row) ?? []), readSerial(body, 0)]);
  };
  under.lane.openLogins(PHONES, 0, 0);
  under.runFor(10_000);
  return { under, sent };
}

const answer = fc.record({
  row: fc.nat(PHONES - 1),
  /** How far from the phone's first id of this run. */
  ahead: fc.integer({ min: -3, max: 25 }),
  what: fc.constantFrom('acknowledge', 'acknowledge', 'receipt', 'receipt', 'refuse'),
});

describe('answers', () => {
  it('are counted for the message that they are about, in any order, however often they come', () => {
    const highest = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2 ** 30 - 1 }));
    fc.assert(
      fc.property(highest, fc.array(answer, { maxLength: 120, size: 'max' }), (highestId, answers) => {
        const { under, sent } = online(highestId);
        const before = highestId === 0 ? 0 : highestId + ID_WINDOW;
        under.lane.startTraffic(under.nowMicros);
        under.runFor(100_000); // 16 messages of each, the most that go unanswered
        under.lane.stopTraffic();
        const waiting = new Set<string>();
        for (const [row, ids] of sent) {
          ids.forEach((id, n) => {
            assert.equal(id, (before + 1 + n) % 2 ** 30, 'ids go on 16 after the highest that the switch told');
            waiting.add(`${row} ${id}`);
          });
        }
        const all = waiting.size;
        const receiptDue = new Set(waiting);
        const expected = { acknowledged: 0, unknown: 0, refused: 0, receipts: 0, repeated: 0, earlier: 0 };
        for (const { row, ahead, what } of answers) {
          const id = (before + 1 + ahead + 2 ** 30) % 2 ** 30;
          const isWaiting = waiting.has(`${row} ${id}`);
          if (what === 'acknowledge') {
            under.switch.saySerial(row, FrameType.ACKNOWLEDGED, id);
            if (waiting.delete(`${row} ${id}`)) expected.acknowledged++;
            else expected.unknown++;
          } else if (what === 'receipt') {
            under.switch.saySerial(row, FrameType.RECEIPT, id);
            if (ahead < 0) expected.earlier++;
            else if (receiptDue.delete(`${row} ${id}`)) expected.receipts++;
            else expected.repeated++;
          } else {
            under.switch.say(row, ERROR_FRAME_BYTES, (view) => {
              writeErrorFrame(view, 0, ErrorFrameCode.MAILBOX_FULL, id);
            });
            if (isWaiting) expected.refused++;
            if (isWaiting) receiptDue.delete(`${row} ${id}`);
            waiting.delete(`${row} ${id}`);
          }
        }
        under.runFor(10_000);
        const counts: Partial<Record<DriverCounterName, number>> = {
          messagesSent: all,
          messagesAcknowledged: expected.acknowledged,
          acknowledgementsUnknown: expected.unknown,
          messagesRejected: expected.refused,
          receipts: expected.receipts,
          receiptsRepeated: expected.repeated,
          receiptsEarlier: expected.earlier,
          messagesUnanswered: waiting.size,
        };
        for (const [name, count] of Object.entries(counts)) {
          assert.equal(under.count(name as DriverCounterName), count, name); // its own keys
        }
      }),
      { numRuns: triedCases(60, 20) },
    );
  });

  it('complete each message once, also those that gave way to others in a full table', () => {
    const under = new LaneUnderTest(PHONES, { contacts: 2, inFlightPlaces: 16 });
    under.logAllIn(PHONES);
    const sent: [row: number, id: number][] = [];
    under.switch.onFrame = ({ row, type, body }: SentFrame) => {
      if (type !== FrameType.SEND) return;
      sent.push([row, readSerial(body, 0)]);
      under.switch.saySerial(row, FrameType.ACKNOWLEDGED, readSerial(body, 0));
    };
    under.lane.startTraffic(under.nowMicros);
    under.runFor(100_000);
    under.lane.stopTraffic();
    assert.ok(sent.length > 50);
    for (const repeated of [0, sent.length]) {
      for (const [row, id] of sent) under.switch.saySerial(row, FrameType.RECEIPT, id);
      under.runFor(10_000);
      assert.deepEqual([under.count('receipts'), under.count('receiptsRepeated')], [sent.length, repeated]);
    }
    assert.equal(under.count('receiptsUntimed'), sent.length - 16, 'all others had given way');
  });
});

const arrival = fc.record({
  sender: fc.nat(PHONES - 1),
  number: fc.integer({ min: 1, max: 12 }),
  isOfThisRun: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  isChanged: fc.oneof({ weight: 8, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  isSentAgain: fc.boolean(),
  isAgain: fc.oneof({ weight: 8, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});

describe('messages that arrive', () => {
  it('are told apart: in order, missing, doubled, late, changed, from before, not for this phone, and sent again', () => {
    const first = fc.integer({ min: 1, max: 2 ** 30 - 200 });
    fc.assert(
      fc.property(first, fc.array(arrival, { maxLength: 60, size: 'max' }), (sequence, arrivals) => {
        const { under } = online(0);
        const contacts = new Contacts(SEED, 2, PHONES);
        const recipient = 0;
        const lastTurns = [0, 0];
        const expected = {
          delivered: 0,
          again: 0,
          changed: 0,
          earlier: 0,
          strangers: 0,
          gaps: 0,
          doubled: 0,
          late: 0,
          overtaken: 0,
        };
        let last = sequence - 1;
        for (const { sender, number, isOfThisRun, isChanged, isSentAgain, isAgain } of arrivals) {
          const isKnown = isAgain && last >= sequence;
          if (!isKnown) last++;
          const runTag = isOfThisRun ? RUN : RUN + 1;
          deliver(under, recipient, last, { sender, number, runTag, isChanged, isSentAgain });
          if (isKnown) expected.again++;
          else if (isChanged) expected.changed++;
          else if (!isOfThisRun) expected.earlier++;
          else {
            expected.delivered++;
            const contact = (number - 1) % 2;
            const turn = Math.floor((number - 1) / 2) + 1;
            const before = lastTurns[contact] ?? 0;
            if (contacts.phoneOf(sender, contact) !== recipient) expected.strangers++;
            else if (turn === before) expected.doubled++;
            else if (turn < before && isSentAgain) expected.overtaken++;
            else if (turn < before) expected.late++;
            else {
              expected.gaps += turn - before - 1;
              lastTurns[contact] = turn;
            }
          }
        }
        const confirmed: number[] = [];
        under.switch.onFrame = ({ type, body }) => {
          if (type === FrameType.DELIVERED) confirmed.push(readSerial(body, 0));
        };
        under.runFor(10_000);
        assert.equal(confirmed.length, arrivals.length, 'each is confirmed, whatever it was');
        assert.equal(confirmed.at(-1) ?? last, last);
        const counts: Partial<Record<DriverCounterName, number>> = {
          messagesDelivered: expected.delivered,
          messagesRedelivered: expected.again,
          corrupted: expected.changed,
          messagesEarlier: expected.earlier,
          strangers: expected.strangers,
          pairGaps: expected.gaps,
          pairDuplicated: expected.doubled,
          pairReordered: expected.late,
          pairOvertaken: expected.overtaken,
        };
        for (const [name, count] of Object.entries(counts)) {
          assert.equal(under.count(name as DriverCounterName), count, name); // its own keys
        }
      }),
      { numRuns: triedCases(150, 50) },
    );
  });
});

interface Made {
  readonly sender: number;
  readonly number: number;
  readonly runTag: number;
  readonly isChanged: boolean;
  readonly isSentAgain: boolean;
}

function deliver(under: LaneUnderTest, row: number, sequence: number, made: Made): void {
  const bytes = PAYLOAD_BYTES_MIN + 8;
  const account = 447_700_000_000 + made.sender;
  under.switch.say(row, messageFrameBytes(bytes), (view) => {
    const [high, low] = [Math.floor(account / 2 ** 32), (account % 2 ** 32) | 0];
    const at = writeMessage(view, 0, FrameType.DELIVER, sequence, high, low, bytes);
    writePayload(view, at, bytes, made);
    if (made.isChanged) view.setUint8(at + bytes - 1, view.getUint8(at + bytes - 1) ^ 1);
  });
}
