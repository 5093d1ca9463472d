/** Opens the store of a run: the folder that the user names, or a temporary one that is removed at the end. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TrunklineError } from '../../../base/errors.ts';
import { ID_WINDOW, SERIAL_MASK, serialDistance } from '../../../base/serial-distance.ts';
import { freeDiskBytes } from '../../../disk/free-disk-bytes.ts';
import { newestId } from '../../../disk/newest-id.ts';
import { attempt, StoreFolder } from '../../../disk/store-folder.ts';
import { syncTimes } from '../../../disk/sync-times.ts';
import { processStart } from '../../../measure/process-start.ts';
import { problemText } from '../../../plan/preflight.ts';
import type { RunPlan } from '../../../plan/run-plan.ts';
import { isProblem } from '../../../plan/sockets/plan-check.ts';
import { storeSpaceCheck } from '../../../plan/store-space.ts';
import type { StoreOpened } from '../../../verdict/record/store-figures.ts';

export interface OpenStore {
  /** With the place of the store, and ids above those of earlier runs. */
  readonly plan: RunPlan;
  /** Measures how long its disk takes for a sync, which takes half a second at most. @throws STORE_UNWRITABLE */
  measure(): StoreOpened;
  /**
   * Notes how many messages the phone has sent that sent most, so that the phones of the next run use other ids. Where
   * nobody does, they are read from the logs.
   * @throws STORE_UNWRITABLE
   */
  noteSent(mostByPhone: number): void;
  /** Lets others open it; a temporary store is removed. */
  close(): void;
}

/** Ids per second of calendar time. What phones use faster is noted at the end of a run. */
const IDS_PER_SECOND = 4;
const MILLIS_PER_SECOND = 1000;

/**
 * The id before the first one of phones that begin now. Phones that have forgotten their ids must not use one again,
 * since the store would take a new message for one that it has: so they begin with the time, as a phone does that was
 * reset.
 */
export function idsBefore(nowMillis: number): number {
  return Math.floor((nowMillis / MILLIS_PER_SECOND) * IDS_PER_SECOND) & SERIAL_MASK;
}

/**
 * The same for phones of a store: its last run may have used ids faster than time passes, or the date was set back
 * since. What the last run has noted saves reading the logs, which a run that died or a switch with phones elsewhere
 * leaves to do.
 */
function idsBeforeOn(store: StoreFolder, nowMillis: number): number {
  const byDate = idsBefore(nowMillis);
  const used = store.idsUsed;
  if (used !== null) return serialDistance(used, byDate) > 0 ? used : byDate;
  const newest = newestId(store, byDate);
  return newest === byDate ? byDate : (newest + ID_WINDOW) & SERIAL_MASK; // what died with the run was at most so far ahead
}

/**
 * @param folder null for a temporary one.
 * @returns null if the plan has no store.
 * @throws STORE_NO_SPACE if the disk has less than the run can need; STORE_MISSING, STORE_DAMAGED, STORE_VERSION,
 * STORE_MISMATCH, STORE_LOCKED, STORE_FOREIGN, STORE_UNWRITABLE or STORE_FAILED.
 */
export function openStore(plan: RunPlan, folder: string | null): OpenStore | null {
  if (plan.store === null) return null;
  checkSpace(plan, folder ?? tmpdir());
  const isTemporary = folder === null;
  const path = folder ?? attempt(tmpdir(), 'make', () => mkdtempSync(join(tmpdir(), 'trunkline-store-')));
  let store: StoreFolder | null = null;
  const close = (): void => {
    store?.close();
    if (isTemporary) rmSync(path, { recursive: true, force: true });
  };
  try {
    store = StoreFolder.open(path, {
      shards: plan.shape.shards,
      numbering: plan.numbering,
      groups: plan.groups,
      identity: randomBytes(4).readUInt32LE(),
      processStart,
    });
    return opened(plan, store, isTemporary, close);
  } catch (error) {
    close();
    throw error;
  }
}

function checkSpace(plan: RunPlan, folder: string): void {
  const check = storeSpaceCheck(plan, folder, freeDiskBytes(folder));
  if (check === null || !isProblem(check)) return;
  throw new TrunklineError('STORE_NO_SPACE', `The store does not fit its disk:\n${problemText(check)}`);
}

function opened(plan: RunPlan, store: StoreFolder, isTemporary: boolean, close: () => void): OpenStore {
  const { path: folder, manifest, bytes } = store;
  const before = isTemporary ? idsBefore(Date.now()) : idsBeforeOn(store, Date.now());
  if (!isTemporary) store.forgetIdsUsed();
  const measure = (): StoreOpened => {
    const times = attempt(folder, 'sync', () => syncTimes(folder, () => performance.now() * 1000));
    return { folder, isTemporary, syncTimes: times };
  };
  const noteSent = (mostByPhone: number): void => {
    if (!isTemporary) store.noteIdsUsed((before + mostByPhone + ID_WINDOW) & SERIAL_MASK);
  };
  return {
    plan: { ...plan, storePlace: { folder, identity: manifest.identity, bytes }, idsBefore: before },
    measure,
    noteSent,
    close,
  };
}
