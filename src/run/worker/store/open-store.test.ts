/** Which ids phones of a store begin with; and a temporary store that cannot be made: nothing of it is left. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import { ID_WINDOW, SERIAL_MASK, serialDistance } from '../../../base/serial-distance.ts';
import { FileDisk } from '../../../disk/file-disk.ts';
import { logFolder } from '../../../disk/store-folder.ts';
import type { RunPlan } from '../../../plan/run-plan.ts';
import { DurableLog } from '../../../store/durable/durable-log.ts';
import { logBuffer, logBufferBytes } from '../../../store/durable/log-buffer.ts';
import { LogWriter } from '../../../store/durable/log-writer.ts';
import { PHONE_TO_PHONE } from '../../../store/mailbox-entry.ts';
import { smallPlan } from '../../sides/small-run.test-suite.ts';
import { openStore } from './open-store.ts';

const root = mkdtempSync(join(tmpdir(), 'trunkline-open-'));
const before = process.env['TMPDIR'];
/** Bytes of the longest path of Linux, without its zero. */
const PATH_BYTES_MAX = 4095;
const NAME_BYTES = 200;
const STORE_NAME_BYTES = '/trunkline-store-123456'.length;

after(() => {
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
  rmSync(root, { recursive: true, force: true });
});

/** A folder whose path has so many bytes. */
function longFolder(bytes: number): string {
  let path = root;
  while (path.length < bytes - 2 * NAME_BYTES) path = join(path, 'x'.repeat(NAME_BYTES - 1));
  path = join(path, 'x'.repeat((bytes - path.length - 2) >> 1));
  path = join(path, 'x'.repeat(bytes - path.length - 1));
  mkdirSync(path, { recursive: true });
  return path;
}

/** A store that is opened and not told that its run has ended, as when the process dies. */
function openAndClose(folder: string): RunPlan {
  const store = openStore(smallPlan('switch.durability=async'), folder);
  assert.ok(store !== null);
  store.close();
  return store.plan;
}

/** Messages with these ids, all of one phone, which the log of a shard has recorded. */
function fillLog(folder: string, identity: number, ids: readonly number[]): void {
  const disk = new FileDisk(folder);
  const ringBytes = 2 ** 16;
  const buffer = logBuffer(new SharedArrayBuffer(logBufferBytes(ringBytes)), ringBytes);
  const settings = { shard: 1, identity, fileBytesMax: 2 ** 20, rows: 100, idWindowsMax: 64 };
  const writer = new LogWriter(settings, { buffer, disk, checksum: crc32, wake: () => {} });
  const log = new DurableLog({ buffer, wake: () => {}, replay: () => {} });
  ids.forEach((id, n) => {
    const session = { address: 0, generation: 0, highest: id & SERIAL_MASK, seen: 1 };
    const payload = { payload: new DataView(new ArrayBuffer(8)), payloadAt: 0, payloadBytes: 8 };
    const place = { accountRow: n, sequence: 1, sender: 3, id: id & SERIAL_MASK, isReceipt: false };
    assert.ok(log.append({ ...place, ...PHONE_TO_PHONE, ...session, ...payload }));
  });
  log.submit();
  while (writer.hasWork()) writer.doWork();
  disk.close();
}

describe('the store that a user names', () => {
  const plan = () => smallPlan('switch.durability=async');

  it('gives phones ids above those that were used, whatever the date, and else by the date', () => {
    const folder = join(root, 'named');
    const first = openStore(plan(), folder);
    assert.ok(first !== null);
    const { idsBefore: byDate } = first.plan;
    first.noteSent(0);
    first.close();
    const second = openStore(plan(), folder);
    const years = 3e8; // of ids: as if the date had been set back since
    second?.noteSent(years);
    second?.close();
    const third = openStore(plan(), folder);
    assert.ok(serialDistance(third?.plan.idsBefore ?? 0, byDate + years) >= ID_WINDOW);
    third?.close();
    writeFileSync(join(folder, 'ids-used'), `${(byDate - 1000) & SERIAL_MASK}`); // minutes ago
    const fourth = openStore(plan(), folder);
    assert.ok(serialDistance(fourth?.plan.idsBefore ?? 0, byDate) >= 0);
    fourth?.close();
  });

  it('gives phones ids above those in its logs where its last run died, or its phones were elsewhere', () => {
    const folder = join(root, 'died');
    openStore(plan(), folder)?.close();
    const { folder: place = '', identity = 0 } = openAndClose(folder).storePlace ?? {};
    const used = openAndClose(folder).idsBefore + 5e6; // weeks ahead of the date
    fillLog(logFolder(place, 1), identity, [used - 7, used, used - 99]);
    const died = openAndClose(folder);
    assert.ok(serialDistance(died.idsBefore, used) >= ID_WINDOW, 'read from the logs');
    const next = openStore(plan(), folder);
    assert.ok(!readdirSync(folder).includes('ids-used'), 'nothing is noted of a run that has not ended');
    next?.noteSent(40);
    next?.close();
    const last = openAndClose(folder);
    assert.ok(serialDistance(last.idsBefore, died.idsBefore) >= 40, 'as noted');
  });

  it('that has been closed with a damaged note of ids is refused, and can be opened again', () => {
    const folder = join(root, 'damaged');
    openStore(plan(), folder)?.close();
    writeFileSync(join(folder, 'ids-used'), 'many');
    assert.throws(() => openStore(plan(), folder), { code: 'STORE_DAMAGED' });
    rmSync(join(folder, 'ids-used'));
    openStore(plan(), folder)?.close(); // its lock is gone
  });
});

describe('a temporary store', () => {
  it('is refused where there is no folder for temporary files', () => {
    process.env['TMPDIR'] = join(root, 'nowhere');
    assert.throws(() => openStore(smallPlan('switch.durability=async'), null), { code: 'STORE_UNWRITABLE' });
  });

  it('is refused on a disk that has less space than the run can need, before anything is made', () => {
    process.env['TMPDIR'] = '/proc'; // a file system without space
    assert.throws(() => openStore(smallPlan('switch.durability=async'), null), {
      code: 'STORE_NO_SPACE',
      message: /disk for the store: needs .* the file system of \/proc allows 0 B: .*--store DIR/s,
    });
  });

  it('leaves no folder where its files cannot be made', () => {
    const folder = longFolder(PATH_BYTES_MAX - STORE_NAME_BYTES - 2); // no file of the store has a name so short
    process.env['TMPDIR'] = folder;
    assert.throws(() => openStore(smallPlan('switch.durability=async'), null), { code: 'STORE_UNWRITABLE' });
    assert.deepEqual(readdirSync(folder), []);
  });
});
