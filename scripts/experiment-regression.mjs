// Puts a real change into a copy of the switch, and has the gate compare it with the switch as it is.
//
//   npm run experiment:regression -- extra-copy        a copy of each message more: about four minutes
//   npm run experiment:regression -- larger-session    32 bytes more for each session
//   npm run experiment:regression -- equivalent        the same in other words: must pass
//
// The patches are in scripts/regressions/. Base and candidate are built in the same job and run in turn, as
// in a gate for a pull request; the outcome is kept under results/reference/. With `--for 100` no run begins
// after so many seconds, and the same command goes on later.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { evaluateGate } from '../dist/analysis/gate.js';
import { gateRun, RULES } from './gate-runs.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const KEPT = join(root, 'results', 'reference', 'gate-regressions.json');
/** What each patch must come to. */
const EXPECTED = { 'extra-copy': 'failed', 'larger-session': 'failed', equivalent: 'passed' };

const { values: options, positionals } = parseArgs({ options: { for: { type: 'string' } }, allowPositionals: true });
const [name = ''] = positionals;
if (!Object.hasOwn(EXPECTED, name)) {
  process.stderr.write(`Expected one of ${Object.keys(EXPECTED).join(', ')}.\n`);
  process.exit(2);
}
const patch = join(root, 'scripts', 'regressions', `${name}.patch`);
const git = (folder, ...args) => execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8' }).trim();
const commit = git(root, 'rev-parse', 'HEAD');
const digest = createHash('sha256').update(commit).update(readFileSync(patch)).digest('hex').slice(0, 12);
const work = join(tmpdir(), `trunkline-regression-${name}-${digest}`);

/** A tree of this commit, changed or not, and built. */
function build(side) {
  const tree = join(work, side);
  if (existsSync(join(tree, 'dist', 'cli', 'main.js'))) return tree;
  rmSync(tree, { recursive: true, force: true });
  git(root, 'worktree', 'prune');
  git(root, 'worktree', 'add', '--detach', '--quiet', tree, commit);
  if (side === 'candidate') git(tree, 'apply', patch);
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [compiler, '-p', tree], { cwd: tree, stdio: ['ignore', 2, 2] });
  return tree;
}

mkdirSync(work, { recursive: true });
const trees = { base: build('base'), candidate: build('candidate') };
const started = performance.now();
const mayRun = () => options.for === undefined || performance.now() - started < Number(options.for) * 1000;

const runsFile = join(work, 'pairs.json');
const pairs = existsSync(runsFile) ? JSON.parse(readFileSync(runsFile, 'utf8')) : [];
const isOver = () => RULES.looks.includes(pairs.length) && evaluateGate(RULES, { pairs }).nextLookPairs === null;
while (!isOver() && mayRun()) {
  const order = pairs.length % 2 === 0 ? ['base', 'candidate'] : ['candidate', 'base'];
  const pair = Object.fromEntries(order.map((side) => [side, gateRun(trees[side])]));
  pairs.push({ base: pair.base, candidate: pair.candidate });
  writeFileSync(runsFile, JSON.stringify(pairs));
  process.stderr.write(`${name}: pair ${pairs.length}\n`);
}
if (!isOver()) {
  process.stdout.write(`${pairs.length} pairs so far; the same command goes on.\n`);
  process.exit(0);
}
const gate = evaluateGate(RULES, { pairs });
for (const side of ['base', 'candidate']) git(root, 'worktree', 'remove', '--force', trees[side]);
rmSync(work, { recursive: true, force: true });
const isMet = gate.outcome === EXPECTED[name];
process.stdout.write(`${name}: ${gate.sentence} Expected ${EXPECTED[name]}: ${isMet ? 'met' : 'NOT met'}\n`);
const kept = existsSync(KEPT) ? JSON.parse(readFileSync(KEPT, 'utf8')) : [];
const entry = {
  change: name,
  outcome: gate.outcome,
  expected: EXPECTED[name],
  isMet,
  pairs: pairs.length,
  machineClass: gate.machineClass,
  rules: gate.rules,
};
mkdirSync(dirname(KEPT), { recursive: true });
writeFileSync(KEPT, `${JSON.stringify([...kept.filter((one) => one.change !== name), entry], null, 1)}\n`);
process.exitCode = isMet ? 0 : 1;
