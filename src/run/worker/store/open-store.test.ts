/** A temporary store that cannot be made: the user is told why, and nothing of it is left. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { ID_WINDOW, SERIAL_MASK, serialDistance } from '../../../base/serial-distance.ts';
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

describe('the store that a user names', () => {
  const plan = () => smallPlan('switch.durability=async');

  it('gives phones ids above those that were used, whatever the date, and else by the date', () => {
    const folder = join(root, 'named');
    const first = openStore(plan(), folder);
    assert.ok(first !== null);
    const { idsBefore: byDate } = first.plan;
    first.noteSent(0);
    first.close();
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('ids')),
      [],
      'nothing was sent',
    );
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
