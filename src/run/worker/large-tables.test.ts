/** Tables that grow with a run take their memory from the allocator that is passed in, which has huge pages. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PLAIN_MEMORY, type SharedTableMemory, type TableMemory } from '../../base/table-memory.ts';
import { BareLane } from '../../driver/bare-lane.test-suite.ts';
import { Lane } from '../../driver/lane.ts';
import { SimulatedDisk } from '../../simulate/disk/simulated-disk.ts';
import { logBuffer, logBufferBytes } from '../../store/durable/log-buffer.ts';
import { LogWriter } from '../../store/durable/log-writer.ts';
import { MailboxIndex } from '../../store/mailbox-index.ts';
import { MailboxStore } from '../../store/mailbox-store.ts';
import { VolatileLog } from '../../store/volatile-log.ts';
import { ByteStore } from '../../transport/tun/tcp/byte-store.ts';
import { scriptedPlan } from '../sides/scripted-sides.test-suite.ts';
import { laneSettings } from './make-lane.ts';
import { RunMemory } from './memory/run-memory.ts';

/** With so many phones, all tables with a bound of their own have reached it. */
const PHONES = 2 ** 19;

class CountedMemory implements TableMemory, SharedTableMemory {
  bytes = 0;

  sharedWords(count: number): Int32Array<SharedArrayBuffer> {
    const table = PLAIN_MEMORY.sharedWords(count);
    this.bytes += table.byteLength;
    return table;
  }

  words(count: number): Int32Array {
    const table = PLAIN_MEMORY.words(count);
    this.bytes += table.byteLength;
    return table;
  }
}

/** What a table takes elsewhere, from what it says that it takes. */
function elsewhere(make: (memory: CountedMemory) => number): number {
  const memory = new CountedMemory();
  const bytes = make(memory);
  assert.ok(memory.bytes > 0, 'it takes memory from the allocator');
  return bytes - memory.bytes;
}

function laneBytes(phones: number, settings: readonly string[], tables: TableMemory): number {
  const plan = scriptedPlan(`phones.count=${phones}`, 'driver.lanes=1', ...settings);
  const { parts } = new BareLane(10).state;
  const lane = new Lane(laneSettings(plan, 0, { runTag: 1, isCalibration: false }), { ...parts, tables });
  return lane.ledger().reduce((sum, { bytes }) => sum + bytes, 0);
}

const PLATFORM =
  '{name: a, share: 100%, session: 1m, sigma: 1, away: 1m, push: {delay: 2s, sigma: 1, session: 10s}, heartbeat: 1m}';
const LANES: readonly (readonly [what: string, settings: readonly string[]])[] = [
  ['with turns of pairs', []],
  ['with pairs of all kinds, and presence', ['misfits.hotAccount=1%', 'presence.watch=2']],
  ['with pushes and storms', [`platforms=[${PLATFORM}]`, 'storms=[{at: 1s, share: 50%}]']],
];

describe('memory that grows with the number of phones', () => {
  for (const [what, settings] of LANES)
    it(`comes from the allocator in a lane ${what}`, () => {
      const [once, twice] = [PHONES, 2 * PHONES].map((phones) =>
        elsewhere((memory) => laneBytes(phones, settings, memory)),
      );
      assert.equal(twice, once);
    });
});

describe('memory that grows with a store', () => {
  it('comes from the allocator at the home of mailboxes', () => {
    const bytes = (idWindowsMax: number) => (memory: TableMemory) =>
      new MailboxStore(new MailboxIndex(1), new VolatileLog(), { acknowledgementsMax: 0, idWindowsMax }, memory).bytes;
    assert.equal(elsewhere(bytes(2 ** 12)), elsewhere(bytes(2 ** 16)));
  });

  it('comes from the allocator in the thread that writes the log', () => {
    const bytes = (rows: number) => (tables: TableMemory) => {
      const buffer = logBuffer(new SharedArrayBuffer(logBufferBytes(2 ** 13)), 2 ** 13);
      const settings = { shard: 0, identity: 5, fileBytesMax: 2000, rows, idWindowsMax: rows };
      const disk = new SimulatedDisk();
      return new LogWriter(settings, { buffer, disk, checksum: () => 0, wake: () => {}, tables }).memoryBytes;
    };
    assert.equal(elsewhere(bytes(2 ** 12)), elsewhere(bytes(2 ** 16)));
  });

  it('comes from the allocator for the newest ids of accounts, of which all shards share one table', () => {
    const { shape } = scriptedPlan();
    const bytes = (recalledAccounts: number) => (memory: CountedMemory) =>
      RunMemory.allocate({ ...shape, stores: 1, logRingBytes: 2 ** 13, recalledAccounts }, null, memory).bytes;
    assert.equal(elsewhere(bytes(2 ** 12)), elsewhere(bytes(2 ** 16)));
  });

  it('comes from the allocator for bytes of connections over tun', () => {
    const bytes = (size: number) => (memory: TableMemory) => new ByteStore(size, memory).bytes;
    assert.equal(elsewhere(bytes(2 ** 24)), 0);
  });
});
