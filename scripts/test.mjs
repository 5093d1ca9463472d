// Runs the tests of the build: those whose path contains PART, or all.
//
//   node scripts/test.mjs [--fast] [PART]
//
// A test that imports no processes, threads, sockets or timers, directly or indirectly, only computes. Such tests run
// many to a process, because starting one takes longer than most of them; with --fast no others run. Two at a time run
// those that compute, then those with threads or sockets. Beside them, tests of the program as a user runs it, which
// mostly wait for processes, run four at a time, longest first: what waits leaves processor time to what computes. All
// of them pass on a busy machine. What measures the program or loads the machine runs alone, after all others. Each
// group is printed in one piece. The last line is `N passed, N failed`, the totals of all groups.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath, pathToFileURL } from 'node:url';

const FILE_MILLIS_MAX = 600_000;
const FILES_PER_PROCESS = 20;
/** A test of a file's own; others have only tests that a suite registers. */
const OWN_TEST = /^(?:describe|it|test)\d*\(/m;
const SLOWEST = 10;
/** Tests of the program that measure its speed or memory, or open tens of thousands of sockets. */
const ALONE = /\/(allocation|capacity|many-sessions)\.e2e\.test\.js$|\/fuzz\/(?!http\.|driver\.|switch\.)[^/]*$/;
/** The longest tests of the program start first, so that none of them runs on when all others have ended. */
const LONGEST =
  /\/(documents|profile|self-gate|run|killed|drive-again|live-view|killed-switch|outcome-reports\.browser|run-series)\.e2e\.test\.js$/;
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
const totals = { pass: 0, fail: 0, cancelled: 0 };
const durations = [];
/** What is printed of groups that run beside the first. */
const held = [];
/** Files that succeeded without running a test. */
const empty = [];

/** Runs test files, each in its own process, and reports as `node --test` does. */
async function runFiles(files, concurrency, print) {
  await runProcesses(files, concurrency, print, (events) => {
    events.on('test:complete', ({ name, nesting, details }) => {
      if (nesting === 0 && name.endsWith('.test.js')) durations.push({ name, millis: details.duration_ms });
    });
    events.on('test:pass', ({ name, nesting }) => {
      if (nesting > 0 || !name.endsWith('.test.js')) return;
      empty.push(name); // node reports the file itself if it has no tests
      totals.pass--;
    });
  });
}

/** Runs test files that have tests of their own, many in each process. */
async function runPacked(files, concurrency, print) {
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-tests-'));
  const millisOf = new Map(files.map((file) => [file, 0]));
  const processes = Math.ceil(files.length / FILES_PER_PROCESS);
  const entries = Array.from({ length: processes }, (_, number) => {
    const imports = files
      .filter((_, index) => index % processes === number)
      .map((file) => `import ${JSON.stringify(pathToFileURL(file).href)};\n`);
    const entry = join(folder, `${number + 1}-of-${processes}.mjs`);
    writeFileSync(entry, imports.join(''));
    return entry;
  });
  try {
    await runProcesses(entries, concurrency, print, (events) => {
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

async function runProcesses(files, concurrency, print, listen) {
  if (files.length === 0) return;
  const events = run({ files, concurrency, timeout: FILE_MILLIS_MAX });
  listen(events);
  events.on('test:diagnostic', ({ message, nesting }) => {
    const [, what, count] = /^(pass|fail|cancelled) (\d+)$/.exec(nesting === 0 ? message : '') ?? [];
    if (what !== undefined) totals[what] += Number(count);
  });
  for await (const text of events.compose(new spec())) print(text);
}

const words = process.argv.slice(2);
const isFast = words.includes('--fast');
const part = words.find((word) => !word.startsWith('--')) ?? '';
const tests = readdirSync(dist, { recursive: true })
  .filter((file) => file.endsWith('.test.js') && file.includes(part))
  .map((file) => join(dist, file))
  .sort();
const pure = tests.filter(isPure);
const others = isFast ? [] : tests.filter((test) => !pure.includes(test));
if (pure.length + others.length === 0) {
  process.stderr.write('No test was found: nothing was tested.\n');
  process.exit(1);
}
const hasOwnTests = (file) => OWN_TEST.test(readFileSync(file, 'utf8'));
const together = others.filter((file) => !ALONE.test(file));
const isProgram = (file) => file.endsWith('.e2e.test.js');
const programs = together.filter(isProgram);
const longestFirst = [
  ...programs.filter((file) => LONGEST.test(file)),
  ...programs.filter((file) => !LONGEST.test(file)),
];
const printNow = (text) => process.stdout.write(text);
const hold = (text) => held.push(text);

/** All but the tests of the program, and those that run alone. */
async function runComputing(print) {
  await runPacked(pure.filter(hasOwnTests), 2, print);
  const single = [...pure.filter((file) => !hasOwnTests(file)), ...together.filter((file) => !isProgram(file))];
  await runFiles(single, 2, print);
}

await Promise.all([runFiles(longestFirst, 4, printNow), runComputing(programs.length === 0 ? printNow : hold)]);
process.stdout.write(held.join(''));
await runFiles(
  others.filter((file) => ALONE.test(file)),
  1,
  printNow,
);
durations.sort((a, b) => b.millis - a.millis);
process.stdout.write('\nThe slowest files:\n');
for (const { name, millis } of durations.slice(0, SLOWEST)) {
  process.stdout.write(`${(millis / 1000).toFixed(1).padStart(8)} s  ${relative(dist, name)}\n`);
}
for (const name of empty) process.stdout.write(`\n${relative(dist, name)}: expected tests, found none\n`);
const failed = totals.fail + totals.cancelled + empty.length;
process.stdout.write(`\n${totals.pass} passed, ${failed} failed\n`);
process.exitCode = failed > 0 ? 1 : 0;
