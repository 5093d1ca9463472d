/** `scripts/setup.mjs` installs again what was not installed to the end, whatever the lockfile says by then. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../../../scripts/setup.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'trunkline-'));
const STAMP = join(folder, 'node_modules/.trunkline-installed');
const INSTALLATIONS = join(folder, 'installations');

function write(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text, { mode });
}

/**
 * Sets up a tree whose `npm` only notes that it was called, and fails if it is told to. The build always fails: no
 * compiler.
 */
function setUp({ npmFails = false } = {}): string {
  write('bin/npm', `#!/bin/sh\necho "$@" >> '${INSTALLATIONS}'\nexit ${npmFails ? 1 : 0}\n`, 0o755);
  const { status, stderr } = spawnSync(process.execPath, [join(folder, 'scripts/setup.mjs')], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${join(folder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}` },
  });
  assert.equal(status, 1, stderr);
  return stderr;
}

const installations = (): number => readFileSync(INSTALLATIONS, 'utf8').trim().split('\n').length;

describe('set-up', { skip: process.platform === 'win32' && 'a shell script stands for npm' }, () => {
  beforeEach(() => {
    rmSync(folder, { recursive: true, force: true });
    for (const path of ['package.json', 'package-lock.json', 'tsconfig.json']) write(path, '{}');
    for (const path of ['src/one.ts', 'node_modules/one.js']) write(path, '');
    mkdirSync(join(folder, 'scripts'));
    cpSync(SCRIPT, join(folder, 'scripts/setup.mjs'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('installs once, as long as the lockfile is the same', () => {
    setUp();
    assert.ok(existsSync(STAMP));
    setUp();
    assert.equal(installations(), 1);
    write('package-lock.json', '{"changed":true}');
    setUp();
    assert.equal(installations(), 2);
  });

  it('installs again after an installation that failed, also with the lockfile of before', () => {
    setUp();
    write('package-lock.json', '{"changed":true}');
    assert.match(setUp({ npmFails: true }), /Installing dependencies/);
    assert.ok(!existsSync(STAMP));
    write('package-lock.json', '{}');
    setUp();
    assert.equal(installations(), 3);
    assert.ok(existsSync(STAMP));
  });
});
