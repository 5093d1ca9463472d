/** An interval as another process writes it: read as it was written, or not at all. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { changedDocuments } from './changed-documents.test-suite.ts';
import { INTERVAL_SCHEMA, type IntervalLine, intervalJsonSchema, readIntervalLine } from './interval-schema.ts';
import { publishedValidator } from './published-schema.test-suite.ts';

const LINE: IntervalLine = {
  schema: INTERVAL_SCHEMA,
  run: 'run-1',
  scenario: 'made',
  transport: 'tcp',
  isSimulated: false,
  side: 'base',
  runNumber: 2,
  runsPlanned: 12,
  atSeconds: 1.5,
  seconds: 0.5,
  phase: 'measure',
  held: 1000,
  loginsPerSecond: 5,
  returnsPerSecond: 0,
  messagesPerSecond: 250.5,
  sentPerSecond: 260,
  deliveriesPerSecond: 250,
  groupDeliveriesPerSecond: 3,
  presenceNoticesPerSecond: 0,
  stormDropsPerSecond: 0,
  deliveryP50Micros: 900,
  deliveryP99Micros: null,
  backlogMessages: 2,
  stealShare: null,
  rssBytes: 1e8,
  switchRssBytes: 6e7,
  driverRssBytes: null,
  kernelSocketBytes: null,
  switchLedgerBytes: 4e4,
  driverLedgerBytes: 2e4,
  threads: [{ name: 'shard-0', role: 'shard', busyShare: 0.5, collections: 1, pauseMicros: 800 }],
  events: [{ atSeconds: 1.2, name: 'phase', detail: 'measure' }],
};
const read = (value: object): IntervalLine | null => readIntervalLine(JSON.stringify(value));
const without = (...keys: string[]): object =>
  Object.fromEntries(Object.entries(LINE).filter(([key]) => !keys.includes(key)));

describe('the line of an interval', () => {
  it('is read back as it was written', () => {
    assert.deepEqual(read(LINE), LINE);
  });

  it('of an older version lacks what is newer: no side and no number of a run, and nothing of what was not counted', () => {
    const older = read(
      without(
        'side',
        'runNumber',
        'runsPlanned',
        'sentPerSecond',
        'returnsPerSecond',
        'groupDeliveriesPerSecond',
        'stormDropsPerSecond',
      ),
    );
    assert.deepEqual([older?.side, older?.runNumber, older?.runsPlanned], [null, null, null]);
    assert.deepEqual([older?.sentPerSecond, older?.returnsPerSecond], [0, 0]);
    assert.deepEqual([older?.groupDeliveriesPerSecond, older?.stormDropsPerSecond], [0, 0]);
    assert.equal(older?.messagesPerSecond, 250.5);
  });

  it('is not read without a figure that every version has: nothing is taken for 0', () => {
    for (const key of ['held', 'messagesPerSecond', 'rssBytes', 'deliveryP99Micros', 'threads', 'events', 'phase'])
      assert.equal(read(without(key)), null, key);
  });

  it('is not read if it was cut off, is of another schema, or has a key that is not known', () => {
    const text = JSON.stringify(LINE);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length - 1 }), (length) =>
        assert.equal(readIntervalLine(text.slice(0, length)), null),
      ),
      { numRuns: 40 },
    );
    assert.equal(read({ ...LINE, schema: 'trunkline.interval/2' }), null);
    assert.equal(read({ ...LINE, more: 1 }), null);
    for (const other of ['', 'null', '[]', '3', '"x"', '{}']) assert.equal(readIntervalLine(other), null, other);
  });

  it('is accepted and refused as the published schema says, with any value in it changed', () => {
    const complaints = publishedValidator(intervalJsonSchema());
    assert.deepEqual(complaints(LINE), []);
    const counts = { read: 0, refused: 0 };
    for (const candidate of changedDocuments(structuredClone(LINE))) {
      const found = read(candidate);
      if (found === null) {
        counts.refused++;
        assert.notDeepEqual(complaints(candidate), [], `refused: ${JSON.stringify(candidate)}`);
      } else {
        counts.read++;
        assert.deepEqual(complaints(found), []);
      }
    }
    assert.ok(counts.read > 20 && counts.refused > 100, JSON.stringify(counts));
  });
});
