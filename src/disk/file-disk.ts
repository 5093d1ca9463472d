/** The files of a shard's log in a folder. Each call waits for the disk; it runs in a store thread, which may wait. */
import {
  closeSync,
  constants,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { causeOf } from '../base/cause-of.ts';
import { TrunklineError } from '../base/errors.ts';
import { DRAFT, type LogDisk, type LogFile } from '../store/durable/log-disk.ts';

const DRAFT_NAME = 'draft.log';
const DIGITS = 10;
const NAME = /^(\d{10})\.log$/;

interface OpenFile {
  readonly descriptor: number;
  bytes: number;
}

/** What the system says if there is no room for more, or a quota is reached. */
const FULL_CODES = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
/** The same for a new file, or if the process, or the system, has no descriptor left. Both may end by themselves. */
const NO_FILE_CODES = new Set([...FULL_CODES, 'EMFILE', 'ENFILE']);

export class FileDisk implements LogDisk {
  readonly #folder: string;
  /** By number, at most all files of the log and a draft. */
  readonly #open = new Map<number, OpenFile>();
  /** Of the folder, kept open, so that a sync of it never lacks a descriptor. */
  #folderDescriptor: number | null = null;

  /** @param folder must exist. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  files(): readonly LogFile[] {
    return this.#attempt('read', () =>
      readdirSync(this.#folder)
        .flatMap((name) => NAME.exec(name)?.[1] ?? [])
        .map((digits) => ({ number: Number(digits), bytes: statSync(this.#path(Number(digits))).size }))
        .sort((a, b) => a.number - b.number),
    );
  }

  create(file: number): boolean {
    this.#close(file);
    try {
      this.#openFolder(); // also for a draft, whose place is synced later
      const descriptor = openSync(this.#path(file), 'w+', 0o600);
      this.#open.set(file, { descriptor, bytes: 0 });
      if (file !== DRAFT) this.#syncFolder();
    } catch (error) {
      if (!NO_FILE_CODES.has((error as NodeJS.ErrnoException).code ?? '')) throw this.#failed('create', error);
      return false;
    }
    return true;
  }

  append(file: number, bytes: Uint8Array, start: number, end: number): boolean {
    const at = this.#file(file);
    try {
      // At a position, so that a part that was written before the disk was full is written again.
      for (let done = start; done < end; ) {
        done += writeSync(at.descriptor, bytes, done, end - done, at.bytes + done - start);
      }
    } catch (error) {
      if (!FULL_CODES.has((error as NodeJS.ErrnoException).code ?? '')) throw this.#failed('write', error);
      return false;
    }
    at.bytes += end - start;
    return true;
  }

  beginSync(file: number): void {
    this.#attempt('sync', () => fdatasyncSync(this.#file(file).descriptor));
  }

  isSynced(): boolean {
    return true;
  }

  read(file: number, at: number, into: Uint8Array, start: number, end: number): number {
    const { descriptor } = this.#file(file);
    let done = start;
    this.#attempt('read', () => {
      for (let got = -1; got !== 0 && done < end; done += got) {
        got = readSync(descriptor, into, done, end - done, at + done - start);
      }
    });
    return done - start;
  }

  truncate(file: number, bytes: number): void {
    const at = this.#file(file);
    this.#attempt('truncate', () => ftruncateSync(at.descriptor, bytes));
    at.bytes = bytes;
  }

  replace(file: number): void {
    this.#close(file);
    this.#attempt('rename', () => {
      renameSync(this.#path(DRAFT), this.#path(file));
      this.#syncFolder();
    });
    const draft = this.#open.get(DRAFT);
    this.#open.delete(DRAFT);
    if (draft !== undefined) this.#open.set(file, draft);
  }

  remove(file: number): void {
    this.#close(file);
    this.#attempt('remove', () => rmSync(this.#path(file)));
  }

  nameOf(file: number): string {
    return this.#path(file);
  }

  /** Closes all files. */
  close(): void {
    if (this.#folderDescriptor !== null) closeSync(this.#folderDescriptor);
    this.#folderDescriptor = null;
    for (const file of [...this.#open.keys()]) this.#close(file);
  }

  #path(file: number): string {
    return join(this.#folder, file === DRAFT ? DRAFT_NAME : `${String(file).padStart(DIGITS, '0')}.log`);
  }

  #file(file: number): OpenFile {
    const known = this.#open.get(file);
    if (known !== undefined) return known;
    return this.#attempt('open', () => {
      const descriptor = openSync(this.#path(file), constants.O_RDWR);
      const opened = { descriptor, bytes: statSync(this.#path(file)).size };
      this.#open.set(file, opened);
      return opened;
    });
  }

  #close(file: number): void {
    const known = this.#open.get(file);
    if (known === undefined) return;
    this.#open.delete(file);
    closeSync(known.descriptor);
  }

  /** A new name in a folder is only permanent when the folder is. */
  #syncFolder(): void {
    fsyncSync(this.#openFolder());
  }

  #openFolder(): number {
    this.#folderDescriptor ??= openSync(this.#folder, 'r');
    return this.#folderDescriptor;
  }

  #attempt<T>(what: string, run: () => T): T {
    try {
      return run();
    } catch (error) {
      throw this.#failed(what, error);
    }
  }

  #failed(what: string, cause: unknown): TrunklineError {
    const reason = causeOf(cause);
    return new TrunklineError(
      'STORE_FAILED',
      `Expected to ${what} a file of the store in ${this.#folder}, but ${reason}. Nothing more is acknowledged. Check the disk and the rights of the folder.`,
      { cause },
    );
  }
}
