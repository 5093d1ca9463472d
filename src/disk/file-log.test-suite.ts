/** A log on files with both of its ends in one thread, for tests. */
import { crc32 } from 'node:zlib';
import { DurableLog } from '../store/durable/durable-log.ts';
import { logBuffer, logBufferBytes } from '../store/durable/log-buffer.ts';
import { LogWriter } from '../store/durable/log-writer.ts';
import { PHONE_TO_PHONE } from '../store/mailbox-entry.ts';
import { FileDisk } from './file-disk.ts';

const RING_BYTES = 2 ** 16;
export const IDENTITY = { shard: 0, identity: 1 };

export class FileLog {
  readonly log: DurableLog;
  readonly writer: LogWriter;
  readonly #disk: FileDisk;
  readonly #payload = new DataView(new ArrayBuffer(2048));

  constructor(path: string, rows = 1) {
    this.#disk = new FileDisk(path);
    const buffer = logBuffer(new SharedArrayBuffer(logBufferBytes(RING_BYTES)), RING_BYTES);
    const settings = { ...IDENTITY, fileBytesMax: 1500, rows, idWindowsMax: 0 };
    this.writer = new LogWriter(settings, { buffer, disk: this.#disk, checksum: crc32, wake: () => {} });
    this.log = new DurableLog({ buffer, wake: () => {}, replay: () => {} });
  }

  /** Records an entry of account 0. @returns false if there is no room. */
  append(sequence: number, payloadBytes: number): boolean {
    const names = { accountRow: 0, sequence, sender: 1, id: sequence, isReceipt: false, address: 0, generation: 0 };
    const group = { ...PHONE_TO_PHONE, highest: sequence, seen: 1 };
    return this.log.append({ ...names, ...group, payload: this.#payload, payloadAt: 0, payloadBytes });
  }

  /** Submits what was recorded, and lets the writer work until nothing is left. */
  writeAll(): void {
    this.log.submit();
    while (this.writer.doWork());
  }

  close(): void {
    this.#disk.close();
  }
}
