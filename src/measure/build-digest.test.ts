import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { buildDigest } from './build-digest.ts';

describe('the digest of a build', () => {
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-digest-'));
  after(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

  it('changes with the text and the names of its code, and with nothing else', () => {
    mkdirSync(join(folder, 'room'));
    write('a.js', 'one');
    write('room/b.js', 'two');
    const before = buildDigest(folder);
    assert.match(before, /^[0-9a-f]{16}$/);
    write('room/b.test.js', 'a test');
    write('page.html', 'a page');
    write('room/b.js.map', '{}');
    write('room/b.d.ts', '');
    assert.equal(buildDigest(folder), before);
    write('room/b.js', 'three');
    assert.notEqual(buildDigest(folder), before);
    write('room/b.js', 'two');
    assert.equal(buildDigest(folder), before);
    write('a.js', 'oneroom/b.js\0two');
    write('room/b.js', '');
    assert.notEqual(buildDigest(folder), before, 'where one file ends');
    write('a.js', 'one');
    write('room/b.js', 'two');
    renameSync(join(folder, 'room/b.js'), join(folder, 'room/c.js'));
    assert.notEqual(buildDigest(folder), before);
  });

  it('is that of the running program by default', () => {
    assert.equal(buildDigest(), buildDigest());
  });
});
