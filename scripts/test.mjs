// Runs the tests of the build: those whose path contains a PART, or all.
//
//   node scripts/test.mjs [--whole] [--fast] [PART …]
//
// With --whole it first installs and builds what has changed, and lints beside the tests (npm test).
//
// A test that imports no processes, threads, sockets or timers, directly or indirectly, only computes. Such tests run
// many to a process, because starting one takes longer than most of them; with --fast no others run, and those of them
// that try many cases try fewer (src/base/tried-cases.test-suite.ts). Two at a time run those that compute, then, three
// at a time, those with threads or sockets. Beside them, tests of the program as a user runs it, which mostly wait for
// processes, run five at a time, longest first: what waits leaves processor time to what computes. All of them pass on a
// busy machine.
// What measures the program or loads the machine runs after all others, two at a time: searches for capacity mostly wait.
// Each group is printed in one piece. At the end stand what failed and why, where the time went, and then `N passed, N
// failed`, the totals of all.
//
// Property tests and fuzzers draw their cases from one seed, which is printed. It is derived from what is committed:
// each commit tries other cases, and a commit that passes or fails does so again. TEST_SEED=N tries those of another
// run.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath, pathToFileURL } from 'node:url';

const USAGE = `Runs the tests of the build.

  node scripts/test.mjs [--whole] [--fast] [PART …]

  PART     only the tests whose path contains it, for example switch/groups; without one, all
  --whole  first installs and builds what has changed, and lints beside the tests
  --fast   only tests that compute, without processes, threads and sockets
  --help   prints this, and tests nothing

TEST_SEED=N draws the same cases as the run that printed it.
`;
const OPTIONS = ['--whole', '--fast', '--help'];
const FILE_MILLIS_MAX = 600_000;
/** Processes that share the tests that only compute: few, because each loads zod and fast-check anew. */
const PACKED_PROCESSES = 8;
/** Processor time of the longest tests that only compute, with --fast, so that processes have about the same to do. */
const LONG_SECONDS = {
  'run/phases/scenario-pack.test.js': 10,
  'analysis/gate/evaluate-gate.test.js': 2,
  'simulate/seeds.test.js': 6,
  'simulate/world/world.test.js': 4,
  'simulate/mutations.test.js': 4,
  'simulate/churn-curve.test.js': 4,
  'run/phases/simulated-load.test.js': 3,
  'simulate/simulate.test.js': 3,
  'simulate/groups.test.js': 2.5,
  'simulate/presence.test.js': 2.5,
  'simulate/stored-groups.test.js': 2,
  'simulate/crashes.property.test.js': 2,
  'simulate/storms.test.js': 2,
  'simulate/replay.test.js': 2,
  'switch/restarted-switch.property.test.js': 2,
  'fuzz/texts.test.js': 2,
  'measure/thread-profiler.test.js': 2,
  'switch/third-login.test.js': 2,
  'switch/login-races.property.test.js': 2,
};
const SHORT_SECONDS = 0.1;
/** A test of a file's own; others have only tests that a suite registers. */
const OWN_TEST = /^(?:describe|it|test)\d*\(/m;
/** Reads how the kernel maps the memory of its process, where that of other tests, freed, would be in the way. */
const OWN_PROCESS = /\/huge-page-memory\.test\.js$/;
const SLOWEST = 10;
const REASON_CHARACTERS_MAX = 2000;
/** Tests of the program that measure its speed or memory, or open tens of thousands of sockets. */
const LAST = /\/(allocation|capacity|many-sessions)\.e2e\.test\.js$|\/fuzz\/(?!http\.|driver\.|switch\.)[^/]*$/;
/** The longest tests of the program start first, so that none of them runs on when all others have ended. */
const LONGEST =
  /\/(documents|driver|profile|self-gate|run|killed|drive-again|live-view|killed-switch|outcome-reports\.browser|run-series|serve|switch|tun)\.e2e\.test\.js$/;
const OUTSIDE =
  /^(node:(child_process|worker_threads|cluster|net|tls|dgram|http|http2|https|timers\/promises)|ws|koffi|playwright-core)$/;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const importsKnown = new Map();

/** The static and dynamic imports of a file of the build, as written. */
function importsOf(file) {
  const known = importsKnown.get(file);
  if (known !== undefined) return known;
  const text = readFileSync(file, 'utf8');
  const imports = [...text.matchAll(/\b(?:from|import|require)\s*\(?\s*['"]([^'"]+)['"]/g)].map(([, name]) => name);
  importsKnown.set(file, imports);
  return imports;
}

/** Whether a test only computes, by all its direct and indirect imports. */
function isPure(test) {
  const seen = new Set([test]);
  for (const file of seen) {
    for (const name of importsOf(file)) {
      if (OUTSIDE.test(name)) return false;
      const imported = join(dirname(file), name);
      if (name.startsWith('.') && existsSync(imported)) seen.add(imported);
    }
  }
  return true;
}

process.chdir(root);
/** What has run: its time from start to end, what it counted, and what it printed if it ran beside others. */
const parts = [];
const durations = [];
/** Files that succeeded without running a test. */
const empty = [];
/** What failed, and why: at the end of the output, where part of a long one is still kept. */
const failures = [];

/** Does a part of the work, and notes how long it takes. @param work counts its tests, if it has some. */
async function part(name, isHeld, work) {
  const start = performance.now();
  const ended = { name, isHeld, seconds: 0, pass: 0, fail: 0, cancelled: 0, text: '' };
  const print = (text) => {
    if (isHeld) ended.text += text;
    else process.stdout.write(text);
  };
  await work(print, ended);
  ended.seconds = (performance.now() - start) / 1000;
  parts.push(ended);
}

/** Runs test files, each in its own process, and reports as `node --test` does. */
async function runFiles(files, concurrency, print, counts) {
  await runProcesses(files, concurrency, print, counts, (events) => {
    events.on('test:complete', ({ name, nesting, details }) => {
      if (nesting === 0 && name.endsWith('.test.js')) durations.push({ name, millis: details.duration_ms });
    });
    events.on('test:pass', ({ name, nesting }) => {
      if (nesting > 0 || !name.endsWith('.test.js')) return;
      empty.push(name); // node reports the file itself if it has no tests
      counts.pass--;
    });
  });
}

/** Deals files to processes: the longest first, each to the process that has least to do. */
function dealt(files) {
  const secondsOf = (file) => LONG_SECONDS[relative(dist, file).replaceAll('\\', '/')] ?? SHORT_SECONDS;
  const processes = Array.from({ length: Math.min(PACKED_PROCESSES, files.length) }, () => ({ files: [], seconds: 0 }));
  for (const file of [...files].sort((a, b) => secondsOf(b) - secondsOf(a))) {
    const least = processes.reduce((one, other) => (other.seconds < one.seconds ? other : one));
    least.files.push(file);
    least.seconds += secondsOf(file);
  }
  return processes.map((one) => one.files);
}

/** Runs test files that have tests of their own, many in each process. */
async function runPacked(files, concurrency, print, counts) {
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-tests-'));
  const millisOf = new Map(files.map((file) => [file, 0]));
  const entries = dealt(files).map((ofOne, number, all) => {
    const entry = join(folder, `${number + 1}-of-${all.length}.mjs`);
    writeFileSync(entry, ofOne.map((file) => `import ${JSON.stringify(pathToFileURL(file).href)};\n`).join(''));
    return entry;
  });
  try {
    await runProcesses(entries, concurrency, print, counts, (events) => {
      events.on('test:complete', ({ file, nesting, details }) => {
        if (nesting === 0 && millisOf.has(file)) millisOf.set(file, millisOf.get(file) + details.duration_ms);
      });
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  for (const [name, millis] of millisOf) {
    durations.push({ name, millis });
    if (millis === 0) empty.push(name);
  }
}

async function runProcesses(files, concurrency, print, counts, listen) {
  if (files.length === 0) return;
  const events = run({ files, concurrency, timeout: FILE_MILLIS_MAX });
  listen(events);
  events.on('test:fail', ({ name, file, details }) => {
    const { error } = details;
    if (error.failureType === 'subtestsFailed') return; // named itself
    const why = String(error.cause?.message ?? error.message).slice(0, REASON_CHARACTERS_MAX);
    failures.push({ name, file, why });
  });
  events.on('test:diagnostic', ({ message, nesting }) => {
    const [, what, count] = /^(pass|fail|cancelled) (\d+)$/.exec(nesting === 0 ? message : '') ?? [];
    if (what !== undefined) counts[what] += Number(count);
  });
  for await (const text of events.compose(new spec())) print(text);
}

/** Checks style, architecture and figures, as `npm run lint` does, which counts as one failure. */
async function lint(print, counts) {
  const child = spawn('npm', ['run', '--silent', 'lint'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', print);
  const code = await new Promise((resolve) => {
    child.once('error', (error) => {
      print(`${error.message}\n`);
      resolve(1);
    });
    child.once('close', resolve);
  });
  if (code === 0) return;
  counts.fail++;
  failures.push({ name: 'npm run lint', file: undefined, why: counts.text.trim().slice(-REASON_CHARACTERS_MAX) });
}

/** Processor time of all processes so far whose end was waited for, as Linux counts it; null elsewhere. */
function processorSeconds() {
  const TICKS_PER_SECOND = 100;
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_PER_SECOND;
  } catch {
    return null;
  }
}

/**
 * The seed of this run: as asked for, else derived from the tree of the commit, else, outside a repository, the time.
 */
function testSeed() {
  const HEX_DIGITS = 7;
  const asked = process.env.TEST_SEED;
  const { stdout } = spawnSync('git', ['rev-parse', 'HEAD^{tree}'], { cwd: root, encoding: 'utf8' });
  const tree = /^[0-9a-f]{40,64}$/.test(stdout?.trim() ?? '') ? stdout.slice(0, HEX_DIGITS) : null;
  const seed = asked === undefined ? (tree === null ? Date.now() % 2 ** 31 : Number.parseInt(tree, 16)) : Number(asked);
  if (Number.isSafeInteger(seed) && seed >= 0 && seed < 2 ** 31) return seed;
  process.stderr.write(`TEST_SEED: expected an integer from 0 to ${2 ** 31 - 1}, found "${asked}".\n`);
  process.exit(1);
}

/** What the command line asks for. Ends the process where that is not to test. */
function orderOf(words) {
  const options = words.filter((word) => word.startsWith('-'));
  const unknown = options.find((word) => !OPTIONS.includes(word));
  if (unknown !== undefined) {
    process.stderr.write(`Expected one of ${OPTIONS.join(', ')}, found "${unknown}".\n\n${USAGE}`);
    process.exit(1);
  }
  if (options.includes('--help')) {
    process.stdout.write(USAGE);
    process.exit(0);
  }
  return {
    isFast: options.includes('--fast'),
    isWhole: options.includes('--whole'),
    parts: words.filter((word) => !word.startsWith('-')),
  };
}

const { isFast, isWhole, parts: wanted } = orderOf(process.argv.slice(2));
if (isFast) process.env.TRUNKLINE_TESTS = 'fast';
const seed = testSeed();
process.env.TEST_SEED = String(seed);
// The processes that node:test starts take over the options of this one.
process.execArgv.push('--import', pathToFileURL(join(root, 'scripts', 'seed-properties.mjs')).href);

if (isWhole) {
  await part('set-up and build', false, () => {
    const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'setup.mjs')], { stdio: 'inherit' });
    if (status !== 0) process.exit(1);
  });
}
const isWanted = (file) => wanted.length === 0 || wanted.some((part) => file.includes(part));
const tests = readdirSync(dist, { recursive: true })
  .filter((file) => file.endsWith('.test.js') && isWanted(file))
  .map((file) => join(dist, file))
  .sort();
const pure = tests.filter(isPure);
const others = isFast ? [] : tests.filter((test) => !pure.includes(test));
if (pure.length + others.length === 0) {
  process.stderr.write('No test was found: nothing was tested.\n');
  process.exit(1);
}
const isPacked = (file) => !OWN_PROCESS.test(file) && OWN_TEST.test(readFileSync(file, 'utf8'));
const together = others.filter((file) => !LAST.test(file));
const last = others.filter((file) => LAST.test(file));
const isProgram = (file) => file.endsWith('.e2e.test.js');
const programs = together.filter(isProgram);
const longestFirst = [
  ...programs.filter((file) => LONGEST.test(file)),
  ...programs.filter((file) => !LONGEST.test(file)),
];

/** All but the tests of the program, and those that run last. */
async function runComputing() {
  const isHeld = programs.length > 0;
  const packed = pure.filter(isPacked);
  if (packed.length > 0) await part('tests that only compute', isHeld, (...to) => runPacked(packed, 2, ...to));
  const single = [...pure.filter((file) => !isPacked(file)), ...together.filter((file) => !isProgram(file))];
  if (single.length === 0) return;
  await part('tests in processes of their own', isHeld, (...to) => runFiles(single, 3, ...to));
}

const beside = [runComputing()];
if (programs.length > 0) beside.push(part('tests of the program', false, (...to) => runFiles(longestFirst, 5, ...to)));
if (isWhole) beside.push(part('lint', true, lint));
await Promise.all(beside);
for (const { text } of parts) process.stdout.write(text);
if (last.length > 0) await part('tests that run last', false, (...to) => runFiles(last, 2, ...to));

for (const { name, file, why } of failures) {
  const where = file === undefined ? '' : ` (${relative(dist, file)})`;
  process.stdout.write(`\nFailed: ${name}${where}\n${why.replace(/^/gm, '    ')}\n`);
}
durations.sort((a, b) => b.millis - a.millis);
process.stdout.write('\nThe slowest files:\n');
for (const { name, millis } of durations.slice(0, SLOWEST)) {
  process.stdout.write(`${(millis / 1000).toFixed(1).padStart(8)} s  ${relative(dist, name)}\n`);
}
const triesFewer = (file) => importsOf(file).some((name) => name.endsWith('/tried-cases.test-suite.js'));
const fewer = isFast ? pure.filter(triesFewer) : [];
if (fewer.length > 0) process.stdout.write('\nFewer cases than npm test tries:\n');
for (const file of fewer) process.stdout.write(`            ${relative(dist, file)}\n`);
process.stdout.write('\nThe parts, some beside others:\n');
for (const { name, seconds, pass, fail, cancelled } of parts) {
  const count = pass + fail + cancelled;
  process.stdout.write(`${seconds.toFixed(1).padStart(8)} s  ${name}${count === 0 ? '' : `: ${count}`}\n`);
}
const cpuSeconds = processorSeconds();
process.stdout.write(
  `${(performance.now() / 1000).toFixed(1).padStart(8)} s  in all${cpuSeconds === null ? '' : `, ${Math.round(cpuSeconds)} s of processor time`}\n`,
);
for (const name of empty) process.stdout.write(`\n${relative(dist, name)}: expected tests, found none\n`);
const sum = (what) => parts.reduce((total, one) => total + one[what], 0);
const failed = sum('fail') + sum('cancelled') + empty.length;
process.stdout.write(`\nCases were drawn from TEST_SEED=${seed}.\n`);
process.stdout.write(`\n${sum('pass')} passed, ${failed} failed\n`);
process.exitCode = failed > 0 ? 1 : 0;
