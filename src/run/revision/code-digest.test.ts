import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { codeDigest } from './code-digest.ts';

function digestOf(files: Readonly<Record<string, string>>): string {
  const top = mkdtempSync(join(tmpdir(), 'trunkline-code-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(top, name)), { recursive: true });
      writeFileSync(join(top, name), text);
    }
    return codeDigest(join(top, 'cli', 'main.js'));
  } finally {
    rmSync(top, { recursive: true });
  }
}

describe('codeDigest', () => {
  const files = { 'cli/main.js': 'main();', 'run/run.js': 'run();' };
  const digest = digestOf(files);

  it('is the same for the same code in another place', () => {
    assert.match(digest, /^[0-9a-f]{16}$/);
    assert.equal(digestOf(files), digest);
  });

  it('leaves out what no command runs', () => {
    assert.equal(digestOf({ ...files, 'run/run.test.js': 'it()', 'run/run.js.map': '{}', 'run/run.d.ts': '' }), digest);
  });

  const changes: [what: string, files: Readonly<Record<string, string>>][] = [
    ['a line of code', { ...files, 'run/run.js': 'walk();' }],
    ['the name of a file', { 'cli/main.js': 'main();', 'run/walk.js': 'run();' }],
    ['a file more', { ...files, 'run/walk.js': '' }],
    ['where one file ends', { 'cli/main.js': 'main();run/run.js\0run();' }],
  ];
  for (const [what, changed] of changes) {
    it(`tells ${what}`, () => assert.notEqual(digestOf(changed), digest));
  }
});
