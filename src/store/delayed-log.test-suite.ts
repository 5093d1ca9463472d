/**
 * A log for tests: it keeps its records in memory, completes a batch some turns after it was submitted or never, can
 * refuse records as a full disk does, and survives the shard that wrote it. Batch numbers wrap around soon.
 */
import { SERIAL_MASK, serialDistance } from '../base/serial-distance.ts';
import { type MailboxEntry, NOT_TO_GROUP } from './mailbox-entry.ts';
import { type LogVisitor, type MailboxLog, nextBatch } from './mailbox-log.ts';

interface LogRecord {
  /** The note, if it is one: see MailboxLog. */
  readonly note?: readonly [note: number, subject: number, sequence: number, detail: number];
  /** The appended entry, or undefined for a removal. */
  readonly entry: MailboxEntry | undefined;
  readonly accountRow: number;
  readonly sequence: number;
}

const FIRST_BATCH = SERIAL_MASK - 5;

export class DelayedLog implements MailboxLog {
  openBatch = FIRST_BATCH;
  completedBatch = FIRST_BATCH - 1;
  /** Whether entries are refused, as by a full disk. */
  isFull = false;
  /** Turns from the submission of a batch to its completion; Infinity for never. */
  delayTurns: number;
  #records: LogRecord[] = [];
  /** Number of the oldest records that are complete. */
  #complete = 0;
  /** Number of records that are submitted. */
  #submitted = 0;
  #turn = 0;
  #batches: { readonly batch: number; readonly records: number; readonly turn: number }[] = [];

  constructor(delayTurns = 0) {
    this.delayTurns = delayTurns;
  }

  /** Records that are not complete. */
  get incomplete(): number {
    return this.#records.length - this.#complete;
  }

  append(entry: MailboxEntry): boolean {
    if (this.isFull) return false;
    const { accountRow, sequence } = entry;
    this.#records.push({ entry: { ...entry, ...copiedPayload(entry) }, accountRow, sequence });
    return true;
  }

  remove(accountRow: number, sequence: number): void {
    this.#records.push({ entry: undefined, accountRow, sequence });
  }

  note(...note: [note: number, subject: number, sequence: number, detail: number]): boolean {
    if (this.isFull) return false;
    this.#records.push({ note, entry: undefined, accountRow: -1, sequence: 0 });
    return true;
  }

  submit(): void {
    if (this.#records.length > this.#submitted) {
      this.#submitted = this.#records.length;
      this.#batches.push({ batch: this.openBatch, records: this.#submitted, turn: this.#turn });
      this.openBatch = nextBatch(this.openBatch);
    }
    for (let [oldest] = this.#batches; oldest !== undefined; [oldest] = this.#batches) {
      if (this.#turn - oldest.turn < this.delayTurns) break;
      this.completeBatch();
    }
    this.#turn++;
  }

  /** Completes the oldest batch that is submitted, at once, as a disk does between two turns. */
  completeBatch(): void {
    const oldest = this.#batches.shift();
    if (oldest === undefined) return;
    this.completedBatch = oldest.batch;
    this.#complete = oldest.records;
  }

  replay(visitor: LogVisitor): void {
    for (const { note, entry, accountRow, sequence } of [...this.#records]) {
      if (note !== undefined) visitor.noted(...note);
      else if (entry === undefined) visitor.removed(accountRow, sequence);
      else visitor.appended(entry);
    }
  }

  /**
   * The shard ends: of the records that are not complete, this many survive. The log can be passed to the next shard.
   */
  crash(survivors: number): void {
    this.#records.length = this.#complete + Math.min(survivors, this.incomplete);
    this.#complete = this.#records.length;
    this.#submitted = this.#complete;
    this.#batches = [];
    this.completedBatch = this.openBatch;
    this.openBatch = nextBatch(this.openBatch);
  }

  /** Drops every record that a log may drop; see MailboxLog. Nothing happens while records are incomplete. */
  compact(): void {
    if (this.incomplete > 0) return;
    const removedTo = new Map<number, number>();
    for (const { entry, accountRow, sequence } of this.#records) {
      if (entry === undefined) removedTo.set(accountRow, sequence);
    }
    const seen = new Set<string>();
    const kept = this.#records.toReversed().filter(({ entry, accountRow, sequence }) => {
      const removed = removedTo.get(accountRow);
      if (entry === undefined || entry.group !== NOT_TO_GROUP) return entry !== undefined || sequence === removed;
      const names = [`${accountRow}`, ...(entry.isReceipt ? [] : [`${accountRow} ${entry.sender}`])];
      const isNewest = names.some((name) => !seen.has(name));
      for (const name of names) seen.add(name);
      return isNewest || removed === undefined || serialDistance(sequence, removed) > 0;
    });
    this.#records = kept.reverse();
    this.#complete = this.#records.length;
    this.#submitted = this.#complete;
  }
}

function copiedPayload({ payload, payloadAt, payloadBytes }: MailboxEntry): { payload: DataView; payloadAt: number } {
  const copy = new Uint8Array(payloadBytes);
  for (let n = 0; n < payloadBytes; n++) copy[n] = payload.getUint8(payloadAt + n);
  return { payload: new DataView(copy.buffer), payloadAt: 0 };
}
