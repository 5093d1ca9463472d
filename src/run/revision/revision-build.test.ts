import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { pause } from '../../measure/leftovers.test-suite.ts';
import { buildRevision, type RevisionBuild, type RevisionOrder } from './revision-build.ts';

const HAS_GIT = spawnSync('git', ['--version']).status === 0;
/** Replaces the real build script: it "builds" by copying, and its check compares the copy with the source. */
const SETUP = `
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
const [source, built] = ['src/main.js', 'dist/cli/main.js'].map((path) => new URL('../' + path, import.meta.url));
if (process.argv.includes('--check')) process.exit(readFileSync(source, 'utf8') === readFileSync(built, 'utf8') ? 0 : 1);
mkdirSync(new URL('.', built), { recursive: true });
copyFileSync(source, built);
`;
const HANGS = `
import { writeFileSync } from 'node:fs';
writeFileSync(new URL('../../begun', import.meta.url), '');
setInterval(() => {}, 1000);
`;
const DOES_NOT_COMPILE = `
process.stderr.write('Building …\\nsrc/switch/shard.ts(7,3): error TS2322: no such thing\\n');
process.exit(1);
`;

let root = '';
let temporary = '';
const said: string[] = [];
const never = new AbortController().signal;

const git = (...args: string[]): string =>
  execFileSync('git', ['-C', root, '-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();

function put(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

function commit(files: Readonly<Record<string, string>>): string {
  for (const [file, text] of Object.entries(files)) put(file, text);
  git('add', '--all');
  git('commit', '--quiet', '--message', 'one');
  return git('rev-parse', 'HEAD');
}

function build(revision: string, order: Partial<RevisionOrder> = {}, signal = never): Promise<RevisionBuild | null> {
  return buildRevision(revision, { root, allowDirty: false, say: (text) => said.push(text), ...order }, signal);
}

async function built(revision: string, order: Partial<RevisionOrder> = {}): Promise<RevisionBuild> {
  const found = await build(revision, order);
  assert.ok(found !== null, 'nobody interrupted it');
  return found;
}

/** A temporary folder of this test's own, so that it does not contain trees of other processes. */
const treesLeft = (): string[] => readdirSync(temporary).filter((name) => name.startsWith('trunkline-revision-'));

function nothingIsLeft(): void {
  assert.deepEqual(treesLeft(), []);
  assert.equal(git('worktree', 'list').split('\n').length, 1);
}

describe('a build of a revision', { skip: !HAS_GIT }, () => {
  const ownTemporary = process.env['TMPDIR'];

  before(() => {
    temporary = mkdtempSync(join(tmpdir(), 'trunkline-'));
    process.env['TMPDIR'] = temporary;
  });
  after(() => {
    if (ownTemporary === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = ownTemporary;
    rmSync(temporary, { recursive: true, force: true });
  });
  beforeEach(() => {
    root = mkdtempSync(join(temporary, 'repository-'));
    git('init', '--quiet');
    commit({
      '.gitignore': 'dist/\nnode_modules/\n',
      'scripts/setup.mjs': SETUP,
      'package-lock.json': '{}',
      'src/main.js': 'the first',
    });
    put('node_modules/some/package.json', '{}');
    put('dist/cli/main.js', 'the first');
  });

  it('is of that revision, whatever has changed since, and goes away', async () => {
    const first = git('rev-parse', 'HEAD');
    git('tag', 'one');
    commit({ 'src/main.js': 'the second' });
    put('src/main.js', 'not committed');
    const build = await built('one');
    assert.equal(readFileSync(build.entry, 'utf8'), 'the first');
    assert.deepEqual([build.commit, build.isDirty, build.revision], [first, false, 'one']);
    build.remove();
    nothingIsLeft();
  });

  it('shares the modules where the lockfile is the same, and only there', async () => {
    const [same, other] = [git('rev-parse', 'HEAD'), commit({ 'package-lock.json': '{"other":1}' })];
    put('package-lock.json', '{}');
    const modules = (build: RevisionBuild): string => join(dirname(build.entry), '..', '..', 'node_modules');
    const shared = await built(same);
    const file = join('some', 'package.json');
    assert.equal(statSync(join(modules(shared), file)).ino, statSync(join(root, 'node_modules', file)).ino);
    shared.remove();
    assert.ok(existsSync(join(root, 'node_modules', file)), 'what is shared outlives the copy');
    const own = await built(other);
    assert.equal(existsSync(modules(own)), false);
    own.remove();
  });

  it('says what the compiler said where it does not build', async () => {
    commit({ 'scripts/setup.mjs': DOES_NOT_COMPILE });
    await assert.rejects(build('HEAD'), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'REVISION_UNBUILDABLE');
      assert.match(error.message, /HEAD \([0-9a-f]{12}\) does not build: [\s\S]*shard\.ts\(7,3\): error TS2322/);
      return true;
    });
    git('rm', '--quiet', 'scripts/setup.mjs');
    git('commit', '--quiet', '--message', 'none');
    await assert.rejects(build('HEAD'), /it has no scripts.setup\.mjs/);
    nothingIsLeft();
  });

  it('is refused for a revision that is not there', async () => {
    for (const revision of ['nowhere', '--help', 'HEAD:src/main.js', '']) {
      await assert.rejects(build(revision), { code: 'REVISION_UNKNOWN' }, revision);
    }
  });

  it('is refused outside a repository, and inside that of somebody else', async () => {
    const bare = mkdtempSync(join(temporary, 'no-repository-'));
    await assert.rejects(build('HEAD', { root: bare }), { code: 'REPOSITORY_MISSING' });
    await assert.rejects(build('HEAD', { root: join(root, 'src') }), { code: 'REPOSITORY_MISSING' });
  });

  it('of the work tree is what is there, if it is built and committed', async () => {
    const here = await built('.');
    assert.deepEqual([here.entry, here.commit], [join(root, 'dist', 'cli', 'main.js'), git('rev-parse', 'HEAD')]);
    here.remove();
    assert.ok(existsSync(here.entry));

    put('src/main.js', 'changed');
    await assert.rejects(build('.'), /^TrunklineError: .*1 changed file, the first src\/main\.js: .*--allow-dirty/);
    await assert.rejects(build('.', { allowDirty: true }), { code: 'BUILD_STALE' });
    put('dist/cli/main.js', 'changed');
    assert.equal((await built('.', { allowDirty: true })).isDirty, true);
  });

  it('counts a file of the source that was never added as a change, and no other', async () => {
    put('results/mine.json', '{}');
    assert.equal((await built('.')).isDirty, false);
    put('src/more.js', '');
    await assert.rejects(build('.'), { code: 'WORK_TREE_DIRTY' });
  });

  it('leaves nothing where it is interrupted', async () => {
    commit({ 'scripts/setup.mjs': HANGS });
    const controller = new AbortController();
    const interrupted = build('HEAD', {}, controller.signal);
    const hasBegun = (): boolean => treesLeft().some((name) => existsSync(join(temporary, name, 'begun')));
    let hasEnded = false;
    void interrupted.finally(() => {
      hasEnded = true;
    });
    while (!hasBegun() && !hasEnded) await pause(20);
    controller.abort();
    assert.equal(await interrupted, null);
    nothingIsLeft();
  });

  it('leaves nothing where its process ends, and removes what a killed one left', async () => {
    const script = join(temporary, 'builds.mjs');
    const module = new URL('./revision-build.js', import.meta.url).href;
    writeFileSync(
      script,
      `import { buildRevision } from '${module}';
      await buildRevision('HEAD', { root: process.argv[2], allowDirty: false, say() {} }, new AbortController().signal);
      if (process.argv[3] === 'killed') process.kill(process.pid, 'SIGKILL');
      process.exit(7);`,
    );
    assert.equal(spawnSync(process.execPath, [script, root, 'exits']).status, 7);
    nothingIsLeft();
    assert.equal(spawnSync(process.execPath, [script, root, 'killed']).signal, 'SIGKILL');
    assert.equal(treesLeft().length, 1);
    (await built('HEAD')).remove();
    nothingIsLeft();
  });
});
