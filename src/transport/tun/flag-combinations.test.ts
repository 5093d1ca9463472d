/**
 * Every combination of the eight flags of a segment, with numbers in and out of the window, to each state that a
 * connection can be in. What RFC 9293, 3.10.7 and RFC 5961 let a segment do is written here as a few rules, beside the
 * code.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CloseReason } from '../../wire/transport.ts';
import { send } from '../transport-pair.test-suite.ts';
import { ACK, FIN, RST, Script, type Seen, SYN } from './scripted-peer.test-suite.ts';

const COMBINATIONS = 256;
const IN_ORDER = 1;
/** Where the sequence number of a segment lies; the peer's next is 1. */
const PLACES = { next: IN_ORDER, 'later in the window': 500, 'beyond the window': 70_000, 'before the window': -500 };
/** What it acknowledges; the phone's next is 1. */
const ACKNOWLEDGED = { 'all that was sent': 1, 'what was never sent': 9000 };

const namesOf = (flags: number): string =>
  ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'].filter((_, bit) => (flags >> bit) & 1).join('+') || 'none';

/** Whether the connection still carries bytes both ways, in order and once. */
function isUnharmed(script: Script, phoneNext: number, peerNext: number): boolean {
  send(script.phones, script.phone, [42]);
  const payload = script.pass(10).flatMap((one) => one.payload);
  script.say({ flags: ACK, sequence: peerNext, acknowledgement: phoneNext + 1, payload: [43] });
  script.turn();
  return payload.join() === '42' && script.journal.received.get(7)?.at(-1) === 43;
}

describe('every combination of flags', () => {
  for (const [place, sequence] of Object.entries(PLACES))
    for (const [what, acknowledgement] of Object.entries(ACKNOWLEDGED))
      it(`does to an open connection what the RFC says, ${place}, acknowledging ${what}`, () => {
        for (let flags = 0; flags < COMBINATIONS; flags++) {
          const script = Script.open();
          script.say({ flags, sequence, acknowledgement });
          const answers = script.turn();
          const name = namesOf(flags);
          const isNext = sequence === IN_ORDER;
          const isInWindow = isNext || sequence === 500;
          if ((flags & RST) !== 0 && isNext) {
            assert.equal(script.journal.hasClosed(7), true, `${name}: a genuine reset`);
            assert.deepEqual(answers, [], `${name}: a reset is never answered`);
            continue;
          }
          const isTaken = isNext && (flags & (SYN | ACK)) === ACK && acknowledgement === 1;
          const hasFin = isTaken && (flags & FIN) !== 0;
          const end = hasFin ? [`closed 7 ${CloseReason.PEER_CLOSED}`] : [];
          assert.deepEqual(script.journal.lines, ['opened 7', ...end], `${name}: nothing else ends it`);
          if ((flags & RST) !== 0 && !isInWindow) assert.deepEqual(answers, [], `${name}: a reset outside is ignored`);
          if ((flags & (RST | SYN)) !== 0 && isInWindow)
            assert.equal(acknowledgesNext(answers), true, `${name}: it is questioned`);
          assert.deepEqual(script.journal.received.get(7) ?? [], [], `${name}: it carried no bytes`);
          if (!hasFin) assert.equal(isUnharmed(script, 1, 1), true, `${name}: the connection goes on`);
        }
      });

  it('to a phone that connects: only SYN and ACK for its own SYN opens, and only a reset for it refuses', () => {
    for (const acknowledgement of [1, 9000])
      for (let flags = 0; flags < COMBINATIONS; flags++) {
        const script = new Script();
        assert.ok(script.phones.connect(0, 7));
        script.turn();
        script.say({ flags, sequence: 0, acknowledgement });
        const answers = script.turn();
        const name = `${namesOf(flags)} for ${acknowledgement}`;
        const isForIt = (flags & ACK) !== 0 && acknowledgement === 1;
        const isOpened = isForIt && (flags & (SYN | RST)) === SYN;
        const isRefused = isForIt && (flags & RST) !== 0;
        const lines = script.journal.lines.map((line) => line.split(' ')[0]);
        assert.deepEqual(lines, isOpened ? ['opened'] : isRefused ? ['refused'] : [], name);
        if ((flags & RST) !== 0) assert.deepEqual(answers, [], `${name}: a reset is never answered`);
      }
  });

  const endings: Readonly<Record<string, readonly number[]>> = {
    FIN_WAIT_1: [],
    FIN_WAIT_2: [ACK],
    CLOSING: [FIN | ACK],
    TIME_WAIT: [ACK, FIN | ACK],
  };
  for (const [state, heard] of Object.entries(endings))
    it(`to a connection in ${state}: it ends in the end, and its row is free again`, () => {
      for (let flags = 0; flags < COMBINATIONS; flags++) {
        const script = Script.open();
        script.phones.close(script.phone);
        script.turn();
        // In CLOSING the peer has not heard of the phone's FIN, which has number 1.
        const acknowledgement = state === 'CLOSING' ? 1 : 2;
        for (const one of heard) {
          script.say({ flags: one, sequence: IN_ORDER, acknowledgement });
          script.turn();
        }
        for (const sequence of Object.values(PLACES)) script.say({ flags, sequence, acknowledgement: 2 });
        script.turn();
        for (const sequence of [IN_ORDER, IN_ORDER + 1]) script.say({ flags: RST, sequence });
        script.turn();
        script.pass(10);
        assert.equal(script.phones.ledger()[0]?.rowsUsed, 0, namesOf(flags));
        assert.deepEqual(script.journal.lines, ['opened 7'], 'whoever has closed it hears no more of it');
      }
    });

  it('to nobody: a reset for each, but none for a reset', () => {
    const script = Script.open();
    for (let flags = 0; flags < COMBINATIONS; flags++) {
      script.say({ flags, sequence: 5, acknowledgement: 1, toPort: 1026 });
      const answers = script.turn();
      assert.equal(answers.length, (flags & RST) === 0 ? 1 : 0, namesOf(flags));
      assert.ok(answers.every((one) => (one.flags & RST) !== 0));
    }
    assert.equal(isUnharmed(script, 1, 1), true);
  });
});

const acknowledgesNext = (answers: readonly Seen[]): boolean =>
  answers.length === 1 && answers[0]?.flags === ACK && answers[0].acknowledgement === IN_ORDER;
