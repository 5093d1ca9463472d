/** What the standards ask of the phones' end, segment by segment. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CLAIM_FULL, CLAIM_GONE, CloseReason } from '../../wire/transport.ts';
import { send } from '../transport-pair.test-suite.ts';
import { ACK, FIN, PSH, RST, Script, SYN } from './scripted-peer.test-suite.ts';
import { SETTINGS } from './tun-ends.test-suite.ts';

const bytes = (count: number, first = 0): number[] => Array.from({ length: count }, (_, i) => (first + i) & 255);

describe('opening', () => {
  it('announces what fits the port and an unshifted window of 64 KiB', () => {
    const script = new Script({}, 1400);
    script.phones.connect(0, 7);
    const [syn] = script.turn();
    assert.equal(syn?.mss, 1360);
    assert.equal(syn?.window, 65_535);
  });

  it('sends a SYN again after 1, 2 and 4 s, and then gives up', () => {
    const script = new Script({ connectTimeoutMillis: 10_000 });
    script.phones.connect(0, 7);
    const seen = [...script.turn(), ...script.pass(12_000)];
    assert.deepEqual(
      seen.map(({ flags, atMillis }) => [flags, Math.round(atMillis / 100) / 10]),
      [1, 2, 4, 8].map((second) => [SYN, second]),
    );
    assert.deepEqual(script.journal.lines, [`refused 7 ${CloseReason.CONNECT_TIMED_OUT}`]);
    assert.equal(script.phones.ledger()[0]?.rowsUsed, 0);
  });

  it('is refused by a reset that acknowledges its SYN, and by no other', () => {
    const script = new Script();
    script.phones.connect(0, 7);
    script.turn();
    script.say({ flags: RST, sequence: 0 });
    script.say({ flags: RST | ACK, sequence: 0, acknowledgement: 5 });
    script.turn();
    assert.deepEqual(script.journal.lines, []);
    script.say({ flags: RST | ACK, sequence: 0, acknowledgement: 1 });
    script.turn();
    assert.deepEqual(script.journal.lines, [`refused 7 ${CloseReason.CONNECT_REFUSED}`]);
  });

  it('resets a peer that still has an old connection, and opens after that', () => {
    const script = new Script();
    script.phones.connect(0, 7);
    script.turn();
    script.say({ flags: ACK, sequence: 900, acknowledgement: 12_345 });
    const [reset] = script.turn();
    assert.deepEqual([reset?.flags, reset?.sequence], [RST, 12_345]);
    const [syn] = script.pass(1100);
    assert.equal(syn?.flags, SYN);
    script.say({ flags: SYN | ACK, sequence: 0, acknowledgement: 1 });
    script.turn();
    assert.deepEqual(script.journal.lines, ['opened 7']);
  });

  it('opens when both sides send a SYN at the same time', () => {
    const script = new Script();
    script.phones.connect(0, 7);
    script.turn();
    script.say({ flags: SYN, sequence: 0 });
    const [answer] = script.turn();
    assert.deepEqual([answer?.flags, answer?.sequence, answer?.acknowledgement], [SYN | ACK, 0, 1]);
    script.say({ flags: ACK, sequence: 1, acknowledgement: 1 });
    script.turn();
    assert.deepEqual(script.journal.lines, ['opened 7']);
  });
});

describe('sending', () => {
  it("cuts output into the peer's segments and sends no more than its window", () => {
    const script = Script.open();
    script.say({ flags: ACK, sequence: 1, acknowledgement: 1, window: 2500 });
    script.turn();
    for (let n = 0; n < 4; n++) send(script.phones, script.phone, bytes(1000, n));
    const seen = script.turn();
    assert.deepEqual(
      seen.map(({ sequence, payload }) => [sequence, payload.length]),
      [
        [1, 1000],
        [1001, 1000],
      ],
      'the 500 bytes that would fit wait, as a small segment while something is under way',
    );
    script.say({ flags: ACK, sequence: 1, acknowledgement: 2001, window: 2500 });
    assert.deepEqual(
      script.turn().map(({ sequence, payload }) => [sequence, payload.length]),
      [
        [2001, 1000],
        [3001, 1000],
      ],
    );
  });

  it('probes a closed window with one byte, less and less often, for as long as the peer answers', () => {
    const script = Script.open();
    script.say({ flags: ACK, sequence: 1, acknowledgement: 1, window: 0 });
    script.turn();
    send(script.phones, script.phone, [42, 43]);
    let probes = 0;
    for (let millis = 0; millis < 600_000; millis += 100) {
      script.clock.advance(100_000);
      for (const { sequence, payload } of script.turn()) {
        assert.deepEqual([sequence, payload], [1, [42]]);
        probes++;
        script.say({ flags: ACK, sequence: 1, acknowledgement: 1, window: 0 });
      }
    }
    assert.ok(probes >= 10 && probes <= 20, `${probes} probes in ten minutes`);
    assert.equal(script.journal.hasClosed(7), false);
    script.say({ flags: ACK, sequence: 1, acknowledgement: 2, window: 1000 });
    assert.deepEqual(script.turn()[0]?.payload, [43]);
  });

  it('sends again after a time-out that doubles, and ends when nobody answers', () => {
    const script = Script.open();
    send(script.phones, script.phone, [1, 2, 3]);
    const seen = script.turn().concat(script.pass(16_000));
    const gaps = seen.slice(1).map(({ atMillis }, n) => atMillis - (seen[n]?.atMillis ?? 0));
    assert.ok(gaps.length >= 5 && (gaps[0] ?? 0) >= 250 && (gaps[0] ?? 0) < 270, `first after ${gaps[0]} ms`);
    for (let n = 1; n < gaps.length; n++) assert.ok(Math.abs((gaps[n] ?? 0) / (gaps[n - 1] ?? 1) - 2) < 0.1, `${gaps}`);
    assert.ok(seen.every(({ payload, sequence }) => sequence === 1 && payload.length === 3));
    for (let n = 0; n < 1200 && !script.journal.hasClosed(7); n++) {
      script.clock.advance(1e6);
      script.turn();
    }
    assert.deepEqual(script.journal.lines, ['opened 7', `closed 7 ${CloseReason.BROKEN}`]);
  });

  it('sends the missing segment again on the third acknowledgement of the same', () => {
    const script = Script.open();
    for (let n = 0; n < 5; n++) send(script.phones, script.phone, bytes(1000, n));
    script.turn();
    const duplicate = { flags: ACK, sequence: 1, acknowledgement: 1001 };
    script.say(duplicate);
    script.turn();
    for (let n = 0; n < 2; n++) script.say(duplicate);
    assert.deepEqual(script.turn(), []);
    script.say(duplicate);
    assert.deepEqual(
      script.turn().map(({ sequence, payload }) => [sequence, payload[0]]),
      [[1001, 1]],
    );
    script.say({ flags: ACK, sequence: 1, acknowledgement: 3001 });
    assert.deepEqual(
      script.turn().map(({ sequence }) => sequence),
      [3001],
      'a partial acknowledgement shows the next loss',
    );
  });

  it('gives up a peer that acknowledges nothing once too much waits, and refuses what finds no room', () => {
    const script = Script.open({ outputBytesMax: 10_000 });
    while (send(script.phones, script.phone, bytes(1000)));
    assert.equal(script.phones.claim(script.phone, 1, 0), CLAIM_GONE);
    script.pass(10);
    assert.ok(script.journal.lines.includes(`closed 7 ${CloseReason.SLOW_READER}`));
    const full = Script.open({ storeBytesMax: 65_536 });
    while (send(full.phones, full.phone, bytes(1000)));
    assert.equal(full.phones.claim(full.phone, 1000, 0), CLAIM_FULL);
  });
});

describe('receiving', () => {
  it('acknowledges after 40 ms, at once every second full segment, or with what it sends', () => {
    const script = Script.open();
    script.say({ flags: ACK | PSH, sequence: 1, acknowledgement: 1, payload: [1] });
    assert.deepEqual(script.turn(), []);
    const [late] = script.pass(50);
    assert.equal(late?.acknowledgement, 2);
    for (const sequence of [2, 1462]) script.say({ flags: ACK, sequence, acknowledgement: 1, payload: bytes(1460) });
    assert.deepEqual(
      script.turn().map(({ acknowledgement }) => acknowledgement),
      [2922],
    );
    script.say({ flags: ACK | PSH, sequence: 2922, acknowledgement: 1, payload: [1] });
    script.phones.poll(script.journal, 8);
    send(script.phones, script.phone, [9]);
    const seen = script.turn();
    assert.deepEqual([seen.length, seen[0]?.acknowledgement, seen[0]?.payload], [1, 2923, [9]]);
  });

  it('says at once where it is when a segment is missing, and goes on when it has come', () => {
    const script = Script.open();
    for (const first of [101, 51, 101]) {
      script.say({ flags: ACK, sequence: first, acknowledgement: 1, payload: bytes(50, first - 1) });
    }
    assert.deepEqual(
      script.turn().map(({ acknowledgement }) => acknowledgement),
      [1, 1, 1],
    );
    script.say({ flags: ACK, sequence: 1, acknowledgement: 1, payload: bytes(60) });
    assert.equal(script.pass(50)[0]?.acknowledgement, 151);
    assert.deepEqual(script.journal.received.get(7), bytes(150));
  });

  it('answers a keep-alive, and one byte beyond what was received before', () => {
    const script = Script.open();
    script.say({ flags: ACK, sequence: 0, acknowledgement: 1 });
    assert.deepEqual(
      script.turn().map(({ flags, acknowledgement }) => [flags, acknowledgement]),
      [[ACK, 1]],
    );
    assert.equal(script.phones.roomBytes() > 0, true);
  });
});

describe('ending', () => {
  it('is ended by a reset with exactly the next sequence number; others within the window are questioned', () => {
    const script = Script.open();
    for (const sequence of [0, 70_000]) script.say({ flags: RST, sequence });
    assert.deepEqual(script.turn(), [], 'out of the window');
    script.say({ flags: RST, sequence: 500 });
    script.say({ flags: SYN, sequence: 500 });
    assert.deepEqual(
      script.turn().map(({ flags, acknowledgement }) => [flags, acknowledgement]),
      [
        [ACK, 1],
        [ACK, 1],
      ],
    );
    assert.equal(script.counter('challenges'), 2);
    script.say({ flags: RST, sequence: 1 });
    script.turn();
    assert.deepEqual(script.journal.lines, ['opened 7', `closed 7 ${CloseReason.BROKEN}`]);
    assert.equal(script.phones.ledger()[0]?.rowsUsed, 1, 'its number is not used before it is released');
    script.phones.release(script.phone);
    assert.equal(script.phones.ledger()[0]?.rowsUsed, 0);
  });

  it('questions acknowledgements of what was never sent', () => {
    const script = Script.open();
    script.say({ flags: ACK, sequence: 1, acknowledgement: 5000, payload: [1] });
    assert.deepEqual(
      script.turn().map(({ flags, sequence }) => [flags, sequence]),
      [[ACK, 1]],
    );
    assert.equal(script.journal.received.has(7), false);
  });

  it('sends all output before its FIN, and takes bytes until the peer finishes too', () => {
    const script = Script.open();
    send(script.phones, script.phone, [1, 2]);
    script.phones.close(script.phone);
    const [last] = script.turn();
    assert.deepEqual([last?.flags, last?.payload], [ACK | PSH | FIN, [1, 2]]);
    script.say({ flags: ACK, sequence: 1, acknowledgement: 4, payload: [5] });
    assert.equal(script.pass(50)[0]?.acknowledgement, 2, 'half closed: the rest is taken');
    script.say({ flags: ACK | FIN, sequence: 2, acknowledgement: 4 });
    assert.equal(script.turn()[0]?.acknowledgement, 3);
    script.say({ flags: ACK | FIN, sequence: 2, acknowledgement: 4 });
    assert.equal(script.turn()[0]?.acknowledgement, 3, 'TIME_WAIT answers a FIN that is sent again');
    script.pass(2100);
    assert.equal(script.phones.ledger()[0]?.rowsUsed, 0);
    assert.deepEqual(script.journal.lines, ['opened 7']);
  });

  it('ends when both sides send a FIN at the same time', () => {
    const script = Script.open();
    script.phones.close(script.phone);
    script.turn();
    script.say({ flags: ACK | FIN, sequence: 1, acknowledgement: 1 });
    assert.equal(script.turn()[0]?.acknowledgement, 2);
    script.say({ flags: ACK, sequence: 2, acknowledgement: 2 });
    script.turn();
    script.pass(2100);
    assert.equal(script.phones.ledger()[0]?.rowsUsed, 0);
  });

  it('tells its owner of a FIN in its turn, though it arrived before', () => {
    const script = Script.open();
    script.say({ flags: ACK | FIN, sequence: 3, acknowledgement: 1, payload: [3] });
    script.turn();
    assert.equal(script.journal.hasClosed(7), false);
    script.say({ flags: ACK, sequence: 1, acknowledgement: 1, payload: [1, 2] });
    script.turn();
    assert.deepEqual(script.journal.received.get(7), [1, 2, 3]);
    assert.deepEqual(script.journal.lines, ['opened 7', `closed 7 ${CloseReason.PEER_CLOSED}`]);
    script.phones.release(script.phone);
    const fin = script.turn().find(({ flags }) => (flags & FIN) !== 0);
    assert.deepEqual([fin?.sequence, fin?.acknowledgement], [1, 5]);
    script.say({ flags: ACK, sequence: 5, acknowledgement: 2 });
    script.turn();
    assert.equal(script.phones.ledger()[0]?.rowsUsed, 0);
  });

  it('resets who sends to a connection that does not exist', () => {
    const script = Script.open();
    script.say({ flags: ACK, sequence: 1, acknowledgement: 77, toPort: 1025 });
    script.say({ flags: SYN, sequence: 1, fromPort: 99 });
    script.say({ flags: RST, sequence: 1, toPort: 1025 });
    const seen = script.turn();
    assert.deepEqual(
      seen.map(({ flags, sequence, acknowledgement }) => [flags, flags === RST ? sequence : acknowledgement]),
      [
        [RST, 77],
        [RST | ACK, 2],
      ],
    );
    assert.equal(script.journal.hasClosed(7), false);
  });

  it('breaks all connections off at a shutdown', () => {
    const script = Script.open();
    script.phones.shutdown();
    assert.deepEqual(
      script.turn().map(({ flags, sequence }) => [flags, sequence]),
      [[RST | ACK, 1]],
    );
  });
});

describe('an idle connection', () => {
  it('takes 32 bytes and nothing of what connections share, after it was opened, talked and was probed', () => {
    const script = Script.open({ activitiesMax: 1 }); // while it is in use there is no room
    const room = (): number => script.phones.roomBytes();
    const [sockets] = script.phones.ledger();
    assert.ok(sockets !== undefined && sockets.rowBytes <= 32, `${sockets?.rowBytes} B`);
    assert.deepEqual([sockets.rowsUsed, sockets.bytes], [1, SETTINGS.rowsMax * sockets.rowBytes]);
    assert.equal(room(), SETTINGS.storeBytesMax);
    send(script.phones, script.phone, [1, 2, 3]);
    assert.equal(room(), 0, 'what waits for its acknowledgement is kept');
    script.turn();
    script.say({ flags: ACK, sequence: 2, acknowledgement: 4, payload: [9] }); // before its turn
    script.say({ flags: ACK, sequence: 1, acknowledgement: 4, payload: [8] });
    script.pass(300);
    assert.deepEqual(script.journal.received.get(7), [8, 9]);
    assert.equal(room(), SETTINGS.storeBytesMax, 'the store is empty, and so is the table of what is under way');
  });
});
