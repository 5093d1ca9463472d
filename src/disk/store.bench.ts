/**
 * The log of a shard on the disk of the system's temporary folder, with both of its ends in one thread: messages stored
 * per second, and the latency of ✓ at a fixed rate beside one sync of the disk.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { mixPair } from '../base/pseudo-random.ts';
import { Histogram } from '../stats/histogram.ts';
import { DurableLog } from '../store/durable/durable-log.ts';
import { logBuffer, logBufferBytes } from '../store/durable/log-buffer.ts';
import { LogWriter } from '../store/durable/log-writer.ts';
import { type MailboxEntry, PHONE_TO_PHONE } from '../store/mailbox-entry.ts';
import { MailboxIndex } from '../store/mailbox-index.ts';
import { MailboxStore } from '../store/mailbox-store.ts';
import { FileDisk } from './file-disk.ts';
import { syncTimes } from './sync-times.ts';

const RING_BYTES = 2 ** 22;
const ACCOUNTS = 100_000;
const PAYLOAD_BYTES = 64;
const SETTINGS = { shard: 0, identity: 1, fileBytesMax: 2 ** 26, rows: ACCOUNTS, idWindowsMax: 2 ** 20 };
const DURABILITY = { acknowledgementsMax: 2 ** 16, idWindowsMax: 2 ** 20 };
const QUEUED = 1_000_000;
const RATE_SECONDS = 4;
const RATE_PER_SECOND = 10_000;
const RANGE_BITS = 27;

const nowMicros = (): number => performance.now() * 1000;
const root = mkdtempSync(join(tmpdir(), 'trunkline-store-bench-'));

/** Rows of accounts. */
class Rows {
  readonly mailboxes = new Int32Array(ACCOUNTS);
  readonly sequences = new Int32Array(ACCOUNTS);
}

/** A shard's store with its writer; made on the files of a folder. */
class Store {
  readonly rows = new Rows();
  readonly mailboxes: MailboxStore;
  readonly writer: LogWriter;
  readonly #disk: FileDisk;
  readonly #entry: MailboxEntry = {
    ...{ accountRow: 0, sequence: 0, sender: 0, id: 0, isReceipt: false, ...PHONE_TO_PHONE },
    ...{ address: 0, generation: 0, highest: 0, seen: 0 },
    ...{ payload: new DataView(new ArrayBuffer(PAYLOAD_BYTES)), payloadAt: 0, payloadBytes: PAYLOAD_BYTES },
  };
  #sent = 0;

  constructor(folder: string) {
    this.#disk = new FileDisk(folder);
    const buffer = logBuffer(new SharedArrayBuffer(logBufferBytes(RING_BYTES)), RING_BYTES);
    this.writer = new LogWriter(SETTINGS, { buffer, disk: this.#disk, checksum: crc32, wake: () => {} });
    const log = new DurableLog({ buffer, wake: () => {}, replay: () => {} });
    this.mailboxes = new MailboxStore(new MailboxIndex(QUEUED + 2 ** 17), log, DURABILITY);
  }

  /** Takes a message as a home does. @returns whether there was room. */
  append(): boolean {
    const entry = this.#entry;
    const row = mixPair(this.#sent, 1) % ACCOUNTS;
    entry.accountRow = row < 0 ? row + ACCOUNTS : row;
    entry.sender = this.#sent % ACCOUNTS;
    entry.id = Math.floor(this.#sent / ACCOUNTS) + 1;
    entry.sequence = this.rows.sequences[entry.accountRow] ?? 0;
    this.mailboxes.judge(entry);
    entry.sequence++;
    const name = this.mailboxes.append(this.rows.mailboxes[entry.accountRow] ?? 0, entry);
    if (name < 0) return false;
    this.rows.mailboxes[entry.accountRow] = name;
    this.rows.sequences[entry.accountRow] = entry.sequence;
    this.#sent++;
    return true;
  }

  /** Stores what was appended. @returns how many messages are complete. */
  commit(): number {
    this.mailboxes.submit();
    while (this.writer.hasWork()) this.writer.doWork();
    let done = 0;
    for (; this.mailboxes.hasCompletions; done++) this.mailboxes.takeCompleted();
    return done;
  }

  close(): void {
    this.#disk.close();
  }
}

/** Fills a store as fast as the disk takes it. */
function fill(): Record<string, number> {
  const folder = mkdtempSync(join(root, 'fill-'));
  const store = new Store(folder);
  const begin = nowMicros();
  let stored = 0;
  while (stored < QUEUED) {
    for (let n = stored; n < QUEUED && store.append(); n++);
    stored += store.commit();
  }
  const seconds = (nowMicros() - begin) / 1e6;
  const { frames } = store.writer;
  const bytes = store.writer.bytes;
  store.close();
  return {
    storedMessagesPerSecond: QUEUED / seconds,
    messagesPerCommit: QUEUED / frames,
    storeBytesPerMessage: bytes / QUEUED,
  };
}

/** Offers messages at a fixed rate: each is acknowledged when the commit that it is in is over. */
function offer(): Record<string, number> {
  const folder = mkdtempSync(join(root, 'rate-'));
  const syncs = syncTimes(folder, nowMicros).sort((a, b) => a - b);
  const store = new Store(folder);
  const latency = Histogram.ofRange(RANGE_BITS);
  const everyMicros = 1e6 / RATE_PER_SECOND;
  const begin = nowMicros();
  for (let sent = 0, done = 0; done < RATE_SECONDS * RATE_PER_SECOND; ) {
    const now = nowMicros();
    while (sent < RATE_SECONDS * RATE_PER_SECOND && begin + sent * everyMicros <= now && store.append()) sent++;
    const complete = store.commit();
    const after = nowMicros();
    for (let n = 0; n < complete; n++) latency.record(after - (begin + (done + n) * everyMicros));
    done += complete;
  }
  store.close();
  const at = (share: number): number => syncs[Math.ceil(share * syncs.length) - 1] ?? 0;
  return {
    syncP50Micros: at(0.5),
    syncP99Micros: at(0.99),
    acknowledgementP50Micros: latency.percentile(50),
    acknowledgementP99Micros: latency.percentile(99),
    acknowledgementP99ToSyncP50Ratio: latency.percentile(99) / at(0.5),
    acknowledgementP99ToSyncP99Ratio: latency.percentile(99) / at(0.99),
  };
}

try {
  process.stdout.write(`${JSON.stringify({ ...fill(), ...offer() })}\n`);
} finally {
  rmSync(root, { recursive: true, force: true });
}
