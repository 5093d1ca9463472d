/**
 * The log of a shard on a simulated disk: the real ends of the log, shard and store thread, where the store thread has
 * a few turns each time that the shard submits its records.
 *
 * The log outlasts its shard. If the store thread finds the files damaged, it fails, as it does in a real run: the log
 * takes nothing more, and its shard must end. {@link SimulatedLog.crash} then repairs the disk, as an operator does.
 */
import { TrunklineError } from '../../base/errors.ts';
import { DurableLog } from '../../store/durable/durable-log.ts';
import { logBuffer, logBufferBytes } from '../../store/durable/log-buffer.ts';
import type { Checksum } from '../../store/durable/log-disk.ts';
import { LogWriter } from '../../store/durable/log-writer.ts';
import { readLog } from '../../store/durable/read-log.ts';
import type { MailboxEntry } from '../../store/mailbox-entry.ts';
import { type LogVisitor, type MailboxLog, nextBatch } from '../../store/mailbox-log.ts';
import { type Draw, SimulatedDisk } from './simulated-disk.ts';

/** Bytes of the ring between shard and store thread, where it is not made smaller. */
export const LOG_RING_BYTES = 2 ** 16;
/** Small, so that files end and are cleaned all the time. */
const FILE_BYTES_MAX = 2 ** 14;
const WRITER_TURNS = 3;
const IDENTITY = { shard: 0, identity: 99 };
/** Reads a log to learn whether it can be read. */
const NOBODY: LogVisitor = { appended: () => {}, removed: () => {}, noted: () => {} };

export interface SimulatedLogSettings {
  /** Accounts of the shard. */
  readonly rows: number;
  readonly idWindowsMax: number;
  /** Bytes of the ring between shard and store thread. */
  readonly ringBytes: number;
  /** Turns of the writer that a sync takes. */
  readonly syncTurns: number;
  readonly checksum: Checksum;
}

export class SimulatedLog implements MailboxLog {
  readonly disk = new SimulatedDisk();
  /** How often damage was found and repaired. */
  repairs = 0;
  /** Entries that were recorded. */
  appended = 0;
  readonly #settings: SimulatedLogSettings;
  #hasFailed = false;
  /** Whether the store thread did something when it had its turns last. */
  #hasWritten = true;
  #log: DurableLog;
  #writer: LogWriter;

  constructor(settings: SimulatedLogSettings) {
    this.#settings = settings;
    this.disk.syncTurns = settings.syncTurns;
    [this.#log, this.#writer] = this.#open();
  }

  /** Whether the store thread has found damage: the shard has to end. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  get openBatch(): number {
    return this.#log.openBatch;
  }

  get completedBatch(): number {
    return this.#log.completedBatch;
  }

  append(entry: MailboxEntry): boolean {
    if (this.#hasFailed || !this.#log.append(entry)) return false;
    this.appended++;
    return true;
  }

  remove(accountRow: number, sequence: number): void {
    this.#log.remove(accountRow, sequence);
  }

  note(note: number, subject: number, sequence: number, detail: number): boolean {
    return !this.#hasFailed && this.#log.note(note, subject, sequence, detail);
  }

  submit(): void {
    this.#log.submit();
    this.write();
  }

  /** Gives the store thread its turns. */
  write(): void {
    if (this.#hasFailed) return;
    try {
      let turns = 0;
      while (turns < WRITER_TURNS && this.#writer.doWork()) turns++;
      this.#hasWritten = turns > 0;
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#hasFailed = true;
    }
  }

  /** Whether all that was submitted is complete. */
  get isAtRest(): boolean {
    return nextBatch(this.completedBatch) === this.openBatch;
  }

  /** Whether the store thread waits for records, and for nothing else. */
  get isIdle(): boolean {
    return this.isAtRest && !(this.#hasWritten || this.disk.isSyncing || this.#writer.isStuck);
  }

  replay(visitor: LogVisitor): void {
    this.#repaired(() => readLog(this.disk, IDENTITY, this.#settings.checksum, NOBODY));
    this.#log.replay(visitor);
  }

  /** The machine stops, and the log is opened again; see SimulatedDisk. */
  crash(draw: Draw): void {
    this.disk.crash(draw);
    this.#reopen();
  }

  /** The process is killed, and the log is opened again: records that its store thread had not written are lost. */
  kill(): void {
    this.disk.kill();
    this.#reopen();
  }

  #reopen(): void {
    this.#hasFailed = false;
    this.#hasWritten = true;
    [this.#log, this.#writer] = this.#repaired(() => this.#open());
  }

  /** Reads the files; where they are damaged, once more after a repair. */
  #repaired<Read>(read: () => Read): Read {
    try {
      return read();
    } catch (error) {
      if (!isDamage(error) || !this.disk.repair()) throw error;
      this.repairs++;
      return read();
    }
  }

  #open(): [DurableLog, LogWriter] {
    const { rows, idWindowsMax, ringBytes, checksum } = this.#settings;
    const buffer = logBuffer(new SharedArrayBuffer(logBufferBytes(ringBytes)), ringBytes);
    const settings = { ...IDENTITY, fileBytesMax: FILE_BYTES_MAX, rows, idWindowsMax };
    const writer = new LogWriter(settings, { buffer, disk: this.disk, checksum, wake: () => {} });
    const replay = (visitor: LogVisitor): void => void readLog(this.disk, IDENTITY, checksum, visitor);
    return [new DurableLog({ buffer, wake: () => {}, replay }), writer];
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof TrunklineError && error.code === 'STORE_DAMAGED';
}
