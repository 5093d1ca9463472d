/** The figures of the documents are those of the kept results, and `check-figures` notices where they are not. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const COPIED = ['README.md', 'results/reference', 'src/scenario/terms/transports.ts'];
const folder = mkdtempSync(join(tmpdir(), 'trunkline-'));

function check(...args: string[]): { code: number | null; stderr: string } {
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, 'scripts/check-figures.mjs'), '--root', folder, ...args],
    { encoding: 'utf8' },
  );
  return { code: status, stderr };
}
const read = (path: string): string => readFileSync(join(folder, path), 'utf8');
function change(path: string, from: string | RegExp, to: string): void {
  const before = read(path);
  const changed = before.replace(from, to);
  assert.notEqual(changed, before, `${path} has ${from}`);
  writeFileSync(join(folder, path), changed);
}

describe('check-figures', () => {
  beforeEach(() => {
    for (const path of COPIED) {
      rmSync(join(folder, path), { recursive: true, force: true });
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      cpSync(join(ROOT, path), join(folder, path), { recursive: true });
    }
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('accepts the documents as they are', () => {
    assert.deepEqual(check(), { code: 0, stderr: '' });
  });

  it('names a figure that differs from its result, and writes the right one', () => {
    const before = read('README.md');
    change('README.md', /(\| time from start to end \|) \d+ s/, '$1 1 s');
    const { code, stderr } = check();
    assert.equal(code, 1);
    assert.match(stderr, /README\.md:\d+: says "1 s", idle-ladder-1M\.json "\d+ s"/);
    assert.equal(check('--write').code, 0);
    assert.equal(read('README.md'), before);
  });

  it('names a row and a table that are bound to nothing', () => {
    change('README.md', '| time from start to end |', '| time of something else |');
    change('results/reference/README.md', '| patch |', '| wish |');
    const { code, stderr } = check();
    assert.equal(code, 1);
    assert.match(stderr, /README\.md:\d+: the row "time of something else" has no binding/);
    assert.match(stderr, /has no row "time from start to end", which has a binding/);
    assert.match(stderr, /the figures table "wish" has no binding/);
  });

  it('names a summary that is not what was printed, and writes it', () => {
    const before = read('README.md');
    change('README.md', /^connections {2}.*$/m, 'connections  many');
    assert.match(check().stderr, /README\.md:\d+: the summary differs/);
    assert.equal(check('--write').code, 0);
    assert.equal(read('README.md'), before);
  });

  it('names a constant of the code that is not the kept figure', () => {
    change('src/scenario/terms/transports.ts', /(const RINGS = saturated\()[\d.]+/, '$199');
    assert.match(check().stderr, /transports\.ts:\d+: says "saturated\(99, /);
  });

  it('names a result without a row, and a row without its result', () => {
    writeFileSync(join(folder, 'results/reference/new.json'), '{}');
    change('results/reference/README.md', '`fuzz.json`', '`gone.json`');
    const { stderr } = check();
    assert.match(stderr, /no row describes new\.json/);
    assert.match(stderr, /describes gone\.json, which does not exist/);
  });

  it('names a result without a schema version', () => {
    change('results/reference/soak.json', '"trunkline.soak/1"', '"soak"');
    const { code, stderr } = check();
    assert.equal(code, 1);
    assert.match(stderr, /soak\.json: expected a schema such as trunkline\.result\/1, found soak/);
  });
});
