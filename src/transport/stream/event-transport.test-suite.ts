/**
 * What every transport over Node's sockets must do beyond the compliance suite: serve many phones at once, end peers
 * that do not read, report connects that fail, and leave nothing behind at its end.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { freePort } from '../../measure/free-port.test-suite.ts';
import { CloseReason } from '../../wire/transport.ts';
import {
  type EventEnds,
  HANDSHAKE_TIMEOUT_MICROS,
  LOOPBACK,
  makeWorld,
  settingsFor,
  until,
} from './event-world.test-suite.ts';

const BLOCK_BYTES = 16_384;

const PHONES = 200;
const said = fc.record({
  phone: fc.nat(PHONES - 1),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 3000, size: 'max' }),
  flush: fc.boolean(),
});

/**
 * Registers the suite for one kind of transport.
 * @param hasHandshake whether a socket that TCP has connected must finish TLS or an upgrade.
 */
export function eventTransportTests(name: string, kind: EventEnds, hasHandshake: boolean): void {
  describe(`transport ${name} over sockets`, () => {
    it('echoes to 200 phones what each of them said, wherever it was cut', async (test) => {
      const pieces = { next: 0 };
      const sizes = [1, 7, 100, 0, 2048, 5000];
      const appetite = (): number => sizes[pieces.next++ % sizes.length] as number; // inside the list
      const world = await makeWorld(kind, PHONES, appetite);
      test.after(world.close);
      for (let token = 0; token < PHONES; token++) await world.connect(token);
      let echoed = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(said, { minLength: 1, maxLength: 150, size: 'max' }), async (script) => {
          const model = new Map<number, number[]>();
          world.hearing.heard.clear();
          for (const { phone, bytes, flush } of script) {
            await until(() => world.hearing.say(phone, bytes), 'there is room to speak', world.step);
            model.set(phone, [...(model.get(phone) ?? []), ...bytes]);
            if (flush) world.step();
          }
          const count = (lists: Map<number, number[]>): number =>
            [...lists.values()].reduce((sum, list) => sum + list.length, 0);
          await until(() => count(world.hearing.heard) >= count(model), 'all comes back', world.step);
          for (const [phone, bytes] of model) assert.deepEqual(world.hearing.heard.get(phone), bytes);
          assert.equal(world.hearing.heard.size, model.size);
          echoed += count(model);
        }),
        // A failure is not shrunk, because the kernel's timing cannot be replayed.
        { numRuns: 8, endOnFailure: true },
      );
      assert.ok(echoed > 10_000, `${echoed} bytes came back`);
    });

    it('takes in what there is room to answer, and cuts at most one chunk for that', async (test) => {
      const talkers = 50;
      const frameBytes = 12_000; // a chunk that is cut is one of more than two whole frames
      const answerBytes = 150;
      const world = await makeWorld(kind, talkers + 1, () => Number.POSITIVE_INFINITY);
      test.after(world.close);
      for (let token = 0; token <= talkers; token++) await world.connect(token);
      const frame = new Uint8Array(frameBytes);
      const before = world.wakes.shard;
      for (let token = 1; token <= talkers; token++) {
        await until(
          () => world.hearing.say(token, frame),
          'there is room to speak',
          () => world.hearing.work(),
        );
      }
      world.hearing.work();
      await until(() => world.wakes.shard >= before + talkers, 'something of each arrives');
      const cut = new Set<number>();
      let taken = 0;
      world.echo.bytes = (_token, slot, view, start, end) => {
        if (end < view.byteLength) cut.add(slot);
        assert.ok(world.shard.claim(slot, answerBytes, 0) >= 0, 'what is offered can be answered');
        world.shard.commit();
        taken += end - start;
        return end - start;
      };
      const listener = world.echo.openings[0] as number; // phone 0 opened first
      let cutPolls = 0;
      await until(
        () => taken === talkers * frameBytes,
        'all is taken',
        () => {
          cut.clear();
          assert.ok(world.shard.claim(listener, world.shard.roomBytes() - 5000, 0) >= 0, 'little room is left');
          world.shard.commit();
          world.step();
          assert.ok(cut.size <= 1, `chunks of ${cut.size} phones were cut in one poll`);
          cutPolls += cut.size;
        },
      );
      assert.ok(cutPolls > 0, 'there was more than there was room to answer');
    });

    it('closes a peer that does not read, for how much waits, and others go on', async (test) => {
      const world = await makeWorld(kind, 4, () => Number.POSITIVE_INFINITY);
      test.after(world.close);
      await world.connect(1);
      await world.connect(2);
      // Phones are no longer polled, so output to phone 1 fills its socket and then waits in the switch.
      const slow = world.echo.openings[0] as number; // phone 1 opened first
      const isClosed = (): boolean => world.echo.closings.some((one) => one.slot === slow);
      await until(isClosed, 'the switch gives up', () => {
        if (world.shard.claim(slow, BLOCK_BYTES, 0) >= 0) world.shard.commit();
        world.echo.work();
      });
      assert.deepEqual(world.echo.closings, [{ slot: slow, reason: CloseReason.SLOW_READER }]);
      world.hearing.say(2, new Uint8Array([4, 5, 6]));
      await until(() => world.hearing.heard.get(2)?.length === 3, 'the other goes on', world.step);
    });

    it('does not read more than it can hold from a peer whose bytes nobody takes', async (test) => {
      const world = await makeWorld(kind, 4, () => 0);
      test.after(world.close);
      await world.connect(1);
      const block = new Uint8Array(BLOCK_BYTES);
      await until(
        () => world.hearing.closings.has(1),
        'the phone is pushed back',
        () => {
          world.hearing.say(1, block);
          world.step();
        },
      );
      assert.equal(world.hearing.closings.get(1), CloseReason.SLOW_READER);
    });

    it('tells why connecting failed, and connects when somebody listens', async (test) => {
      const world = await makeWorld(kind, 4, () => Number.POSITIVE_INFINITY);
      test.after(world.close);
      world.phones.setTargets([
        { host: LOOPBACK, port: await freePort() },
        { host: LOOPBACK, port: world.port },
      ]);
      assert.ok(world.phones.connect(0, 1));
      await until(() => world.hearing.refusals.has(1), 'phone 1 is refused', world.step);
      assert.equal(world.hearing.refusals.get(1), CloseReason.CONNECT_REFUSED);
      assert.ok(world.phones.connect(1, 2));
      await until(() => world.hearing.connections.has(2), 'phone 2 connects', world.step);
    });

    it('says later when too many phones connect at once', async (test) => {
      const world = await makeWorld(kind, 100, () => Number.POSITIVE_INFINITY);
      test.after(world.close);
      let started = 0;
      while (started < 100 && world.phones.connect(0, started)) started++;
      assert.equal(started, settingsFor(100).connectingMax);
      await until(() => world.hearing.connections.size === started, 'they connect', world.step);
      assert.ok(world.phones.connect(0, started));
    });

    it('uses numbers again, however their connections ended', async (test) => {
      const most = 4;
      const world = await makeWorld(kind, most, () => Number.POSITIVE_INFINITY);
      test.after(world.close);
      for (let token = 0; token < 6 * most; token++) {
        await world.connect(token);
        const connection = world.hearing.connections.get(token) as number; // it is connected
        const slot = world.echo.openings.at(-1) as number; // it has just opened
        assert.ok(connection < most && slot < most, 'numbers stay dense');
        if (token % 3 === 0) world.phones.close(connection, CloseReason.PHONE_LEFT);
        else if (token % 3 === 1) world.phones.vanish(connection);
        if (token % 3 !== 0) world.shard.close(slot, CloseReason.HEARTBEAT_MISSED);
        await until(() => world.echo.closings.length === token + 1, 'the switch is told', world.step);
      }
    });

    it('ends whoever only connected, when it is shut down', async () => {
      const world = await makeWorld(kind, 4, () => Number.POSITIVE_INFINITY);
      let isGone = false;
      const client = connect(world.port, LOOPBACK);
      client.on('error', () => {}); // it may be reset
      client.on('close', () => {
        isGone = true;
      });
      client.resume();
      await once(client, 'connect');
      await world.connect(1); // so the switch has accepted the other one too
      await world.close();
      await until(() => isGone, 'it is thrown out');
    });

    if (hasHandshake)
      it('ends whoever does not finish a handshake, and counts it', async (test) => {
        const most = 4;
        const world = await makeWorld(kind, most, () => Number.POSITIVE_INFINITY);
        test.after(world.close);
        await world.connect(1);
        const { counters } = world.shard;
        let gone = 0;
        const connectSilently = (): void => {
          const client = connect(world.port, LOOPBACK);
          client.on('error', () => {}); // it may be reset
          client.on('close', () => gone++);
          client.resume();
          test.after(() => client.destroy());
        };
        for (let n = 0; n < most + 2; n++) connectSilently();
        await until(() => counters.tableFull === 2 && gone === 2, 'two too many are closed at once', world.step);
        world.clock.micros += HANDSHAKE_TIMEOUT_MICROS;
        world.step();
        world.hearing.say(1, new Uint8Array([1]));
        await until(() => world.hearing.heard.get(1)?.length === 1, 'a phone that is connected goes on', world.step);
        assert.equal(gone, 2, 'the others have until the time is over');
        world.clock.micros += 1;
        await until(() => gone === most + 2, 'then they are closed too', world.step);
        await until(() => counters.handshakeFailures === most, 'each is counted', world.step);
        await world.connect(2);
        world.clock.micros += HANDSHAKE_TIMEOUT_MICROS + 1;
        world.hearing.say(2, new Uint8Array([1]));
        await until(() => world.hearing.heard.get(2)?.length === 1, 'a new phone gets in and stays', world.step);
        assert.deepEqual([counters.tableFull, counters.handshakeFailures], [2, most], 'each is counted once');
      });

    it('stops listening without ending whoever is connected', async (test) => {
      const world = await makeWorld(kind, 4, () => Number.POSITIVE_INFINITY);
      test.after(world.close);
      await world.connect(1);
      await world.shard.stopListening();
      assert.ok(world.phones.connect(0, 2));
      await until(() => world.hearing.refusals.has(2), 'phone 2 is refused', world.step);
      world.hearing.say(1, new Uint8Array([1]));
      await until(() => world.hearing.heard.get(1)?.length === 1, 'phone 1 goes on', world.step);
    });
  });
}
