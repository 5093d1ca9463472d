/** The memory of a run over sockets: its parts against what each is made of, side by side and alone. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { RESERVE_BYTES } from '../../base/reserve-bytes.ts';
import { InFlightTable } from '../../driver/tables/in-flight-table.ts';
import { SOCKET_TRANSPORT_NAMES, TRANSPORTS } from '../../scenario/terms/transports.ts';
import { BLOCK_BYTES } from '../../store/mailbox-blocks.ts';
import { demandOf, MACHINE } from '../measured-machine.test-suite.ts';
import { type SocketDemand, withOnline } from './socket-demand.ts';
import { type MemoryShare, socketMemory, totalBytes } from './socket-memory.ts';
import { planSockets } from './socket-plan.ts';
import { shapeSockets } from './socket-shape.ts';

const IDLE = demandOf('tcp');
const demand = fc
  .record({
    transport: fc.constantFrom(...SOCKET_TRANSPORT_NAMES),
    online: fc.integer({ min: 1000, max: 500_000 }),
    offline: fc.nat(500_000),
    lingeringShare: fc.constantFrom(0, 0.25, 1),
    mailboxBlocks: fc.integer({ min: 64, max: 5_000_000 }),
    messagesInFlight: fc.integer({ min: 1024, max: 1_000_000 }),
    inboxBytes: fc.integer({ min: 65_536, max: 8_000_000 }),
    sessionWheelsBytes: fc.constantFrom(0, 2 ** 24, 2 ** 28),
    shards: fc.integer({ min: 1, max: 16 }),
    lanes: fc.integer({ min: 1, max: 16 }),
  })
  .map(({ online, offline, ...asked }): SocketDemand => ({ ...IDLE, ...asked, online, phones: online + offline }));
const machine = fc
  .record({ hasSystemCalls: fc.boolean(), hasSocketRings: fc.boolean() })
  .map((has) => ({ ...MACHINE, ...has, openFilesHard: 5_000_000 }));

const bytesOf = (memory: readonly MemoryShare[], what: string): number =>
  memory.find((share) => share.what === what)?.bytes ?? 0;

/** Bytes of a place in a real table. */
function placeBytes(): number {
  const places = 1024;
  return new InFlightTable(places).ledger().reduce((sum, { bytes }) => sum + bytes, 0) / places;
}

describe('the memory of a run over sockets', () => {
  it('has every table as large as the demand makes it', () => {
    fc.assert(
      fc.property(demand, machine, (one, limits) => {
        const shape = shapeSockets(one, limits, 'both');
        const memory = socketMemory(one, shape);
        const open = Math.ceil(one.online * (1 + one.lingeringShare));
        const { userBytes, sharedUserBytes } = TRANSPORTS[one.transport];
        const user = shape.hasPrivateTables ? userBytes : sharedUserBytes;
        assert.equal(bytesOf(memory, 'connections of the switch'), open * (user + 24), 'a session has 24 bytes');
        assert.equal(bytesOf(memory, 'phones of the driver'), open * user + one.phones * 16);
        assert.equal(bytesOf(memory, 'accounts'), one.phones * 16, 'also of phones that are offline');
        assert.equal(bytesOf(memory, 'mailbox blocks'), one.mailboxBlocks * BLOCK_BYTES);
        const places = 2 * one.messagesInFlight; // half of them stay empty
        assert.equal(bytesOf(memory, 'messages in flight'), places * placeBytes());
        const inbox = bytesOf(memory, 'inboxes of shards') / shape.shards;
        assert.ok(inbox >= one.inboxBytes && inbox < 2 * one.inboxBytes && Number.isInteger(Math.log2(inbox)));
        const kernel = bytesOf(memory, 'kernel, both ends') / open;
        assert.equal(kernel, 8370 + (shape.ringPlaces === null ? 0 : 80), 'io_uring has an entry for each end');
        assert.equal(bytesOf(memory, 'reserve, kept free'), RESERVE_BYTES);
        assert.equal(new Set(memory.map(({ what }) => what)).size, memory.length, 'no part is there twice');
      }),
    );
  });

  it('of one side is what that side has of the whole, and both have the reserve and the controller', () => {
    fc.assert(
      fc.property(demand, machine, (one, limits) => {
        const of = (sides: 'both' | 'switch' | 'driver'): readonly MemoryShare[] => {
          const shape = { ...shapeSockets(one, limits, 'both'), sides };
          return socketMemory(one, shape);
        };
        const [both, theSwitch, driver] = [of('both'), of('switch'), of('driver')];
        for (const share of both) {
          if (share.what === 'kernel, both ends' || share.what === 'reserve, kept free') continue;
          const parts = bytesOf(theSwitch, share.what) + bytesOf(driver, share.what);
          const controller = share.what === 'processes' ? 64 * 2 ** 20 : 0; // each machine has one
          assert.ok(Math.abs(parts - share.bytes - controller) < 1, `${share.what}: ${parts} and ${share.bytes}`);
        }
        // An end without an open file needs less than half of a pair, whose figure is of both kinds.
        assert.ok(bytesOf(theSwitch, 'kernel, one end') > 0.46 * bytesOf(both, 'kernel, both ends'));
        for (const [side, foreign] of [
          [
            theSwitch,
            [
              ...['phones of the driver', 'messages in flight', 'wheels of session ends', 'mail that waits'],
              ...['recent pairs', 'histograms'],
            ],
          ],
          [driver, ['connections of the switch', 'accounts', 'mailbox blocks', 'inboxes of shards']],
        ] as const) {
          for (const what of foreign) assert.equal(bytesOf(side, what), 0, what);
          assert.equal(bytesOf(side, 'reserve, kept free'), RESERVE_BYTES);
        }
      }),
    );
  });

  it('marks as growing exactly what grows with the phones on the same threads', () => {
    fc.assert(
      fc.property(demand, machine, (one, limits) => {
        const shape = shapeSockets(one, limits, 'both');
        const more = socketMemory(withOnline(one, 3 * one.online), shape);
        for (const { what, bytes, isPerPhone } of socketMemory(one, shape)) {
          if (isPerPhone) assert.ok(bytesOf(more, what) > 2.9 * bytes, what);
          else if (what !== 'mail that waits' && what !== 'recent pairs')
            assert.equal(bytesOf(more, what), bytes, what);
        }
      }),
    );
  });

  it('fits at the number of connections that a plan names, and not at one more', () => {
    fc.assert(
      fc.property(demand, machine, fc.integer({ min: 2, max: 40 }), (one, limits, gibibytes) => {
        const memoryFreeBytes = gibibytes * 2 ** 30;
        const { connectionsThatFit: fitting } = planSockets(one, { ...limits, memoryFreeBytes });
        assert.ok(fitting !== null);
        const neededFor = (online: number): number => {
          const scaled = withOnline(one, online);
          return totalBytes(socketMemory(scaled, shapeSockets(scaled, limits, 'both')));
        };
        if (fitting > 0) assert.ok(neededFor(fitting) <= memoryFreeBytes);
        assert.ok(neededFor(fitting + 1) > memoryFreeBytes);
      }),
      { numRuns: 20 },
    );
  });
});
