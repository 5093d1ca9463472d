/**
 * Builds other revisions of trunkline, so that a candidate and its base are measured alternately on the same machine.
 * Each build has its own tree in the temporary folder. It is removed when it is no longer needed, however the process
 * ends:
 *
 *     <tmp>/trunkline-revision-<pid>-<random>/tree/    the tree of one commit, built by its own scripts/setup.mjs
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { TrunklineError } from '../../base/errors.ts';
import { buildDigest } from '../../measure/build-digest.ts';
import { GitRepository } from './git-repository.ts';
import { linkTree } from './link-tree.ts';

export interface RevisionBuild {
  /** The name that the user gave; `.` is the running tree. */
  readonly revision: string;
  /** Path of its `main.js`. */
  readonly entry: string;
  /** Full id; for a tree with changes, the id of the commit that they are based on. */
  readonly commit: string;
  readonly code: string;
  readonly isDirty: boolean;
  /** Removes the build; does nothing for the running tree. */
  remove(): void;
}

export interface RevisionOrder {
  /** Top of trunkline's repository. */
  readonly root: string;
  readonly allowDirty: boolean;
  /** Called with a line of progress before each step, because a build takes a while. */
  readonly say: (text: string) => void;
}

/** The running tree, with its changes. */
const WORKING_TREE = '.';
const PREFIX = 'trunkline-revision-';
const MAIN = join('dist', 'cli', 'main.js');
const SETUP = join('scripts', 'setup.mjs');
/** Lines of the compiler's output that an error message contains. */
const LINES_MAX = 20;

/**
 * Builds a revision.
 *
 * @returns null if it was interrupted; nothing of the build is left.
 * @throws REPOSITORY_MISSING, REVISION_UNKNOWN, REVISION_UNBUILDABLE, or for `.` WORK_TREE_DIRTY and BUILD_STALE.
 */
export async function buildRevision(
  revision: string,
  order: RevisionOrder,
  interrupted: AbortSignal,
): Promise<RevisionBuild | null> {
  const repository = await GitRepository.open(order.root);
  if (revision === WORKING_TREE) return workingTree(repository, order, interrupted);
  const commit = await repository.commitOf(revision);
  await removeAbandoned(repository);
  const parent = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  const tree = join(parent, 'tree');
  const remove = (): void => {
    process.off('exit', remove);
    if (existsSync(tree)) repository.removeTree(tree);
    rmSync(parent, { recursive: true, force: true });
  };
  process.on('exit', remove); // also after a second Ctrl-C or an internal error
  let isBuilt = false;
  try {
    order.say(`Building ${revision} (${commit.slice(0, 12)}) …`);
    await repository.addTree(tree, commit);
    await shareModules(order.root, tree);
    isBuilt = await setUp(tree, `${revision} (${commit.slice(0, 12)})`, interrupted);
    if (!isBuilt) return null;
    const entry = join(tree, MAIN);
    return { revision, entry, commit, code: buildDigest(dirname(dirname(entry))), isDirty: false, remove };
  } finally {
    if (!isBuilt) remove();
  }
}

/** The running tree: its build must be up to date, and its files as committed, unless `allowDirty` permits changes. */
async function workingTree(
  repository: GitRepository,
  { root, allowDirty }: RevisionOrder,
  interrupted: AbortSignal,
): Promise<RevisionBuild | null> {
  const commit = await repository.commitOf('HEAD');
  const changed = await repository.changedFiles();
  if (changed.length > 0 && !allowDirty) {
    throw new TrunklineError(
      'WORK_TREE_DIRTY',
      `Expected the work tree at ${root} as it was committed, found ${changed.length} changed ${changed.length === 1 ? 'file' : 'files'}, the first ${changed[0]}: figures that belong to no commit cannot be reproduced. Commit them, or allow it with --allow-dirty.`,
    );
  }
  const { code } = await setUpProcess(root, ['--check'], interrupted);
  if (interrupted.aborted) return null;
  if (code !== 0) {
    throw new TrunklineError(
      'BUILD_STALE',
      `Expected the build of ${root} to be of the current source, found a build of other source. Build it: npm run build.`,
    );
  }
  const entry = join(root, MAIN);
  const isDirty = changed.length > 0;
  return {
    revision: WORKING_TREE,
    entry,
    commit,
    code: buildDigest(dirname(dirname(entry))),
    isDirty,
    remove: () => undefined,
  };
}

/** Runs the tree's own build script. @returns false if it was interrupted. @throws REVISION_UNBUILDABLE. */
async function setUp(tree: string, name: string, interrupted: AbortSignal): Promise<boolean> {
  if (!existsSync(join(tree, SETUP))) {
    throw unbuildable(name, `it has no ${SETUP}: it is older than the build of revisions, or not of trunkline`);
  }
  const { code, said } = await setUpProcess(tree, [], interrupted);
  if (interrupted.aborted) return false;
  if (code !== 0) throw unbuildable(name, tail(said));
  if (!existsSync(join(tree, MAIN))) throw unbuildable(name, `its ${SETUP} left no ${MAIN}`);
  return true;
}

function setUpProcess(
  tree: string,
  args: readonly string[],
  interrupted: AbortSignal,
): Promise<{ code: number | null; said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(tree, SETUP), ...args], {
      cwd: tree,
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true, // a process group of its own, so that the compiler or npm is killed with it
    });
    let said = '';
    const kill = (): void => killGroup(child);
    process.once('exit', kill);
    interrupted.addEventListener('abort', kill, { once: true });
    if (interrupted.aborted) kill();
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      process.off('exit', kill);
      interrupted.removeEventListener('abort', kill);
      resolve({ code, said });
    });
  });
}

function killGroup(leader: ChildProcess): void {
  try {
    process.kill(-(leader.pid ?? Number.NaN), 'SIGKILL');
  } catch {
    leader.kill('SIGKILL'); // there are no process groups (Windows), or it has ended already
  }
}

/** Links the running build's modules if both have the same lockfile; otherwise the build script installs them. */
async function shareModules(root: string, tree: string): Promise<void> {
  const isSame = (file: string): boolean => {
    const [ours, theirs] = [join(root, file), join(tree, file)];
    return existsSync(ours) && existsSync(theirs) && readFileSync(ours).equals(readFileSync(theirs));
  };
  const modules = join(root, 'node_modules');
  if (!isSame('package-lock.json') || !existsSync(modules)) return;
  await linkTree(modules, join(tree, 'node_modules'));
}

/** Removes the trees of processes that were killed before they could remove them. */
async function removeAbandoned(repository: GitRepository): Promise<void> {
  for (const tree of await repository.trees()) {
    const parent = dirname(tree);
    const [, pid] = new RegExp(`[/\\\\]${PREFIX}(\\d+)-[^/\\\\]+$`).exec(parent) ?? [];
    if (pid === undefined || isAlive(Number(pid))) continue;
    repository.removeTree(tree);
    rmSync(parent, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'; // EPERM: it is alive and belongs to another user
  }
}

function tail(said: string): string {
  const lines = said
    .trim()
    .split('\n')
    .filter((line) => line.trim() !== '');
  return `\n${lines.slice(-LINES_MAX).join('\n')}`;
}

function unbuildable(name: string, why: string): TrunklineError {
  return new TrunklineError(
    'REVISION_UNBUILDABLE',
    `Revision ${name} does not build: ${why}\nName a revision that builds.`,
  );
}
