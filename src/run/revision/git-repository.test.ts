/** A real repository, made for the test: its revisions, its changes, and work trees that come and go. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { GitRepository } from './git-repository.ts';

const top = realpathSync(mkdtempSync(join(tmpdir(), 'trunkline-')));
const root = join(top, 'repository');
after(() => rmSync(top, { recursive: true, force: true }));

const IDENTITY = ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.org'];
function git(...args: string[]): string {
  return execFileSync('git', ['-C', root, ...IDENTITY, ...args], { encoding: 'utf8' }).trim();
}
function write(file: string, text: string): void {
  writeFileSync(join(root, file), text);
}

let first = '';
let second = '';
before(() => {
  mkdirSync(join(root, 'src'), { recursive: true });
  git('init', '--quiet', '--initial-branch=main');
  write('src/a.ts', 'one\n');
  write('.gitignore', 'dist\n');
  git('add', '.');
  git('commit', '--quiet', '--message=first');
  first = git('rev-parse', 'HEAD');
  git('tag', '--annotate', 'v1', '--message=one');
  write('src/a.ts', 'two\n');
  git('commit', '--quiet', '--all', '--message=second');
  second = git('rev-parse', 'HEAD');
});

describe('the repository of a build', () => {
  it('is where the build is: not above it, and not nowhere', async () => {
    assert.equal((await GitRepository.open(root)).root, root);
    for (const [folder, cause] of [
      [join(root, 'src'), /it lies inside the repository of something else/],
      [top, /not a git repository/],
      [join(top, 'none'), /\(.+\)\. Clone trunkline and run it from there\.$/],
    ] as const)
      await assert.rejects(GitRepository.open(folder), { code: 'REPOSITORY_MISSING', message: cause });
  });

  it('is asked about itself, whatever a hook or an editor says', async () => {
    process.env['GIT_DIR'] = join(top, 'elsewhere');
    try {
      assert.equal(await (await GitRepository.open(root)).commitOf('HEAD'), second);
    } finally {
      delete process.env['GIT_DIR'];
    }
  });

  it('names a commit by branch, tag, part of its id, or way from another', async () => {
    const repository = await GitRepository.open(root);
    for (const [revision, commit] of [
      ['main', second],
      ['HEAD', second],
      ['v1', first],
      ['HEAD~1', first],
      [first.slice(0, 8), first],
    ] as const)
      assert.equal(await repository.commitOf(revision), commit, revision);
  });

  it('does not know other names, among them options of git, files, and nothing', async () => {
    const repository = await GitRepository.open(root);
    for (const revision of ['mian', '--all', '-h', 'src/a.ts', '', 'HEAD:src/a.ts', 'f'.repeat(40)])
      await assert.rejects(repository.commitOf(revision), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'REVISION_UNKNOWN', revision);
        assert.ok(error.message.includes(`found "${revision}"`), error.message);
        assert.match(error.message, /git fetch --unshallow\.$/);
        return true;
      });
  });

  it('says what was changed, removed, or added to the source, and nothing of other files', async () => {
    const repository = await GitRepository.open(root);
    assert.deepEqual(await repository.changedFiles(), []);
    write('src/a.ts', 'three\n');
    write('src/new.ts', 'new\n');
    write('notes.txt', 'not of the source\n');
    mkdirSync(join(root, 'dist'));
    write('dist/a.js', 'ignored\n');
    rmSync(join(root, '.gitignore'));
    write('.git/info/exclude', 'dist\n*.log\n');
    write('src/debug.log', 'ignored\n');
    assert.deepEqual((await repository.changedFiles()).sort(), ['.gitignore', 'src/a.ts', 'src/new.ts']);
    git('checkout', '--quiet', '--', '.');
    for (const file of ['src/new.ts', 'src/debug.log']) rmSync(join(root, file));
    assert.deepEqual(await repository.changedFiles(), []);
  });
});

describe('a work tree of a revision', () => {
  it('has the files of its commit, runs no hook, and is gone when it is removed', async () => {
    const repository = await GitRepository.open(root);
    writeFileSync(join(root, '.git/hooks/post-checkout'), `#!/bin/sh\ntouch '${join(top, 'hooked')}'\n`, {
      mode: 0o755,
    });
    const folder = join(top, 'tree');
    await repository.addTree(folder, first);
    assert.equal(readFileSync(join(folder, 'src/a.ts'), 'utf8'), 'one\n');
    assert.equal(existsSync(join(top, 'hooked')), false, 'a checkout would run the hook');
    assert.deepEqual(await repository.trees(), [root, folder]);
    writeFileSync(join(folder, 'built.js'), 'a build is not committed\n');
    repository.removeTree(folder);
    assert.equal(existsSync(folder), false);
    assert.deepEqual(await repository.trees(), [root]);
    assert.equal(readFileSync(join(root, 'src/a.ts'), 'utf8'), 'two\n', 'the own tree is as it was');
  });

  it('whose folder somebody deleted is forgotten', async () => {
    const repository = await GitRepository.open(root);
    const folder = join(top, 'deleted');
    await repository.addTree(folder, second);
    rmSync(folder, { recursive: true });
    repository.removeTree(folder);
    assert.deepEqual(await repository.trees(), [root]);
    await repository.addTree(folder, second);
    repository.removeTree(folder);
  });
});
