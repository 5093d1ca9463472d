/**
 * The repository of a build: its revisions by name, whether its work tree has changes, and work trees of other
 * revisions. Calls `git`; hooks of the repository are not run.
 */
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { causeOf } from '../../base/cause-of.ts';
import { TrunklineError } from '../../base/errors.ts';

const run = promisify(execFile);
/**
 * Variables of git, set if a hook or an editor started this process. They name another tree than the one asked about.
 */
const NOT_OURS = new Set(['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_PREFIX']);
const OUTPUT_BYTES_MAX = 2 ** 24;
const NO_HOOKS = ['-c', 'core.hooksPath=/dev/null'];

export class GitRepository {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  /** @throws REPOSITORY_MISSING if `root` is not the top of a repository, or if there is no git. */
  static async open(root: string): Promise<GitRepository> {
    const repository = new GitRepository(root);
    let prefix: string;
    try {
      prefix = await repository.#git('rev-parse', '--show-prefix');
    } catch (error) {
      throw missing(root, messageOf(error));
    }
    // A prefix means that trunkline lies inside another project's repository, whose revisions are not trunkline's.
    if (prefix !== '') throw missing(root, 'it lies inside the repository of something else');
    return repository;
  }

  /** The full id of a revision's commit. @throws REVISION_UNKNOWN. */
  async commitOf(revision: string): Promise<string> {
    try {
      return await this.#git('rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`);
    } catch {
      throw new TrunklineError(
        'REVISION_UNKNOWN',
        `Expected a commit, branch or tag of ${this.root}, found "${revision}". Where only the newest commit was fetched (in CI), fetch the history: git fetch --unshallow.`,
      );
    }
  }

  /** Files that differ from the last commit, and files of the source that were never added. */
  async changedFiles(): Promise<string[]> {
    const changed = await this.#git('status', '--porcelain', '--untracked-files=no');
    const added = await this.#git('ls-files', '--others', '--exclude-standard', '--', 'src');
    return [...changed.split('\n').map((line) => line.slice(2).trim()), ...added.split('\n')].filter(
      (file) => file !== '',
    );
  }

  /** Creates a work tree of a commit in a folder that does not exist yet. */
  async addTree(folder: string, commit: string): Promise<void> {
    await this.#git(...NO_HOOKS, 'worktree', 'add', '--detach', '--quiet', folder, commit);
  }

  /** Removes a work tree with its build. Synchronous, so that it also works while the process ends. */
  removeTree(folder: string): void {
    const git = (...args: string[]): void => {
      execFileSync('git', ['-C', this.root, ...args], { env: environment(), stdio: 'ignore' });
    };
    try {
      git('worktree', 'remove', '--force', folder);
    } catch {
      git('worktree', 'prune'); // the folder was removed already, or never completed
    }
  }

  /** Folders of all work trees of the repository. */
  async trees(): Promise<string[]> {
    const list = await this.#git('worktree', 'list', '--porcelain');
    return list.split('\n').flatMap((line) => (line.startsWith('worktree ') ? [line.slice('worktree '.length)] : []));
  }

  async #git(...args: string[]): Promise<string> {
    const order = { env: environment(), maxBuffer: OUTPUT_BYTES_MAX };
    const { stdout } = await run('git', ['-C', this.root, ...args], order);
    return stdout.trimEnd();
  }
}

function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !NOT_OURS.has(name)));
}

function missing(root: string, cause: string): TrunklineError {
  return new TrunklineError(
    'REPOSITORY_MISSING',
    `Revisions are built from trunkline's own repository: expected one at ${root}, found none (${cause}). Clone trunkline and run it from there.`,
  );
}

function messageOf(error: unknown): string {
  const text = causeOf(error);
  return text.trim().split('\n').at(-1) ?? text;
}
