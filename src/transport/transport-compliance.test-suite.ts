/**
 * What every transport must do, as one suite of tests: a transport's own test file calls it with
 * a way to make both ends.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FRAME_BYTES_MAX } from '../wire/frames.ts';
import { CloseReason } from '../wire/transport.ts';
import { closesInEveryState } from './closing.test-suite.ts';
import { answersOneLargeChunk } from './large-chunk.test-suite.ts';
import { patience } from './patience.test-suite.ts';
import { endsWhoDoesNotRead, pushesBack, timesReaders } from './slow-readers.test-suite.ts';
import { type MakeEnds, Pair, send } from './transport-pair.test-suite.ts';

/** Where transports truly differ. */
export interface TransportTraits {
  /** The other end learns why a connection was closed; over a socket it sees only that it was. */
  readonly reasonsTravel: boolean;
  /** A connection beyond the table is refused; TCP cannot: it opens and is closed at once. */
  readonly refusesBeforeOpening: boolean;
  /** What finds no room is sent to make some, so there always is; a peer that does not read is ended instead. */
  readonly alwaysHasRoom: boolean;
  /** The switch's end is another transport's, whose tests show what it does for slow readers. */
  readonly hasPhonesOnly?: boolean;
}

const MEMORY_TRAITS: TransportTraits = { reasonsTravel: true, refusesBeforeOpening: true, alwaysHasRoom: false };
/** A transport over bare sockets. */
export const SOCKET_TRAITS: TransportTraits = {
  reasonsTravel: false,
  refusesBeforeOpening: false,
  alwaysHasRoom: false,
};

/**
 * Registers the suite for one transport. `make` gets the number of connections a shard can hold
 * and makes ends that stage at most some 100 kB.
 */
export function transportCompliance(name: string, make: MakeEnds, traits: TransportTraits = MEMORY_TRAITS): void {
  const reasonSeen = (reason: number): number => (traits.reasonsTravel ? reason : CloseReason.PEER_CLOSED);

  describe(`transport ${name}`, () => {
    it('carries bytes both ways, in order, each to its own connection', async (test) => {
      const pair = await Pair.of(test, make(8));
      const first = await pair.open(11);
      const second = await pair.open(22);
      send(pair.ends.phones, first.phone, [1, 2, 3]);
      send(pair.ends.phones, second.phone, [9]);
      send(pair.ends.phones, first.phone, [4, 5]);
      send(pair.ends.shard, second.slot, [7, 8]);
      await pair.untilReceived(pair.switchSide, first.slot, [1, 2, 3, 4, 5]);
      await pair.untilReceived(pair.switchSide, second.slot, [9]);
      await pair.untilReceived(pair.phoneSide, 22, [7, 8]);
      assert.equal(pair.phoneSide.received.has(11), false);
    });

    it('carries frames of the largest size both ways, from several connections in one turn', async (test) => {
      const pair = await Pair.of(test, make(8));
      const largest = (seed: number): number[] =>
        Array.from({ length: FRAME_BYTES_MAX }, (_, i) => (seed * 31 + i * 7) & 0xff);
      const opened = [];
      for (const token of [11, 22, 33]) opened.push({ token, ...(await pair.open(token)) });
      for (const round of [1, 2]) {
        for (const { token, phone, slot } of opened) {
          send(pair.ends.phones, phone, largest(token + round));
          send(pair.ends.shard, slot, largest(token - round));
        }
      }
      for (const { token, slot } of opened) {
        await pair.untilReceived(pair.switchSide, slot, [...largest(token + 1), ...largest(token + 2)]);
        await pair.untilReceived(pair.phoneSide, token, [...largest(token - 1), ...largest(token - 2)]);
      }
    });

    it('goes on with one connection when another hangs up in the same turn, and mixes nothing up', async (test) => {
      const pair = await Pair.of(test, make(8));
      const first = await pair.open(11);
      const second = await pair.open(22);
      for (let n = 0; n < 20; n++) {
        send(pair.ends.phones, first.phone, [n]);
        send(pair.ends.phones, second.phone, [100 + n]);
        await pair.turn();
      }
      pair.ends.phones.close(first.phone, CloseReason.PHONE_LEFT);
      send(pair.ends.phones, second.phone, [99]);
      const numbers = Array.from({ length: 20 }, (_, n) => n);
      await pair.untilReceived(pair.switchSide, second.slot, [...numbers.map((n) => 100 + n), 99]);
      await pair.untilLine(pair.switchSide, `closed ${first.slot} ${reasonSeen(CloseReason.PHONE_LEFT)}`);
      assert.deepEqual(pair.switchSide.received.get(first.slot), numbers);
    });

    it('shows nothing before it is flushed', async (test) => {
      const pair = await Pair.of(test, make(8));
      const { phone } = await pair.open(1);
      await pair.turn(); // whatever else there is to know of a new connection is known
      send(pair.ends.phones, phone, [1]);
      await pair.ends.settle();
      assert.equal(pair.ends.shard.hasInput(), false);
      pair.ends.phones.flush();
      for (const isPatient = patience(); !pair.ends.shard.hasInput() && isPatient(); ) await pair.ends.settle();
      assert.equal(pair.ends.shard.hasInput(), true);
    });

    it('offers again what was not taken, without loss', async (test) => {
      const pair = await Pair.of(test, make(8));
      const { phone, slot } = await pair.open(1);
      const bytes = Array.from({ length: 100 }, (_, i) => i);
      pair.switchSide.appetite = 3;
      send(pair.ends.phones, phone, bytes);
      await pair.untilReceived(pair.switchSide, slot, bytes);
    });

    it('has room for the answers to one large chunk, also where messages take the rest', async (test) => {
      const { ends } = await Pair.of(test, make(8));
      await answersOneLargeChunk(ends);
    });

    closesInEveryState(make);
    if (traits.alwaysHasRoom) endsWhoDoesNotRead(make);
    else pushesBack(make);
    if (!traits.reasonsTravel && traits.hasPhonesOnly !== true) timesReaders(make);

    it("tells the phone the switch's reason for closing, and the switch that it is closed", async (test) => {
      const pair = await Pair.of(test, make(8));
      const { phone, slot } = await pair.open(5);
      assert.equal(pair.ends.shard.close(slot, CloseReason.HEARTBEAT_MISSED), true);
      await pair.untilLine(pair.phoneSide, `closed 5 ${reasonSeen(CloseReason.HEARTBEAT_MISSED)}`);
      assert.equal(pair.ends.phones.release(phone), true);
      await pair.until(() => pair.switchSide.hasClosed(slot), 'the switch is told');
    });

    it('sends what was committed before a close', async (test) => {
      const pair = await Pair.of(test, make(8));
      const { slot } = await pair.open(5);
      send(pair.ends.shard, slot, [1, 2, 3]);
      pair.ends.shard.close(slot, CloseReason.LOGIN_REFUSED);
      await pair.untilLine(pair.phoneSide, `closed 5 ${reasonSeen(CloseReason.LOGIN_REFUSED)}`);
      assert.deepEqual(pair.phoneSide.received.get(5), [1, 2, 3]);
    });

    it('tells the switch that a phone hung up, after all that it sent', async (test) => {
      const pair = await Pair.of(test, make(8));
      const { phone, slot } = await pair.open(5);
      send(pair.ends.phones, phone, [1, 2]);
      pair.ends.phones.close(phone, CloseReason.PHONE_LEFT);
      await pair.untilLine(pair.switchSide, `closed ${slot} ${reasonSeen(CloseReason.PHONE_LEFT)}`);
      assert.deepEqual(pair.switchSide.received.get(slot), [1, 2]);
      await pair.turn();
      assert.equal(pair.phoneSide.hasClosed(5), false, 'who hangs up hears no more of it');
    });

    it('leaves the switch with half a connection when a phone vanishes, which it can close', async (test) => {
      const pair = await Pair.of(test, make(8));
      const { phone, slot } = await pair.open(5);
      assert.equal(pair.ends.phones.vanish(phone), true);
      await pair.turn();
      assert.equal(pair.switchSide.hasClosed(slot), false, 'nobody said a word');
      assert.ok(send(pair.ends.shard, slot, [1]), 'it can be written to, as to a dead network');
      await pair.turn();
      assert.equal(pair.phoneSide.received.has(5), false);
      pair.ends.shard.close(slot, CloseReason.HEARTBEAT_MISSED);
      await pair.until(() => pair.switchSide.hasClosed(slot), 'the switch is told');
      assert.equal(pair.phoneSide.hasClosed(5), false);
    });

    it('refuses a connection beyond its table, and takes one again when a row was released', async (test) => {
      const pair = await Pair.of(test, make(2));
      const first = await pair.open(1);
      await pair.open(2);
      pair.ends.phones.connect(0, 3);
      const refused = traits.refusesBeforeOpening;
      await pair.untilLine(
        pair.phoneSide,
        refused ? `refused 3 ${CloseReason.TABLE_FULL}` : `closed 3 ${CloseReason.PEER_CLOSED}`,
      );
      pair.ends.phones.close(first.phone, CloseReason.PHONE_LEFT);
      await pair.until(() => pair.switchSide.hasClosed(first.slot), 'the switch is told');
      assert.equal(pair.ends.shard.release(first.slot), true);
      const fourth = await pair.open(4);
      assert.equal(fourth.slot, first.slot, 'the row is used again');
    });
  });
}
