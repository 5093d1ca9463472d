/** The promises of a log, kept in memory, on a simulated disk and on the real one. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe } from 'node:test';
import { crc32 as checksum } from 'node:zlib';
import { FileDisk } from '../disk/file-disk.ts';
import { SimulatedDisk } from '../simulate/disk/simulated-disk.ts';
import { DelayedLog } from './delayed-log.test-suite.ts';
import { DurableLog } from './durable/durable-log.ts';
import { logBuffer, logBufferBytes } from './durable/log-buffer.ts';
import { DRAFT, type LogDisk } from './durable/log-disk.ts';
import { LogWriter } from './durable/log-writer.ts';
import { readLog } from './durable/read-log.ts';
import { type Draw, type KeptLog, ROWS, testMailboxLog } from './mailbox-log.test-suite.ts';
import type { MailboxLog } from './mailbox-log.ts';

const RING_BYTES = 2 ** 14;
/** Small, so that files end and are cleaned all the time. */
const FILE_BYTES_MAX = 1000;
const SECTOR_BYTES = 64;
const IDENTITY = { shard: 0, identity: 1 };
const root = mkdtempSync(join(tmpdir(), 'trunkline-logs-'));
after(() => rmSync(root, { recursive: true, force: true }));

class InMemory implements KeptLog {
  readonly log = new DelayedLog(Number.POSITIVE_INFINITY);

  work(): void {
    this.log.completeBatch();
  }

  crash(draw: Draw): void {
    this.log.crash(draw(this.log.incomplete + 1));
  }

  close(): void {}
}

/** Both ends of a log on a disk. */
abstract class OnDisk<Disk extends LogDisk> implements KeptLog {
  log: MailboxLog;
  #writer: LogWriter;
  protected disk: Disk;

  constructor(disk: Disk) {
    this.disk = disk;
    [this.log, this.#writer] = this.#open();
  }

  work(): void {
    this.#writer.doWork();
  }

  crash(draw: Draw): void {
    this.disk = this.after(draw);
    [this.log, this.#writer] = this.#open();
  }

  abstract close(): void;

  /** The disk as it is after the machine has stopped. */
  protected abstract after(draw: Draw): Disk;

  #open(): [MailboxLog, LogWriter] {
    const buffer = logBuffer(new SharedArrayBuffer(logBufferBytes(RING_BYTES)), RING_BYTES);
    const settings = { ...IDENTITY, fileBytesMax: FILE_BYTES_MAX, rows: ROWS, idWindowsMax: 1024 };
    const { disk } = this;
    const writer = new LogWriter(settings, { buffer, disk, checksum, wake: () => {} });
    const log = new DurableLog({
      buffer,
      wake: () => {},
      replay: (visitor) => void readLog(disk, IDENTITY, checksum, visitor),
    });
    return [log, writer];
  }
}

class OnSimulatedDisk extends OnDisk<SimulatedDisk> {
  constructor() {
    super(new SimulatedDisk());
    this.disk.syncTurns = 2;
  }

  protected after(draw: Draw): SimulatedDisk {
    this.disk.crash(draw);
    return this.disk;
  }

  close(): void {}
}

/** Knows how much of each of its files was synced. */
class TracedDisk extends FileDisk {
  readonly path: string;
  readonly synced = new Map<string, number>();

  constructor(path: string) {
    super(path);
    this.path = path;
  }

  override beginSync(file: number): void {
    super.beginSync(file);
    this.synced.set(this.nameOf(file), statSync(this.nameOf(file)).size);
  }

  override replace(file: number): void {
    super.replace(file);
    this.synced.set(this.nameOf(file), this.synced.get(this.nameOf(DRAFT)) ?? 0);
  }
}

/** Real files: the machine stops by a copy of them, in which what was not synced is cut off and torn. */
class OnRealDisk extends OnDisk<TracedDisk> {
  constructor() {
    super(new TracedDisk(mkdtempSync(join(root, 'log-'))));
  }

  protected after(draw: Draw): TracedDisk {
    const { path, synced } = this.disk;
    const copy = mkdtempSync(join(root, 'log-'));
    cpSync(path, copy, { recursive: true });
    for (const name of readdirSync(copy)) {
      const bytes = readFileSync(join(copy, name));
      const permanent = Math.min(bytes.length, synced.get(join(path, name)) ?? 0);
      const kept = bytes.subarray(0, permanent + draw(bytes.length - permanent + 1));
      for (let at = permanent; at < kept.length; at += SECTOR_BYTES)
        if (draw(2) === 0) kept.fill(0, at, at + SECTOR_BYTES);
      writeFileSync(join(copy, name), kept);
    }
    this.close();
    const disk = new TracedDisk(copy);
    for (const name of readdirSync(copy)) disk.synced.set(join(copy, name), statSync(join(copy, name)).size);
    return disk;
  }

  close(): void {
    this.disk.close();
    rmSync(this.disk.path, { recursive: true, force: true });
  }
}

describe('a log in memory', () => testMailboxLog(() => new InMemory(), 100));
describe('a log on a simulated disk', () => testMailboxLog(() => new OnSimulatedDisk(), 100));
describe('a log on the real disk', () => testMailboxLog(() => new OnRealDisk(), 12));
