/**
 * The folder of a store: a manifest that says what it is, a folder with the log of each shard, and a lock.
 *
 *     store.json       format, identity, shards, numbering plan, plan of groups
 *     shard-000/       files of a log (file-disk.ts)
 *     ids-used         the highest id that phones of the last run may have used; missing while the store is open, and where
 *                      its last user did not say so: a run that died, or a switch whose phones are elsewhere
 *     lock-PID-START   of the process that has the store open
 *
 * A store is opened only by what it was made for. Whatever does not fit is an error that names the file; nothing is
 * changed then, and nothing is guessed. The lock works as that of a series (run/series/series-lock.ts): each process
 * creates its file and then looks for others.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { causeOf } from '../base/cause-of.ts';
import { type ErrorCode, TrunklineError } from '../base/errors.ts';
import { SERIAL_MASK } from '../base/serial-distance.ts';
import type { GroupPlanSettings } from '../wire/group-plan.ts';
import type { NumberBlock } from '../wire/numbering-plan.ts';

const MANIFEST = 'store.json';
const IDS_USED = 'ids-used';
const LOCK = /^lock-(\d+)-(\d+)$/;
const DIGITS = 3;
/** Names what the file is, so that no other JSON is taken for it. */
const KIND = 'trunkline.store';
const STORE_FORMAT = 3;

/** What a store was made for. */
export interface StoreManifest {
  readonly format: number;
  /** 32 bits, drawn at random: it is in every file of the store. */
  readonly identity: number;
  readonly shards: number;
  readonly numbering: readonly NumberBlock[];
  /** Members of groups are stored as changes since this plan; null without groups. */
  readonly groups: GroupPlanSettings | null;
}

/** What the store is opened for, and what it needs of its process. */
export interface StoreOpening {
  readonly shards: number;
  readonly numbering: readonly NumberBlock[];
  readonly groups: GroupPlanSettings | null;
  /** For a new store. */
  readonly identity: number;
  /** The start time of a process; null if there is none with this id. See measure/process-start. */
  readonly processStart: (processId: number) => string | null;
}

function bytesOfFiles(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

/** The folder of a shard's log. */
export function logFolder(folder: string, shard: number): string {
  return join(folder, `shard-${String(shard).padStart(DIGITS, '0')}`);
}

export class StoreFolder {
  readonly path: string;
  readonly manifest: StoreManifest;
  readonly #lock: string;

  private constructor(path: string, manifest: StoreManifest, lock: string) {
    this.path = path;
    this.manifest = manifest;
    this.#lock = lock;
  }

  /**
   * Opens the store in a folder, or makes one if the folder is empty or missing.
   * @throws STORE_MISSING, STORE_DAMAGED, STORE_VERSION, STORE_MISMATCH, STORE_LOCKED, STORE_UNWRITABLE or
   *   STORE_FAILED.
   */
  static open(path: string, opening: StoreOpening): StoreFolder {
    const names = attempt(path, 'open', () => {
      mkdirSync(path, { recursive: true });
      return readdirSync(path);
    });
    const isNew = !names.includes(MANIFEST) && names.every((name) => LOCK.test(name));
    const found = isNew ? null : readManifest(path);
    if (found !== null) checkManifest(path, found, opening);
    const lock = takeLock(path, opening.processStart);
    try {
      return new StoreFolder(path, found ?? makeStore(path, opening), lock);
    } catch (error) {
      rmSync(lock, { force: true });
      throw error;
    }
  }

  /** Opens a store to read it, whatever it was made for. @throws as {@link open}. */
  static openAny(path: string, processStart: StoreOpening['processStart']): StoreFolder {
    const manifest = readManifest(path);
    return new StoreFolder(path, manifest, takeLock(path, processStart));
  }

  /** Bytes of all files of its logs. @throws STORE_DAMAGED if the folder of a log is missing, or STORE_FAILED. */
  get bytes(): number {
    let bytes = 0;
    for (let shard = 0; shard < this.manifest.shards; shard++) {
      const folder = this.logOf(shard);
      bytes += attempt(this.path, 'read', () => bytesOfFiles(folder));
    }
    return bytes;
  }

  /** What {@link noteIdsUsed} has noted; null if nothing. @throws STORE_DAMAGED or STORE_FAILED. */
  get idsUsed(): number | null {
    const file = join(this.path, IDS_USED);
    if (!existsSync(file)) return null;
    const text = attempt(this.path, 'read', () => readFileSync(file, 'utf8')).trim();
    if (/^\d{1,10}$/.test(text) && Number(text) <= SERIAL_MASK) return Number(text);
    throw new TrunklineError(
      'STORE_DAMAGED',
      `Expected ${file} to have an id from 0 to ${SERIAL_MASK}, found something else. Nothing was changed. Remove it: the next run then reads from the logs which ids were used.`,
    );
  }

  /** From now on more ids may be used than were noted. @throws STORE_UNWRITABLE */
  forgetIdsUsed(): void {
    attempt(this.path, 'write', () => rmSync(join(this.path, IDS_USED), { force: true }));
  }

  /** Notes the highest id that a phone may have used, as a whole or not at all. @throws STORE_UNWRITABLE */
  noteIdsUsed(id: number): void {
    const draft = join(this.path, `${IDS_USED}-draft`);
    attempt(this.path, 'write', () => {
      writeFileSync(draft, `${id}\n`);
      renameSync(draft, join(this.path, IDS_USED));
    });
  }

  /** The folder of a shard's log. @throws STORE_DAMAGED if it is missing. */
  logOf(shard: number): string {
    const folder = logFolder(this.path, shard);
    if (existsSync(folder)) return folder;
    throw new TrunklineError(
      'STORE_DAMAGED',
      `Expected the log of shard ${shard} of the store in ${folder}, found no such folder. Acknowledged messages may be lost, so nothing was changed. Restore it from a copy, or start with an empty store.`,
    );
  }

  /** Lets others open it. */
  close(): void {
    rmSync(this.#lock, { force: true });
  }
}

/** @throws STORE_MISSING, STORE_DAMAGED, STORE_VERSION, or STORE_FAILED if it cannot be read. */
function readManifest(path: string): StoreManifest {
  const file = join(path, MANIFEST);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw failed(path, 'read', error);
    throw new TrunklineError(
      'STORE_MISSING',
      `Expected ${path} to be a store, with ${MANIFEST} in it, found none. Name the folder of a store; to make one, name an empty folder or one that does not exist.`,
    );
  }
  const found = parse(text);
  if (found === null) {
    throw new TrunklineError(
      'STORE_DAMAGED',
      `Expected ${file} to describe the store, found something else. Nothing was changed. Restore the folder from a copy, or start with an empty one.`,
    );
  }
  if (found.format !== STORE_FORMAT) {
    throw new TrunklineError(
      'STORE_VERSION',
      `${file}: expected a store in format ${STORE_FORMAT}, found format ${found.format}. Start the version of trunkline that wrote it, or use another folder.`,
    );
  }
  return found;
}

/** The manifest in a text; null if it is none. */
function parse(text: string): StoreManifest | null {
  try {
    const found = JSON.parse(text) as Partial<Record<string, unknown>> | null;
    if (found === null || found['kind'] !== KIND || !isCount(found['format'])) return null;
    const { format, identity, shards, numbering, groups = null } = found;
    if (format !== STORE_FORMAT) return { format, identity: 0, shards: 0, numbering: [], groups: null };
    if (!isCount(identity) || !isCount(shards) || shards < 1 || !Array.isArray(numbering)) return null;
    return {
      format,
      identity,
      shards,
      numbering: numbering as NumberBlock[],
      groups: groups as GroupPlanSettings | null,
    };
  } catch {
    return null;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** @throws STORE_MISMATCH if the store was made for something else. */
function checkManifest(path: string, { shards, numbering, groups }: StoreManifest, wanted: StoreOpening): void {
  const file = join(path, MANIFEST);
  if (shards !== wanted.shards) {
    throw new TrunklineError(
      'STORE_MISMATCH',
      `${file}: expected a store of ${wanted.shards} shards, found one of ${shards}. Start with --set switch.shards=${shards}, or use another folder.`,
    );
  }
  const [found, asked] = [JSON.stringify(numbering), JSON.stringify(wanted.numbering)];
  if (found !== asked) {
    throw new TrunklineError(
      'STORE_MISMATCH',
      `${file}: expected the numbering plan ${asked}, found ${found}. Start with the numbers that the store was made for, or use another folder.`,
    );
  }
  const [foundGroups, askedGroups] = [JSON.stringify(groups), JSON.stringify(wanted.groups)];
  if (foundGroups === askedGroups) return;
  throw new TrunklineError(
    'STORE_MISMATCH',
    `${file}: expected the groups ${askedGroups}, found ${foundGroups}. Start with the groups and the seed that the store was made for, or use another folder.`,
  );
}

/** @throws STORE_LOCKED if another process has the store open, STORE_UNWRITABLE or STORE_FAILED. */
function takeLock(path: string, processStart: StoreOpening['processStart']): string {
  const own = `lock-${process.pid}-${processStart(process.pid) ?? 0}`;
  const lock = join(path, own);
  attempt(path, 'lock', () => writeFileSync(lock, ''));
  try {
    for (const name of attempt(path, 'read', () => readdirSync(path)))
      if (name !== own) checkLock(path, name, processStart);
  } catch (error) {
    rmSync(lock, { force: true });
    throw error;
  }
  return lock;
}

/** A lock of a process that has ended is removed. @throws STORE_LOCKED or STORE_UNWRITABLE. */
function checkLock(path: string, name: string, processStart: StoreOpening['processStart']): void {
  const [, processId, start] = LOCK.exec(name) ?? [];
  if (processId === undefined) return;
  if (processStart(Number(processId)) !== start) {
    attempt(path, 'lock', () => rmSync(join(path, name), { force: true }));
    return;
  }
  throw new TrunklineError(
    'STORE_LOCKED',
    `${join(path, name)}: process ${processId} has this store open. End it first, or use another folder.`,
  );
}

/** The manifest comes last, so that a folder with one is whole. */
function makeStore(path: string, { shards, numbering, groups, identity }: StoreOpening): StoreManifest {
  const manifest = { format: STORE_FORMAT, identity, shards, numbering, groups };
  attempt(path, 'make', () => {
    for (let shard = 0; shard < shards; shard++) mkdirSync(logFolder(path, shard), { recursive: true });
    const descriptor = openSync(join(path, MANIFEST), 'wx', 0o600);
    try {
      writeFileSync(descriptor, `${JSON.stringify({ kind: KIND, ...manifest })}\n`);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    const folder = openSync(path, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  });
  return manifest;
}

/** @throws STORE_FAILED if a store cannot be read, STORE_UNWRITABLE if something else is not possible. */
export function attempt<T>(path: string, what: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw failed(path, what, error);
  }
}

function failed(path: string, what: string, cause: unknown): TrunklineError {
  const isRead = what === 'read';
  const code: ErrorCode = isRead ? 'STORE_FAILED' : 'STORE_UNWRITABLE';
  const advice = isRead
    ? 'Give this user the right to read it, check the disk, or restore the folder from a copy.'
    : 'Give it a folder that can be written, on a disk with room.';
  const reason = causeOf(cause);
  return new TrunklineError(code, `Expected to ${what} the store in ${path}, but ${reason}. ${advice}`, { cause });
}
