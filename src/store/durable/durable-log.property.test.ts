/**
 * Random entries, removals, turns of the store thread, full disks, and crashes that keep a random part of what was not
 * synced, against a list of what was recorded. After each crash the log is read back: it has to be the state after all
 * complete records and any number of the next ones. Files are tiny, so that they are cleaned all the time.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crc32 as checksum } from 'node:zlib';
import fc from 'fast-check';
import { TrunklineError } from '../../base/errors.ts';
import { mixPair } from '../../base/pseudo-random.ts';
import { SERIAL_MASK, serialDistance } from '../../base/serial-distance.ts';
import { SimulatedDisk } from '../../simulate/disk/simulated-disk.ts';
import { IdWindows, WindowVerdict } from '../id-windows.ts';
import { type MailboxEntry, PHONE_TO_PHONE } from '../mailbox-entry.ts';
import { NaiveMailboxes } from '../naive-mailboxes.test-suite.ts';
import { hasWindow } from '../restore-mailboxes.ts';
import { DurableLog } from './durable-log.ts';
import { logBuffer, logBufferBytes } from './log-buffer.ts';
import { LogWriter } from './log-writer.ts';
import { readLog } from './read-log.ts';
import { RecordReceiver, RecordSender } from './restored-records.ts';

const [ROWS, SENDERS, GROUP] = [4, 4, 77];
const RING_BYTES = 2 ** 13;
/** Records that are not written yet stay below this, so that a removal always finds room. */
const UNWRITTEN_BYTES_MAX = 2 ** 12;
const IDENTITY = { shard: 3, identity: 0xfeed_beef };
const FILE_BYTES_MAX = 1000;
/** Entries that come and go: they take more than the log can have grown to. */
const ROUNDS = 400;

const row = fc.nat(ROWS - 1);
const sender = fc.nat(SENDERS - 1);
const payloadBytes = fc.oneof(fc.nat(12), fc.constantFrom(64, 97, 1024, 1500));
const step = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({ kind: fc.constant('send' as const), row, sender, payloadBytes, toGroup: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('receipt' as const), row }) },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('remove' as const), row, entries: fc.integer({ min: 1, max: 9 }) }),
  },
  { weight: 8, arbitrary: fc.constant({ kind: 'submit' as const }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('write' as const), turns: fc.integer({ min: 1, max: 40 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('disk' as const), isFull: fc.boolean(), syncTurns: fc.nat(3) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), seed: fc.nat() }) },
);

type Made = { readonly entry: MailboxEntry } | { readonly row: number; readonly sequence: number };

class Store {
  readonly disk = new SimulatedDisk();
  /** All records since the beginning that the log may still have. */
  made: Made[] = [];
  /** Batches that were submitted: how many records there were. */
  batches: { batch: number; records: number }[] = [];
  sequences = new Array<number>(ROWS).fill(SERIAL_MASK - 20); // they wrap around soon
  oldest = new Array<number>(ROWS).fill(SERIAL_MASK - 19);
  ids = new Array<number>(SENDERS).fill(SERIAL_MASK - 30);
  windows = new IdWindows(1024);
  unwrittenBytes = 0;
  complete = 0;
  cleaned = 0;
  passedOn = new NaiveMailboxes();
  log: DurableLog;
  writer: LogWriter;

  constructor() {
    [this.log, this.writer] = this.open();
  }

  /**
   * The writer passes on to the shard what it reads, and has to wait for it all the time: halves of the ring are small.
   */
  open(): [DurableLog, LogWriter] {
    const buffer = logBuffer(new SharedArrayBuffer(logBufferBytes(RING_BYTES)), RING_BYTES);
    const settings = { ...IDENTITY, fileBytesMax: FILE_BYTES_MAX, rows: ROWS, idWindowsMax: 1024 };
    const passedOn = new NaiveMailboxes();
    const receiver = new RecordReceiver(buffer, passedOn);
    const restored = new RecordSender(buffer, () => assert.ok(receiver.take(), 'a sender waits only for its receiver'));
    const writer = new LogWriter(settings, { buffer, disk: this.disk, checksum, wake: () => {}, restored });
    receiver.takeAll(() => assert.fail('all was passed on'));
    this.passedOn = passedOn;
    return [new DurableLog({ buffer, wake: () => {}, replay: () => {} }), writer];
  }

  append(row: number, made: Partial<MailboxEntry>): void {
    const entry: MailboxEntry = {
      ...{
        accountRow: row,
        sequence: ((this.sequences[row] ?? 0) + 1) & SERIAL_MASK,
        sender: 0,
        id: 0,
        isReceipt: false,
      },
      ...PHONE_TO_PHONE,
      ...{ address: -5, generation: 2047, highest: 0, seen: 0 },
      ...{ payload: new DataView(new ArrayBuffer(0)), payloadAt: 0, payloadBytes: 0, ...made },
    };
    if (hasWindow(entry) && this.windows.judge(entry) !== WindowVerdict.NEW) return;
    if (!this.log.append(entry)) return;
    if (hasWindow(entry)) this.windows.put(entry);
    this.sequences[row] = entry.sequence;
    this.made.push({ entry: { ...entry } });
    this.grow(40 + entry.payloadBytes);
  }

  remove(row: number, entries: number): void {
    const last = this.sequences[row] ?? 0;
    const ahead = serialDistance(last, this.oldest[row] ?? 0);
    if (ahead < 0) return;
    const sequence = ((this.oldest[row] ?? 0) + Math.min(entries - 1, ahead)) & SERIAL_MASK;
    this.oldest[row] = (sequence + 1) & SERIAL_MASK;
    this.log.remove(row, sequence);
    this.made.push({ row, sequence });
    this.grow(12);
  }

  grow(bytes: number): void {
    this.unwrittenBytes += bytes;
    if (this.unwrittenBytes < UNWRITTEN_BYTES_MAX - 2 ** 11) return;
    this.disk.capacityBytes = Number.POSITIVE_INFINITY;
    this.submit();
    this.write(1000);
  }

  submit(): void {
    const { openBatch } = this.log;
    this.log.submit();
    if (this.log.openBatch !== openBatch) this.batches.push({ batch: openBatch, records: this.made.length });
  }

  write(turns: number): void {
    for (let n = 0; n < turns; n++) this.writer.doWork();
    const { completedBatch } = this.log;
    for (const { batch, records } of this.batches) if (batch <= completedBatch) this.complete = records;
    if (this.batches.at(-1)?.batch === completedBatch && !this.writer.hasWork()) this.unwrittenBytes = 0;
  }

  /** Reads the log back, and makes the list what the log has. */
  crash(seed: number): void {
    let draw = seed;
    this.disk.crash((bound) => {
      draw = mixPair(draw, bound) >>> 0;
      return draw % bound;
    });
    const found = new NaiveMailboxes();
    readLog(this.disk, IDENTITY, checksum, found);
    const state = new NaiveMailboxes();
    let records = 0;
    const apply = (made: Made): void => {
      if ('entry' in made) state.appended(made.entry);
      else state.removed(made.row, made.sequence);
    };
    for (; records < this.complete; records++) apply(this.made[records] as Made);
    while (`${state}` !== `${found}` && records < this.made.length) apply(this.made[records++] as Made);
    assert.equal(`${found}`, `${state}`, `${this.complete} of ${this.made.length} records were complete`);
    this.made.length = records;
    [this.log, this.writer] = this.open();
    assert.equal(`${new NaiveMailboxes()}` === `${found}`, found.sequences.size === 0);
    assert.equal(`${this.passedOn}`, `${found}`, 'the shard is given what the files have');
    const again = new NaiveMailboxes();
    readLog(this.disk, IDENTITY, checksum, again);
    assert.equal(`${again}`, `${found}`, 'opening changes nothing');
    this.complete = records;
    this.batches = [];
    this.unwrittenBytes = 0;
    this.windows = new IdWindows(1024);
    for (let r = 0; r < ROWS; r++) {
      const entries = found.mailboxes.get(r) ?? [];
      this.sequences[r] = found.sequences.get(r) ?? SERIAL_MASK - 20;
      this.oldest[r] = entries[0]?.sequence ?? ((this.sequences[r] ?? 0) + 1) & SERIAL_MASK;
      for (let s = 0; s < SENDERS; s++) {
        const [highest, seen] = (found.windows.get(`${r} ${s}`) ?? '').split(' ').map(Number);
        if (seen !== undefined) this.windows.put({ accountRow: r, sender: s, id: 0, highest: highest ?? 0, seen });
      }
    }
  }
}

function run(store: Store, steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[]): void {
  for (const one of steps) {
    switch (one.kind) {
      case 'send': {
        const id = ((store.ids[one.sender] ?? 0) + 1) & SERIAL_MASK;
        store.ids[one.sender] = id;
        const bytes = Uint8Array.from({ length: one.payloadBytes }, (_, n) => id + n);
        const group = one.toGroup ? { group: GROUP, version: id, isList: id % 2 === 0 } : {};
        const payload = { payload: new DataView(bytes.buffer), payloadBytes: one.payloadBytes };
        store.append(one.row, { sender: one.sender, id, ...group, ...payload });
        break;
      }
      case 'receipt':
        store.append(one.row, { isReceipt: true, id: 5 });
        break;
      case 'remove':
        store.remove(one.row, one.entries);
        break;
      case 'submit':
        store.submit();
        break;
      case 'write':
        store.write(one.turns);
        break;
      case 'disk':
        store.disk.capacityBytes = one.isFull ? store.disk.usedBytes + 100 : Number.POSITIVE_INFINITY;
        store.disk.syncTurns = one.syncTurns;
        break;
      case 'crash':
        store.crash(one.seed);
    }
  }
}

describe('a log that lasts', () => {
  it('keeps every complete record through crashes, and of the others the oldest', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 200 }), (steps) => {
        const store = new Store();
        run(store, steps);
        store.crash(1);
      }),
      { numRuns: 60 },
    );
  });

  it('completes everything that it took, once the disk has room, and gives space back', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 200 }), (steps) => {
        const store = new Store();
        run(store, steps);
        store.disk.capacityBytes = Number.POSITIVE_INFINITY;
        for (let r = 0; r < ROWS; r++) store.remove(r, 10_000);
        store.submit();
        for (let n = 0; n < ROUNDS; n++) {
          store.append(n % ROWS, { isReceipt: true });
          store.remove(n % ROWS, 1);
          store.submit();
          store.write(20);
        }
        assert.equal(store.complete, store.made.length);
        // A sweep begins at twice of what the last one left and four files. Enough is written that large frames are
        // gone.
        assert.ok(store.disk.usedBytes < 12 * FILE_BYTES_MAX, `${store.disk.usedBytes} B`);
        store.crash(1);
      }),
      { numRuns: 8 },
    );
  });

  it('refuses files of which a bit has changed, unless the newest frame ends there', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 100 }), fc.nat(), fc.nat(7), (steps, place, bit) => {
        const store = new Store();
        run(store, steps);
        store.crash(1);
        const before = new NaiveMailboxes();
        const { nextFrame, isSealed } = readLog(store.disk, IDENTITY, checksum, before);
        const files = store.disk.files();
        const file = files[place % files.length];
        if (file === undefined || file.bytes === 0) return;
        store.disk.flip(file.number, place % file.bytes, bit);
        try {
          const end = readLog(store.disk, IDENTITY, checksum, new NaiveMailboxes());
          assert.equal(file, files.at(-1), 'only the newest file may end early');
          assert.ok(end.nextFrame >= nextFrame - (isSealed ? 0 : 1), 'only its last frame may be missing');
        } catch (error) {
          assert.ok(
            error instanceof TrunklineError && /^STORE_(DAMAGED|FOREIGN|VERSION)$/.test(error.code),
            `${error}`,
          );
        }
      }),
      { numRuns: 150 },
    );
  });
});
