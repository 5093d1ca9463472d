/** A temporary store that cannot be made: the user is told why, and nothing of it is left. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
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
