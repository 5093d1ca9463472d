/** The disk that measures, against the same steps on a disk that does not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SimulatedDisk } from '../../../simulate/disk/simulated-disk.ts';
import { VirtualClock } from '../../../simulate/world/virtual-clock.ts';
import { DRAFT, type LogDisk } from '../../../store/durable/log-disk.ts';
import { LOG_FIGURES } from '../../../verdict/record/store-figures.ts';
import { MeasuredDisk } from './measured-disk.ts';

const FILES = [0, 1, 2];
/** A full disk has no room for a new file, but may have some for the end of another. */
const NEW_FILE_BYTES = 64;

/** A disk whose syncs take a time that the test sets, and which creates no file while it is full. */
class SlowDisk extends SimulatedDisk {
  syncMicros = 0;
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    super();
    this.#clock = clock;
  }

  override create(file: number): boolean {
    return this.usedBytes + NEW_FILE_BYTES <= this.capacityBytes && super.create(file);
  }

  override beginSync(file: number): void {
    this.#clock.advance(this.syncMicros);
    super.beginSync(file);
  }
}

type Step = readonly [act: string, file: number, amount: number];

/** Does a step that the log may take now. @returns what the disk answers. */
function take(disk: LogDisk, [act, file, amount]: Step): unknown {
  const into = new Uint8Array(64);
  const bytes = Uint8Array.from({ length: 300 }, (_, at) => at ^ amount);
  if (act === 'create') return disk.create(file);
  if (act === 'append') return disk.append(file, bytes, amount, 250);
  if (act === 'read') return [disk.read(file, amount, into, 3, 50), [...into]];
  if (act === 'truncate') return disk.truncate(file, Math.min(amount, sizeOf(disk, file)));
  if (act === 'remove') return disk.remove(file);
  if (act === 'replace') {
    const answers = [disk.create(DRAFT), disk.append(DRAFT, bytes, 0, amount)];
    disk.beginSync(DRAFT);
    return [...answers, disk.isSynced(), disk.replace(file)];
  }
  disk.beginSync(file);
  return disk.isSynced();
}

const sizeOf = (disk: LogDisk, file: number): number => disk.files().find(({ number }) => number === file)?.bytes ?? 0;

describe('a disk that is measured', () => {
  it('does what the disk under it does, and counts bytes, syncs, their time, and how often it was full', () => {
    const step = fc.tuple(
      fc.constantFrom('create', 'append', 'append', 'read', 'truncate', 'remove', 'replace', 'sync'),
      fc.constantFrom(...FILES),
      fc.nat(200),
    );
    const property = fc.property(fc.array(step, { maxLength: 60 }), fc.constantFrom(900, 1e9), (steps, capacity) => {
      const clock = new VirtualClock();
      const [bare, under] = [new SlowDisk(new VirtualClock()), new SlowDisk(clock)];
      const row = new Float64Array(LOG_FIGURES.length);
      const disk = new MeasuredDisk(under, row, clock);
      const expected = { writtenBytes: 0, syncs: 0, syncMicros: 0, longestSyncMicros: 0, fullDisks: 0 };
      for (const taken of steps) {
        const [act, file, amount] = taken;
        const isThere = bare.files().some(({ number }) => number === file);
        if (act === 'create' ? isThere : !isThere) continue;
        if (act === 'replace' && bare.usedBytes + NEW_FILE_BYTES + amount > capacity) continue; // nothing was written then
        bare.capacityBytes = capacity;
        under.capacityBytes = capacity;
        under.syncMicros = amount * 100;
        const before = bare.usedBytes;
        const answer = take(bare, taken);
        assert.deepEqual(take(disk, taken), answer);
        assert.deepEqual(disk.files(), bare.files());
        if (act === 'append') expected.writtenBytes += bare.usedBytes - before;
        if (act === 'replace') expected.writtenBytes += amount;
        if (answer === false) expected.fullDisks++;
        if (act === 'sync' || act === 'replace') {
          expected.syncs++;
          expected.syncMicros += amount * 100;
          expected.longestSyncMicros = Math.max(expected.longestSyncMicros, amount * 100);
        }
      }
      const counted = Object.fromEntries(LOG_FIGURES.map((name, place) => [name, row[place]]));
      const untouched = Object.fromEntries(LOG_FIGURES.map((name) => [name, 0]));
      assert.deepEqual(counted, { ...untouched, ...expected });
      assert.equal(disk.nameOf(2), bare.nameOf(2));
    });
    fc.assert(property, { numRuns: 200 });
  });
});
