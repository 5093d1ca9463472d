/** What a process of a run says of its memory and of its threads. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LedgerEntry } from '../../base/ledger-entry.ts';
import type { Inspection } from '../../verdict/record/run-record.ts';
import { crowdSettings } from './crowd-settings.ts';
import { readProcess } from './process-reading.ts';
import { mainThreadOf, roleOf } from './thread-names.ts';

const entry = (owner: LedgerEntry['owner'], rowsUsed: number): LedgerEntry => ({
  owner,
  name: `rows of the ${owner}`,
  bytes: 1000,
  rowBytes: 10,
  rowsUsed,
});

const inspected = (heapUsedBytes: number, ...ledger: LedgerEntry[]): Inspection => ({
  ...{ heapUsedBytes, ledger, collections: 0, pauseMicros: 0, allocatedBytes: 0, findings: [] },
});

describe('the memory of a process', () => {
  it('has the heaps of lanes with the driver and all others with the switch, and each table with its owner', () => {
    const threads = {
      'shard-0': inspected(1, entry('switch', 1), entry('transport', 50)),
      'shard-1': inspected(2, entry('switch', 2)),
      'store-0': inspected(4, entry('switch', 4)),
      'gateway-0': inspected(8),
      'lane-0': inspected(16, entry('driver', 8)),
      'lane-1': inspected(32, entry('driver', 16)),
    };
    const reading = readProcess(new Map(Object.entries(threads)));
    assert.deepEqual(reading.switch, { heapBytes: 15, ledgerBytes: 70 });
    assert.deepEqual(reading.driver, { heapBytes: 48, ledgerBytes: 240 });
    assert.deepEqual(
      reading.ledger,
      Object.values(threads).flatMap(({ ledger }) => ledger),
    );
    assert.ok(reading.rssBytes > 0);
  });
});

describe('the threads of a run', () => {
  it('have a role by their name, and the main thread the name of its side', () => {
    assert.deepEqual(['shard-0', 'lane-12', 'store-1', 'gateway-0'].map(roleOf), ['shard', 'lane', 'store', 'gateway']);
    assert.deepEqual((['both', 'switch', 'driver'] as const).map(mainThreadOf), ['main', 'switch-main', 'driver-main']);
  });

  it('are as Node makes them up to sixteen, and small ones in a crowd', () => {
    assert.equal(crowdSettings(16), null);
    const crowd = crowdSettings(17);
    assert.ok(crowd !== null && (crowd.resourceLimits.maxYoungGenerationSizeMb ?? 16) < 16);
  });
});
