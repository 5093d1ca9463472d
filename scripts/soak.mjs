// Half an hour of reconnects over tcp: measures the allocation of each side per message and reconnect, and whether its
// memory grows.
//
//   npm run soak                        30 minutes, stored in results/reference/soak.json
//   npm run soak -- 3m                  shorter; nothing is stored
//   npm run soak -- 3m --set sockets.hold=descriptors      other settings of scripts/soak-scenario.yaml
//
// Everything is read from outside. RSS is read from the kernel (/proc/PID/statm) once per second. Allocation is taken
// from V8's log of garbage collections (--trace-gc): the growth of a thread's heap from the end of one collection to
// the start of the next. Allocation since the last collection of a thread is not visible. It is less than the size of
// its new space, so the upper bound is the number of collections, plus one, times the size of new space.
//
// A single run cannot separate messages from reconnects, so both are judged together: a side must allocate less than 1
// B per message plus 16 B per reconnect. The main thread reports counters to the controller at a fixed rate whatever
// the load, so it has a row of its own, apart from the threads that carry traffic.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseDurationMicros } from '../dist/base/units.js';
import { machinePageBytes } from '../dist/measure/kernel-memory.js';
import { fileOf, environment as ownEnvironment, writeKept } from './kept-figures.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const MAIN = join(root, 'dist', 'cli', 'main.js');
const SCENARIO = join(root, 'scripts', 'soak-scenario.yaml');
const FULL = '30m';
const MESSAGE_BYTES = 1;
const RECONNECT_BYTES = 16;
const GROWTH_MAX = 0.02;
/** Time until compiled code, caches and new space reach their final sizes. A tenth of the time for a shorter run. */
const WARM_UP_SECONDS = 120;
/** Time between two collections of the main thread of a side; of a shorter run a fifth. */
const WINDOW_SECONDS = 240;
const SAMPLE_MILLIS = 1000;
const PRINT_SECONDS = 30;
const MEGABYTE = 2 ** 20;
const SIDES = ['switch', 'driver'];

const sum = (figures) => figures.reduce((total, figure) => total + figure, 0);

function readOrEmpty(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // the process has ended
  }
}

/** The process of each side, among the children of the run. */
function sidesOf(runId) {
  const children = readOrEmpty(`/proc/${runId}/task/${runId}/children`).split(' ').filter(Boolean).map(Number);
  const found = {};
  for (const child of children) {
    const words = readOrEmpty(`/proc/${child}/cmdline`).split('\0');
    const at = words.findIndex((word) => word.endsWith('side-main.js'));
    if (at >= 0) found[words[at + 1]] = child;
  }
  return found;
}

const rssBytes = (processId) => Number(readOrEmpty(`/proc/${processId}/statm`).split(' ')[1]) * machinePageBytes();

/** `[pid:isolate]  1234 ms: Scavenge 8.2 (10.1) -> 7.3 (11.1) MB, …` */
const COLLECTION = /^\[(\d+):(0x[0-9a-f]+)\]\s+\d+ ms: (.*?) ([\d.]+) \([\d.]+\) -> ([\d.]+) \([\d.]+\) MB/;

/** Records the garbage collections of every thread of a run. */
class Collections {
  #threads = new Map();

  line(text, seconds) {
    const match = COLLECTION.exec(text);
    if (match === null) return;
    const [, processId, isolate, kind, before, after] = match;
    const key = `${processId}:${isolate}`;
    const events = this.#threads.get(key) ?? [];
    events.push({ processId: Number(processId), kind, seconds, before: before * MEGABYTE, after: after * MEGABYTE });
    this.#threads.set(key, events);
  }

  /** The collections of the threads of a process between two times. The main thread is the first that collects. */
  of(processId, from, to) {
    const threads = [...this.#threads.values()].filter(([first]) => first.processId === processId);
    return threads.map((events, place) => {
      const inside = events.filter(({ seconds }) => seconds >= from && seconds <= to);
      const grown = inside.map((event, i) => {
        const earlier = i === 0 ? events[events.indexOf(event) - 1] : inside[i - 1];
        return earlier === undefined ? 0 : Math.max(0, event.before - earlier.after);
      });
      return { isMain: place === 0, collections: inside.length, bytes: sum(grown), newSpaceBytes: newSpaceOf(events) };
    });
  }
}

/** The largest growth of a thread's heap between two collections: the part of its new space that is used. */
function newSpaceOf(events) {
  return Math.max(MEGABYTE, ...events.map((event, i) => (i === 0 ? 0 : event.before - events[i - 1].after)));
}

/** Runs the soak. */
async function run(duration, settings) {
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-soak-'));
  const sets = [`phases.measure=${duration}`, ...settings].flatMap((setting) => ['--set', setting]);
  const child = spawn(process.execPath, ['--trace-gc', MAIN, 'run', SCENARIO, '--out', folder, ...sets], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const collections = new Collections();
  const samples = [];
  let trafficFrom = Number.POSITIVE_INFINITY;
  let measuredFrom = Number.POSITIVE_INFINITY;
  let measuredTo = Number.POSITIVE_INFINITY;
  let sides = {};
  eachLine(child.stdout, (line) => collections.line(line, seconds()));
  eachLine(child.stderr, (line) => {
    if (line.startsWith('settle ')) trafficFrom = seconds();
    else if (line.startsWith('measure ')) measuredFrom = seconds();
    else if (Number.isFinite(measuredFrom) && line.startsWith('drain ')) measuredTo = Math.min(measuredTo, seconds());
    else if (!/^ +[\d.]+ s /.test(line)) process.stderr.write(`${line}\n`);
  });
  let printed = Number.NEGATIVE_INFINITY;
  const timer = setInterval(() => {
    if (Object.keys(sides).length < SIDES.length) sides = sidesOf(child.pid);
    if (seconds() < measuredFrom || seconds() > measuredTo) return;
    const sample = {
      seconds: seconds() - measuredFrom,
      ...Object.fromEntries(SIDES.map((side) => [side, rssBytes(sides[side])])),
    };
    if (SIDES.some((side) => Number.isNaN(sample[side]))) return;
    samples.push(sample);
    if (sample.seconds - printed < PRINT_SECONDS) return;
    printed = sample.seconds;
    const figures = SIDES.map((side) => `${side} ${(sample[side] / MEGABYTE).toFixed(1)} MiB`).join('   ');
    process.stdout.write(`${sample.seconds.toFixed(0).padStart(6)} s   RSS: ${figures}\n`);
  }, SAMPLE_MILLIS);
  const code = await new Promise((resolve) => child.once('close', resolve));
  clearInterval(timer);
  const [name] = readdirSync(folder);
  if (name === undefined) throw new Error(`the run ended with exit code ${code} and no result`);
  const result = JSON.parse(readFileSync(join(folder, name, 'result.json'), 'utf8'));
  rmSync(folder, { recursive: true });
  return {
    result,
    collections,
    samples,
    sides,
    trafficFrom,
    measuredFrom,
    measuredTo: Math.min(measuredTo, seconds()),
  };
}

function eachLine(stream, visit) {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) visit(line);
  });
}

/**
 * The largest deviation of the RSS from its value after the warm-up, as a share of it. It compares means of windows,
 * because the new space of the main thread grows by 1 MiB from one of its collections to the next, which are about four
 * minutes apart. The largest single deviation contains that, and is stated beside it.
 */
function growth(samples, side, warmUpSeconds, windowSeconds) {
  const later = samples.filter(({ seconds }) => seconds >= warmUpSeconds);
  const windows = [];
  const last = (later.at(-1)?.seconds ?? 0) + SAMPLE_MILLIS / 500; // the last window may lack a sample or two
  for (let from = warmUpSeconds; from + windowSeconds <= last; from += windowSeconds) {
    const inside = later.filter(({ seconds }) => seconds >= from && seconds < from + windowSeconds);
    windows.push(sum(inside.map((sample) => sample[side])) / inside.length);
  }
  if (windows.length < 2) return null;
  const [baseBytes] = windows;
  const deviation = (bytes) => Math.abs(bytes / baseBytes - 1);
  return {
    baseBytes,
    lastBytes: windows.at(-1),
    mostShare: Math.max(...windows.map(deviation)),
    mostSingleShare: Math.max(...later.map((sample) => deviation(sample[side]))),
  };
}

function judge({ result, collections, samples, sides, trafficFrom, measuredFrom, measuredTo }) {
  const seconds = samples.at(-1)?.seconds ?? 0;
  const warmUpSeconds = Math.min(WARM_UP_SECONDS, seconds / 10);
  const windowSeconds = Math.min(WINDOW_SECONDS, seconds / 5);
  const { messagesSent, returns } = result.counters.driver;
  // Counters cover all traffic, and allocation starts at the end of the warm-up, so this share of the load applies.
  const share = (measuredTo - measuredFrom - warmUpSeconds) / (measuredTo - trafficFrom);
  const messages = Math.round(share * messagesSent);
  const reconnects = Math.round(share * returns);
  const allowedBytes = messages * MESSAGE_BYTES + reconnects * RECONNECT_BYTES;
  const rows = SIDES.map((side) => {
    const threads = collections.of(sides[side], measuredFrom + warmUpSeconds, measuredTo);
    const figures = (some) => ({
      threads: some.length,
      collections: sum(some.map((thread) => thread.collections)),
      allocatedBytes: sum(some.map((thread) => thread.bytes)),
      // One collection more per thread, for the allocation since its last one.
      mostBytes: sum(some.map((thread) => (thread.collections + 1) * thread.newSpaceBytes)),
    });
    const traffic = figures(threads.filter((thread) => !thread.isMain));
    const main = figures(threads.filter((thread) => thread.isMain));
    return { side, traffic, main, growth: growth(samples, side, warmUpSeconds, windowSeconds) };
  });
  return {
    seconds,
    warmUpSeconds,
    messagesInAll: messagesSent,
    reconnectsInAll: returns,
    messages,
    reconnects,
    allowedBytes,
    rows,
  };
}

const [duration = FULL] = process.argv
  .slice(2)
  .filter((word, i, words) => !word.startsWith('--') && words[i - 1] !== '--set');
const settings = process.argv.slice(2).filter((_, i, words) => words[i - 1] === '--set');
if (parseDurationMicros(duration) === null)
  throw new Error(`expected a length of time such as 3m or 30m, found ${duration}`);
const outcome = await run(duration, settings);
const verdict = judge(outcome);
const per = (bytes, count) => (bytes / count).toFixed(3);
const isComplete = outcome.result.validity.ended === 'complete';
let hasPassed = isComplete && outcome.result.integrity.lost === 0;
const say = (line) => process.stdout.write(`${line}\n`);

say(
  `\n${verdict.messagesInAll} messages and ${verdict.reconnectsInAll} reconnects in ${verdict.seconds.toFixed(0)} s, seed ${outcome.result.scenario.seed}`,
);
say(
  `after the first ${verdict.warmUpSeconds.toFixed(0)} s, ${verdict.messages} messages and ${verdict.reconnects} reconnects:`,
);
for (const { side, traffic, main, growth: grown } of verdict.rows) {
  const isWithin = traffic.allocatedBytes + main.allocatedBytes <= verdict.allowedBytes;
  const isSteady = grown !== null && grown.mostShare <= GROWTH_MAX;
  hasPassed &&= isWithin && isSteady;
  for (const [name, row] of [
    [`${traffic.threads} threads with traffic`, traffic],
    ['main thread', main],
  ]) {
    say(
      `${side}: ${name}: ${row.collections} collections, ${(row.allocatedBytes / MEGABYTE).toFixed(2)} MiB allocated, at most ` +
        `${(row.mostBytes / MEGABYTE).toFixed(2)} MiB: ${per(row.allocatedBytes, verdict.messages)} B per message if all of it is due to messages, ` +
        `${per(row.allocatedBytes, verdict.reconnects)} B per reconnect if all of it is due to reconnects`,
    );
  }
  say(
    `${side}: ${isWithin ? 'within' : 'BEYOND'} 1 B per message plus 16 B per reconnect, ${(verdict.allowedBytes / MEGABYTE).toFixed(2)} MiB`,
  );
  if (grown === null) say(`${side}: too short to judge the RSS`);
  else
    say(
      `${side}: RSS ${(grown.baseBytes / MEGABYTE).toFixed(1)} MiB after the warm-up, ${(grown.lastBytes / MEGABYTE).toFixed(1)} MiB at the end, ` +
        `at most ${(100 * grown.mostShare).toFixed(2)} % deviation: ${isSteady ? 'within' : 'BEYOND'} 2 %; ` +
        `${(100 * grown.mostSingleShare).toFixed(2)} % in a single sample`,
    );
}
say(
  `run ${outcome.result.validity.ended}; lost ${outcome.result.integrity.lost}, duplicated ${outcome.result.integrity.duplicated}`,
);
say(hasPassed ? 'PASSED' : 'FAILED');
if (duration === FULL && settings.length === 0 && isComplete) {
  const { environment, sockets } = outcome.result;
  const kept = {
    made: `npm run soak`,
    startedAt: outcome.result.startedAt,
    seed: outcome.result.scenario.seed,
    machine: ownEnvironment(),
    environment,
    sockets,
    hasPassed,
    ...verdict,
    samples: outcome.samples.filter((_, i) => i % 10 === 0),
  };
  writeKept('soak', kept);
  say(`stored in ${fileOf('soak')}`);
}
process.exitCode = hasPassed ? 0 : 1;
