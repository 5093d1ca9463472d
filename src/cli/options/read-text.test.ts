import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readFlagText, readText } from './read-text.ts';

const MEBIBYTE = 2 ** 20;

describe('files that a user names', () => {
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-read-text-'));
  after(() => rmSync(folder, { recursive: true }));
  const at = (name: string): string => join(folder, name);
  const read = (path: string): string => readText(path, 'SCENARIO_UNREADABLE', 'expected a scenario');

  it('are read whole, whatever crosses the end of a chunk, up to 1 MiB', () => {
    for (const text of ['', 'a: 1\n', 'é'.repeat(40_000), `x${'é'.repeat(40_000)}`, 'a'.repeat(MEBIBYTE)]) {
      writeFileSync(at('text'), text);
      assert.ok(read(at('text')) === text, `${text.length} characters`);
    }
  });

  it('are refused with the code of what was expected, and the reason', () => {
    mkdirSync(at('folder'));
    writeFileSync(at('long'), 'a'.repeat(MEBIBYTE + 1));
    writeFileSync(at('binary'), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0xff, 0xfe, 0x1b, 0x5b]));
    writeFileSync(at('utf-16'), Buffer.from('name: x\n', 'utf16le'));
    const rows: [string, RegExp][] = [
      [at('folder'), /^expected a scenario: it is a folder\.$/],
      [at('long'), /^expected a scenario: it is longer than 1 MiB\.$/],
      [at('binary'), /^expected a scenario: it is not text \(UTF-8\)\.$/],
      [at('utf-16'), /^expected a scenario: it is not text \(UTF-8\)\.$/],
      ['/dev/zero', /^expected a scenario: it is longer than 1 MiB\.$/],
      [at('missing'), /^expected a scenario: ENOENT: no such file/],
    ];
    for (const [path, message] of rows) {
      assert.throws(() => read(path), { name: 'TrunklineError', code: 'SCENARIO_UNREADABLE', kind: 'usage', message });
    }
  });

  it('name the flag, if one named them', () => {
    assert.throws(() => readFlagText('--tls-key', at('missing')), {
      code: 'FILE_UNREADABLE',
      message: /^--tls-key: expected a file that can be read: ENOENT/,
    });
  });
});
