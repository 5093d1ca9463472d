/** One reader for many files: each text is whole and its own, whatever was read before. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { openDescriptors } from '../../measure/leftovers.test-suite.ts';
import { TEXT_FILE_BYTES_MAX, TextReader } from './text-reader.ts';

const top = mkdtempSync(join(tmpdir(), 'trunkline-texts-'));
after(() => rmSync(top, { recursive: true, force: true }));
/** The size of the buffer before it first grows. */
const FIRST_BYTES = 2 ** 18;
const IS_LINUX = process.platform === 'linux';

describe('a reader of texts', () => {
  it('gives each file whole, in any order of long and short ones, with letters of any length', () => {
    const size = fc.oneof(fc.nat(40), fc.constantFrom(FIRST_BYTES - 1, FIRST_BYTES, FIRST_BYTES + 1, 3 * FIRST_BYTES));
    const letter = fc.constantFrom('a', 'é', '€', '😀', '\n', '"');
    const path = join(top, 'text.json');
    fc.assert(
      fc.property(fc.array(fc.tuple(size, letter), { minLength: 1, maxLength: 6 }), (files) => {
        const reader = new TextReader();
        for (const [bytes, one] of files) {
          const text = one.repeat(Math.floor(bytes / Buffer.byteLength(one)));
          writeFileSync(path, text);
          assert.ok(reader.read(path) === text, `${bytes} bytes of ${one}`);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('reads what has no size beforehand: files of the kernel, and pipes', { skip: !IS_LINUX }, async () => {
    const reader = new TextReader();
    assert.match(reader.read('/proc/self/status'), /^Name:\t[\s\S]*^VmRSS:/m);
    const pipe = join(top, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const writer = spawn('sh', ['-c', `head -c ${2 * FIRST_BYTES} /dev/zero > "${pipe}"`]);
    const text = reader.read(pipe);
    await once(writer, 'close');
    assert.equal(text.length, 2 * FIRST_BYTES);
  });

  it('refuses what is too long to be a result, and devices without an end, and holds no file open', {
    skip: !IS_LINUX,
  }, () => {
    const reader = new TextReader();
    const long = join(top, 'long');
    writeFileSync(long, '');
    truncateSync(long, TEXT_FILE_BYTES_MAX + 1); // a hole: it takes no room on the disk
    const before = openDescriptors().size;
    assert.throws(() => reader.read(long), /^Error: it is longer than 256 MiB$/);
    assert.throws(() => reader.read(top), { code: 'EISDIR' });
    assert.throws(() => reader.read(join(top, 'nothing')), { code: 'ENOENT' });
    assert.equal(openDescriptors().size, before);
    writeFileSync(long, '{"a": 1}');
    assert.equal(reader.read(long), '{"a": 1}', 'and goes on with the next');
  });
});
