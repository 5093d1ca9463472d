import assert from 'node:assert/strict';
import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { freeDiskBytes } from './free-disk-bytes.ts';

it('is that of the folder in which a folder would be made, and of no other file system', () => {
  const { blocks, bsize } = statfsSync(tmpdir());
  const found = freeDiskBytes(join(tmpdir(), 'not', 'there', 'yet')) ?? assert.fail('a path has a root');
  assert.ok(found >= 0 && found <= blocks * bsize, `${found} of ${blocks * bsize}`);
  assert.equal(freeDiskBytes('/proc/nothing'), 0, 'proc has no space');
});
