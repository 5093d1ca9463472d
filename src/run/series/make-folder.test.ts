import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { makeFolder, TRIAL_PREFIX, tryFolder } from './make-folder.ts';

const top = mkdtempSync(join(tmpdir(), 'trunkline-make-folder-'));
after(() => rmSync(top, { recursive: true, force: true }));

/** The longest path that Linux takes, without the zero at its end. */
const PATH_BYTES_MAX = 4095;

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
    });

    it(`that is ${what} is refused behind a link to nothing, which is named, and may be behind a link to a folder`, () => {
      const link = join(top, `link-${what}`);
      symlinkSync(join(top, 'nothing'), link);
      for (const path of [link, join(link, 'a')])
        assert.throws(() => apply(path), { code: 'OUTPUT_UNWRITABLE', message: `${link} is a link to nothing` });
      mkdirSync(join(top, `target-${what}`));
      symlinkSync(join(top, `target-${what}`), `${link}-good`);
      apply(join(`${link}-good`, 'a'));
    });

    it(`that is ${what} may have a path from here, or one through what does not exist`, () => {
      mkdirSync(join(top, `here-${what}`));
      apply(`${top}/nothing/../here-${what}`);
      apply(`${top}/nothing/../here-${what}/a/`);
      apply(join(relative(process.cwd(), top), `here-${what}`, 'b'));
      assert.equal(existsSync(join(top, 'nothing')), false);
      const made = readdirSync(join(top, `here-${what}`)).sort();
      assert.deepEqual(made, what === 'made' ? ['a', 'b'] : []);
    });

    it(`that is ${what} ends with what the system says, also where that claims a folder is not there`, {
      skip: !existsSync('/proc'),
    }, () => {
      assert.throws(() => apply('/proc/trunkline/folder'), /ENOENT|EACCES|EPERM/);
    });
  }

  it('that cannot be made whole where it is tried leaves nothing there', () => {
    const step = `/${'x'.repeat(99)}`;
    let path = join(top, 'long');
    while (path.length + step.length <= PATH_BYTES_MAX) path += step;
    path += `/${'y'.repeat(PATH_BYTES_MAX - path.length - 1)}`;
    assert.throws(() => tryFolder(path), { code: 'ENAMETOOLONG' }, 'the folder that tries it has a longer path');
    const left = readdirSync(top).filter((name) => name.startsWith(TRIAL_PREFIX) || name === 'long');
    assert.deepEqual(left, []);
  });
});
