import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { makeFolder, tryFolder } from './make-folder.ts';

const top = mkdtempSync(join(tmpdir(), 'trunkline-make-folder-'));
after(() => rmSync(top, { recursive: true, force: true }));

const everythingBelow = (folder: string): string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();

describe('a folder', () => {
  it('is made with those above it that are missing, and nothing is left where it is only tried', () => {
    const names = fc.array(fc.constantFrom('a', 'b', 'c d', 'é'), { minLength: 1, maxLength: 5 });
    let round = 0;
    fc.assert(
      fc.property(names, fc.nat(5), (parts, existing) => {
        const root = join(top, `made-${round++}`);
        mkdirSync(join(root, ...parts.slice(0, existing)), { recursive: true });
        const before = everythingBelow(root);
        tryFolder(join(root, ...parts));
        assert.deepEqual(everythingBelow(root), before);
        for (let times = 0; times < 2; times++) {
          makeFolder(join(root, ...parts));
          assert.deepEqual(
            everythingBelow(root),
            parts.map((_, n) => join(...parts.slice(0, n + 1))),
          );
        }
        tryFolder(join(root, ...parts));
      }),
      { numRuns: 20 },
    );
  });

  for (const [what, apply] of [
    ['made', makeFolder],
    ['tried', tryFolder],
  ] as const) {
    it(`that is ${what} is refused behind a file, which is named, and where the system allows none`, () => {
      const file = join(top, `file-${what}`);
      writeFileSync(file, '');
      for (const path of [file, join(file, 'a'), join(file, 'a', 'b')])
        assert.throws(() => apply(path), { code: 'OUTPUT_UNWRITABLE', message: `${file} is a file, not a folder` });
      assert.throws(() => apply(join(top, 'x'.repeat(300), 'y')), { code: 'ENAMETOOLONG' });
      assert.deepEqual(
        readdirSync(top).filter((name) => name.startsWith('.')),
        [],
      );
    });

    it(`that is ${what} ends with what the system says, also where that claims a folder is not there`, {
      skip: !existsSync('/proc'),
    }, () => {
      assert.throws(() => apply('/proc/trunkline/folder'), /ENOENT|EACCES|EPERM/);
    });
  }
});
