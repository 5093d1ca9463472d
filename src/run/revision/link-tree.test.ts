import assert from 'node:assert/strict';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { linkTree } from './link-tree.ts';

const top = mkdtempSync(join(tmpdir(), 'trunkline-link-'));
after(() => rmSync(top, { recursive: true, force: true }));

describe('a folder once more', () => {
  it('has the same files by hard links, and links that point where they pointed', async () => {
    const from = join(top, 'from');
    mkdirSync(join(from, 'a', 'empty'), { recursive: true });
    writeFileSync(join(from, 'a', 'file'), 'text');
    symlinkSync('../a/file', join(from, 'a', 'link'));
    symlinkSync('nowhere', join(from, 'dangling'));
    const to = join(top, 'to');
    await linkTree(from, to);
    assert.equal(statSync(join(to, 'a', 'file')).ino, statSync(join(from, 'a', 'file')).ino);
    assert.ok(lstatSync(join(to, 'a', 'link')).isSymbolicLink());
    assert.equal(readlinkSync(join(to, 'a', 'link')), '../a/file');
    assert.equal(readlinkSync(join(to, 'dangling')), 'nowhere');
    assert.ok(statSync(join(to, 'a', 'empty')).isDirectory());
    rmSync(to, { recursive: true });
    assert.equal(readFileSync(join(from, 'a', 'file'), 'utf8'), 'text', 'outlives its copy');
  });

  it('is never laid over one that is there', async () => {
    const from = join(top, 'other');
    mkdirSync(from);
    await assert.rejects(linkTree(from, top), { code: 'EEXIST' });
  });
});
