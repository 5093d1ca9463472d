/** A log that lasts, its writer and its simulated disk as one: the writer has some turns each time that the shard submits. */
import type { MailboxEntry } from '../mailbox-entry.ts';
import type { LogVisitor, MailboxLog } from '../mailbox-log.ts';
import { DurableLog } from './durable-log.ts';
import { logBuffer, logBufferBytes } from './log-buffer.ts';
import { LogWriter } from './log-writer.ts';
import { readLog } from './read-log.ts';
import { checksum, SimulatedDisk } from './simulated-disk.test-suite.ts';

const RING_BYTES = 2 ** 16;
const FILE_BYTES_MAX = 2 ** 14;
const WRITER_TURNS = 3;
const IDENTITY = { shard: 0, identity: 99 };

export interface DiskLogSettings {
  /** Accounts of the shard. */
  readonly rows: number;
  readonly idWindowsMax: number;
  /** Turns of the writer that a sync takes. */
  readonly syncTurns: number;
}

export class DiskLog implements MailboxLog {
  readonly disk = new SimulatedDisk();
  readonly #settings: DiskLogSettings;
  #log: DurableLog;
  #writer: LogWriter;

  constructor(settings: DiskLogSettings) {
    this.#settings = settings;
    this.disk.syncTurns = settings.syncTurns;
    [this.#log, this.#writer] = this.#open();
  }

  get openBatch(): number {
    return this.#log.openBatch;
  }

  get completedBatch(): number {
    return this.#log.completedBatch;
  }

  append(entry: MailboxEntry): boolean {
    return this.#log.append(entry);
  }

  remove(accountRow: number, sequence: number): void {
    this.#log.remove(accountRow, sequence);
  }

  submit(): void {
    this.#log.submit();
    for (let n = 0; n < WRITER_TURNS; n++) this.#writer.doWork();
  }

  replay(visitor: LogVisitor): void {
    this.#log.replay(visitor);
  }

  /** The machine stops, and the log is opened again; see SimulatedDisk. */
  crash(draw: (bound: number) => number): void {
    this.disk.crash(draw);
    [this.#log, this.#writer] = this.#open();
  }

  #open(): [DurableLog, LogWriter] {
    const { rows, idWindowsMax } = this.#settings;
    const buffer = logBuffer(new SharedArrayBuffer(logBufferBytes(RING_BYTES)), RING_BYTES);
    const settings = { ...IDENTITY, fileBytesMax: FILE_BYTES_MAX, rows, idWindowsMax };
    const writer = new LogWriter(settings, { buffer, disk: this.disk, checksum, wake: () => {} });
    const replay = (visitor: LogVisitor): void => void readLog(this.disk, IDENTITY, checksum, visitor);
    return [new DurableLog({ buffer, wake: () => {}, replay }), writer];
  }
}
