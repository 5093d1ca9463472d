/**
 * The cleaner of a log, with full disks, slow ones, and stops at any place. Whatever it has done, the files say the
 * same; and after a whole sweep they have just the records that are needed, in their order.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CleanedLog, FILE_BYTES_MAX, ROWS } from './cleaned-log.test-suite.ts';
import { SLACK_FILES } from './log-cleaner.ts';
import { LOG_HEADER_BYTES } from './log-frames.ts';
import { RECORD_BYTES_MAX } from './log-records.ts';

/** The longest frame of a draft may have a record more. */
const DRAFT_FRAME_BYTES = 2 ** 17;

const row = fc.nat(ROWS - 1);
const act = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('message' as const),
      ...{ row, sender: fc.nat(2), payloadBytes: fc.constantFrom(0, 5, 64, 97, 400) },
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('receipt' as const), row }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('remove' as const), row, entries: fc.integer({ min: 1, max: 5 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('join' as const), row }) },
  { weight: 4, arbitrary: fc.constant({ kind: 'seal' as const }) },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('steps' as const),
      steps: fc.integer({ min: 1, max: 8 }),
      roomBytes: fc.oneof({ weight: 4, arbitrary: fc.constant(Number.POSITIVE_INFINITY) }, fc.nat(600)),
      syncTurns: fc.nat(2),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), seed: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('kill' as const), removals: fc.nat(1) }) },
);
type Act = typeof act extends fc.Arbitrary<infer A> ? A : never;

function take(log: CleanedLog, one: Act): void {
  if (one.kind === 'message') log.message(one.row, one.sender, one.payloadBytes);
  else if (one.kind === 'receipt') log.receipt(one.row);
  else if (one.kind === 'remove') log.remove(one.row, one.entries);
  else if (one.kind === 'join') log.join(one.row);
  else if (one.kind === 'seal') log.seal();
  else if (one.kind === 'crash') log.crash(one.seed);
  else if (one.kind === 'kill') log.disk.removalsLeft = one.removals;
  else {
    log.disk.syncTurns = one.syncTurns;
    const capacityBytes = log.disk.usedBytes + one.roomBytes;
    for (let n = 0; n < one.steps && log.step(capacityBytes); n++);
  }
}

describe('the cleaner of a log', () => {
  it('changes nothing of what the files say, and leaves what is needed of each record, in their order', () => {
    fc.assert(
      fc.property(fc.array(act, { minLength: 10, maxLength: 100, size: 'max' }), (acts) => {
        const log = new CleanedLog();
        for (const one of acts) {
          take(log, one);
          log.check();
        }
        log.disk.removalsLeft = Number.POSITIVE_INFINITY;
        log.sweep(); // one that may have begun before the last records
        log.sweep();
        log.check();
        log.checkSwept();
      }),
      { numRuns: 150 },
    );
  });

  it('begins a sweep when the log has twice the size that the last one left, and some files more', () => {
    const log = new CleanedLog();
    for (let n = 0; n < 20; n++) log.message(0, 0, 97);
    log.seal();
    log.sweep();
    const bytesMost = 2 * log.bytes + SLACK_FILES * FILE_BYTES_MAX;
    for (let n = 0; !log.cleaner.isNeeded; n++) {
      assert.ok(log.bytes <= bytesMost, 'not later');
      assert.ok(n < 1000, 'it comes to that');
      log.message(0, 0, 97);
    }
    assert.ok(log.bytes > bytesMost, 'not earlier');
  });

  it('writes a long file as several frames, and loses nothing wherever the disk is full', () => {
    const log = new CleanedLog();
    for (let n = 0; n < 100; n++) log.message(n % ROWS, 0, 2000);
    log.seal();
    for (const roomBytes of [0, 1000, DRAFT_FRAME_BYTES + 10_000]) {
      const capacityBytes = log.bytes + roomBytes;
      for (let n = 0; log.step(capacityBytes); n++) assert.ok(n < 1000, 'the disk is full at some time');
      log.check();
    }
    log.sweep();
    log.check();
    log.checkSwept();
    log.records(DRAFT_FRAME_BYTES + RECORD_BYTES_MAX);
  });

  it('copies nothing that the disk has damaged since it was written', () => {
    fc.assert(
      fc.property(fc.nat(2), fc.nat(), fc.nat(7), (file, place, bit) => {
        const log = new CleanedLog();
        for (let n = 0; n < 12; n++) {
          log.message(n % ROWS, 0, 64);
          if (n % 4 === 3) log.seal();
        }
        const { number, bytes } = log.disk.files()[file] ?? assert.fail('three files have ended');
        // The header of a file is not copied, but made anew.
        log.disk.flip(number, LOG_HEADER_BYTES + (place % (bytes - LOG_HEADER_BYTES)), bit);
        assert.throws(() => log.sweep(), { code: 'STORE_DAMAGED', message: new RegExp(`file ${number} `) });
      }),
      { numRuns: 100 },
    );
  });
});
