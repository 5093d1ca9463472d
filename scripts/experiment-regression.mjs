// Applies real changes to copies of the switch, and lets `trunkline gate` compare each with the unchanged switch.
//
//   npm run experiment:regression                      all three: about ten minutes
//   npm run experiment:regression -- extra-copy        one more copy of each message: must fail
//   npm run experiment:regression -- larger-session    32 more bytes per session: must fail
//   npm run experiment:regression -- equivalent        equivalent code: must not fail
//
// The patches are in scripts/regressions/. Each is committed on top of HEAD in a temporary tree, so that the gate
// builds base and candidate with --base-revision and --candidate-revision, as for a pull request. Outcomes are stored
// in results/reference/regressions.json. With `--for 100` a gate is interrupted after this number of seconds; the same
// command continues it.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { environment, readKept, writeKept } from './kept-figures.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const KEPT = 'regressions';
/** The rule that must fail; null if none may fail. */
const EXPECTED = {
  'extra-copy': 'cpu.switchMicrosPerMessage',
  'larger-session': 'memory.switch.bytesPerConnection',
  equivalent: null,
};
const INTERRUPTED = 130;
/** Of the order in which the runs of a gate alternate. */
const SEED = 1;

const { values: options, positionals } = parseArgs({ options: { for: { type: 'string' } }, allowPositionals: true });
const names = positionals.length > 0 ? positionals : Object.keys(EXPECTED);
const unknown = names.find((name) => !Object.hasOwn(EXPECTED, name));
if (unknown !== undefined) {
  process.stderr.write(`Expected some of ${Object.keys(EXPECTED).join(', ')}, found ${unknown}.\n`);
  process.exit(2);
}

const git = (folder, ...args) => execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8' }).trim();
const head = git(root, 'rev-parse', 'HEAD');
const patchOf = (name) => join(root, 'scripts', 'regressions', `${name}.patch`);

/** A commit outside all branches: HEAD with the patch. The same patch on the same HEAD gives the same commit. */
function commitPatched(name) {
  const tree = join(mkdtempSync(join(tmpdir(), 'trunkline-patch-')), 'tree');
  git(root, 'worktree', 'add', '--detach', '--quiet', tree, head);
  try {
    git(tree, 'apply', '--index', patchOf(name));
    const date = '2000-01-01T00:00:00Z';
    const who = ['-c', 'user.name=experiment', '-c', 'user.email=experiment@example.org', '-c', 'commit.gpgsign=false'];
    execFileSync('git', ['-C', tree, ...who, 'commit', '--quiet', '--no-verify', '--message', name], {
      env: { ...process.env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
    });
    return git(tree, 'rev-parse', 'HEAD');
  } finally {
    git(root, 'worktree', 'remove', '--force', tree);
    rmSync(dirname(tree), { recursive: true, force: true });
  }
}

/** Runs or continues the gate of the project. @returns its exit code and outcome; null if it is not complete. */
async function gate(name) {
  const digest = createHash('sha256')
    .update(head)
    .update(readFileSync(patchOf(name)))
    .digest('hex')
    .slice(0, 12);
  const out = join(tmpdir(), `trunkline-regression-${name}-${digest}`);
  const begun = existsSync(out) ? readdirSync(out).filter((one) => existsSync(join(out, one, 'series.json'))) : [];
  const resume = begun.length > 0 ? ['--resume', join(out, begun[0])] : [];
  const revisions = ['--base-revision', head, '--candidate-revision', commitPatched(name)];
  const files = ['gates/self.yaml', 'scenarios/self.yaml'];
  const child = spawn(
    process.execPath,
    [
      join(root, 'dist/cli/main.js'),
      'gate',
      ...files,
      ...revisions,
      '--format',
      'json',
      '--seed',
      String(SEED),
      '--out',
      out,
      ...resume,
    ],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const timer = options.for && setTimeout(() => child.kill('SIGINT'), Number(options.for) * 1000);
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  if (code === INTERRUPTED) return null;
  if (said === '') throw new Error(`the gate of ${name} ended with ${code} and no outcome`);
  rmSync(out, { recursive: true, force: true });
  return { code, outcome: JSON.parse(said) };
}

function keep(name, { code, outcome }) {
  const failed = outcome.rules.filter((rule) => rule.outcome === 'failed');
  const wanted = EXPECTED[name];
  const isMet =
    wanted === null
      ? failed.length === 0 && outcome.outcome !== 'invalid'
      : code === 1 && failed.some((rule) => rule.kind === 'relative' && rule.metric === wanted);
  const mustFail = wanted === null ? 'no rule' : wanted;
  process.stdout.write(
    `${name}, seed ${SEED}: ${outcome.sentence} Must fail: ${mustFail}: ${isMet ? 'met' : 'NOT met'}\n`,
  );
  const { changes } = readKept(KEPT, { changes: [] });
  const { runs, startedAt, sentence, rules } = outcome;
  const entry = { change: name, seed: SEED, mustFail, isMet, code, outcome: outcome.outcome, sentence, pairs: runs };
  const more = { environment: { ...environment(), commit: head }, startedAt, rules };
  const others = changes.filter((one) => one.change !== name);
  writeKept(KEPT, { changes: [...others, { ...entry, ...more }] });
  return isMet;
}

for (const name of names) {
  const gated = await gate(name);
  if (gated === null) {
    process.stdout.write(`${name}: not complete yet; the same command continues.\n`);
    break;
  }
  if (!keep(name, gated)) process.exitCode = 1;
}
