// Runs the benchmarks and prints each figure beside the last stored one.
//
//   npm run bench                     all but scale and store, about eight minutes
//   npm run bench -- compare          trunkline compare of a thousand stored results, seconds
//   npm run bench -- apart            memory of groups and subscriptions, beside a session and its phone: a minute
//   npm run bench -- scale            processor time per message at 1 M and at 100 M phones, about 15 minutes, 7 GB
//   npm run bench -- store            messages on a disk, starts with 1 M and 10 M that wait, memory with 20 M:
//                                     ten minutes, 5 GB of disk
//   npm run bench -- wire rings       only these benchmarks
//   npm run bench -- --save           store the figures in results/reference/: those of store in store.json,
//                                     others in benchmarks.json
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { queued } from './bench-queued.mjs';
import { environment, readKept, writeKept } from './kept-figures.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const REPEATS = 5;
const STORED_RESULTS = 1000;
const KEPT = 'benchmarks';
/** Has the figures of `store` beside those of an experiment. */
const KEPT_STORE = 'store';
/** Too long to run with all others. */
const LONG = ['scale', 'store'];
const ACKNOWLEDGED_PER_SECOND = '10k';
const MICRO = {
  wire: 'dist/wire/parse-frames.bench.js',
  rings: 'dist/ring/rings.bench.js',
  tun: 'dist/transport/tun/tcp-stack.bench.js',
  echo: 'dist/transport/tun/kernel-echo.bench.js',
  'receive-path': 'dist/transport/tun/receive-path.bench.js',
  cores: 'dist/simulate/cores.bench.js',
  sockets: 'dist/run/worker/ends/event-transports.bench.js',
};
/** The highest load is searched in these steps. A step holds if almost all messages are sent, and delivered quickly. */
const RATES = [200, 300, 400, 500, 600, 700, 800];
const LONGEST_P99_MICROS = 100_000;

const args = process.argv.slice(2);
const wanted = args.filter((arg) => !arg.startsWith('-'));
const isWanted = (name) => (wanted.length === 0 ? !LONG.includes(name) : wanted.includes(name));

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function node(file, ...rest) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(root, file), ...rest], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (stdout === '') throw new Error(`${file} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout);
}

function micro(file) {
  return medians(Array.from({ length: REPEATS }, () => node(file)));
}

function medians(runs) {
  return Object.fromEntries(Object.keys(runs[0]).map((name) => [name, median(runs.map((run) => run[name]))]));
}

/** Runs a scenario once with changed settings, without calibration. */
function run(scenario, ...settings) {
  const fixed = ['phases.calibrate=false', 'phases.settle=10s', 'phases.measure=10s', 'phases.drain=5s'];
  const sets = [...fixed, ...settings].flatMap((setting) => ['--set', setting]);
  return node(
    'dist/cli/main.js',
    'run',
    scenario,
    '--json',
    '--quiet',
    '--out',
    join(tmpdir(), 'trunkline-bench'),
    ...sets,
  );
}

/** The highest of the rates that hold. All phones are online, so that no message waits for its recipient. */
function highestLoad(...settings) {
  let best;
  for (const rate of RATES) {
    const result = run('million', `traffic.rate=${rate}k`, 'phones.session=none', ...settings);
    const { throughput, latency } = result;
    const sent = throughput.messagesPerSecond / throughput.offeredMessagesPerSecond;
    if (sent < 0.99 || latency.delivery.p99Micros > LONGEST_P99_MICROS) break;
    best = { rate, result };
  }
  if (best === undefined) throw new Error(`not even ${RATES[0]}k messages per second hold`);
  return best;
}

function whole() {
  const two = highestLoad();
  const half = run('million', `traffic.rate=${two.rate / 2}k`, 'phones.session=none');
  const home = run('million', `traffic.rate=${two.rate / 2}k`, 'phones.session=none', 'switch.placement=home');
  const one = run('million', 'traffic.rate=1M', 'phones.session=none', 'switch.shards=1', 'driver.lanes=1');
  const full = run('million', 'traffic.rate=500k', 'phones.session=none');
  const logins = run('million', 'login.rate=2M', 'traffic.rate=10k');
  return {
    highestCompleteMessagesPerSecond: two.result.throughput.completeMessagesPerSecond,
    highestOfferedMessagesPerSecond: two.result.throughput.offeredMessagesPerSecond,
    saturatedCompleteMessagesPerSecond: full.throughput.completeMessagesPerSecond,
    halfLoadDeliveryP50Micros: half.latency.delivery.p50Micros,
    halfLoadDeliveryP99Micros: half.latency.delivery.p99Micros,
    halfLoadSwitchMicrosPerMessage: half.cpu.switchMicrosPerMessage,
    halfLoadDriverMicrosPerMessage: half.cpu.driverMicrosPerMessage,
    atHomeSwitchMicrosPerMessage: home.cpu.switchMicrosPerMessage,
    oneShardOneLaneCompleteMessagesPerSecond: one.throughput.completeMessagesPerSecond,
    loginsPerSecond: logins.throughput.loginsPerSecond,
    switchLedgerBytesPerConnection: half.memory.switch.ledger.bytesPerConnection,
    driverLedgerBytesPerConnection: half.memory.driver.ledger.bytesPerConnection,
    rssBytesPerConnection: half.memory.process.rss.bytesPerConnection,
    lostDuplicatedReordered:
      two.result.integrity.lost +
      two.result.integrity.duplicated +
      two.result.integrity.reordered +
      full.integrity.lost +
      full.integrity.duplicated +
      full.integrity.reordered,
  };
}

/**
 * What an idle session and its phone cost where phones are in groups and watch contacts, and what a membership and a
 * subscription cost, which are counted apart.
 */
function apart() {
  const { memory, groups, presence } = run(
    'million',
    'phones.session=none',
    'traffic.rate=10k',
    'groups.count=84k',
    'groups.size=12',
    'groups.sizeMax=100',
    'groups.share=10%',
    'presence.watch=2',
  );
  return {
    switchLedgerBytesPerConnection: memory.switch.ledger.bytesPerConnection,
    driverLedgerBytesPerConnection: memory.driver.ledger.bytesPerConnection,
    groupBytesPerMembership: groups.bytes / groups.memberships,
    presenceBytesPerSubscription: presence.bytes / presence.subscriptions,
  };
}

/**
 * The processor time per message as the number of phones grows. If a million of them are active and the others only
 * connected, messages touch as many rows as in the small run, so the difference is not caused by cache misses. If all
 * are active, it includes cache misses.
 */
function scale() {
  const load = ['traffic.rate=150k', 'phones.session=none', 'phones.heartbeat=none'];
  const small = run('million', ...load, 'traffic.activePhones=1M');
  const large = run('hundred-million', ...load, 'traffic.activePhones=1M');
  const all = run('hundred-million', ...load);
  const micros = ({ cpu }) => cpu.switchMicrosPerMessage + cpu.driverMicrosPerMessage;
  return {
    phonesHeld: all.connections.held,
    millionMicrosPerMessage: micros(small),
    hundredMillionMillionActiveMicrosPerMessage: micros(large),
    hundredMillionMicrosPerMessage: micros(all),
    growthWithoutCacheMisses: micros(large) / micros(small) - 1,
    growthWithCacheMisses: micros(all) / micros(small) - 1,
    rssBytesPerConnection: all.memory.process.rss.bytesPerConnection,
    lostDuplicatedReordered: all.integrity.lost + all.integrity.duplicated + all.integrity.reordered,
  };
}

/**
 * The log of a shard alone, complete runs whose ✓ wait for the disk, and starts of a switch with messages that wait.
 */
async function store() {
  const runs = Array.from({ length: REPEATS }, () => {
    const { latency, durability, integrity } = run(
      'million',
      'phones.count=100k',
      'phones.session=none',
      `traffic.rate=${ACKNOWLEDGED_PER_SECOND}`,
      'switch.durability=fsync',
    );
    const { p50Micros, p99Micros } = latency.acknowledgement;
    const { diskSyncP50Micros, diskSyncP99Micros, commitsPerSecond, recordsPerCommit } = durability;
    return {
      runSyncP50Micros: diskSyncP50Micros,
      runSyncP99Micros: diskSyncP99Micros,
      runCommitsPerSecond: commitsPerSecond,
      runRecordsPerCommit: recordsPerCommit,
      runAcknowledgementP50Micros: p50Micros,
      runAcknowledgementP99Micros: p99Micros,
      runAcknowledgementP99ToSyncP50Ratio: p99Micros / diskSyncP50Micros,
      runAcknowledgementP99ToSyncP99Ratio: p99Micros / diskSyncP99Micros,
      runLostDuplicatedReordered: integrity.lost + integrity.duplicated + integrity.reordered,
    };
  });
  return { ...micro('dist/disk/store.bench.js'), ...medians(runs), ...(await queued()) };
}

/** Runs the whole command on a thousand copies of a stored result with a varying figure. */
function compare() {
  const folder = mkdtempSync(join(tmpdir(), 'trunkline-bench-'));
  try {
    const text = readFileSync(join(root, 'results', 'reference', 'million-half-load.json'), 'utf8');
    for (let i = 0; i < STORED_RESULTS; i++) {
      const result = JSON.parse(text);
      result.id = `made-${i}`;
      result.cpu.switchMicrosPerMessage *= 1 + ((i * 7919) % 100) / 10_000;
      const run = join(folder, i % 2 === 0 ? 'base' : 'candidate', result.id);
      mkdirSync(run, { recursive: true });
      writeFileSync(join(run, 'result.json'), `${JSON.stringify(result, null, 1)}\n`);
    }
    const args = ['compare', '--results', join(folder, 'base'), '--against', join(folder, 'candidate')];
    const seconds = Array.from({ length: REPEATS }, () => {
      const start = performance.now();
      node('dist/cli/main.js', ...args, '--format', 'json');
      return (performance.now() - start) / 1000;
    });
    return { storedResults: STORED_RESULTS, megabytes: (STORED_RESULTS * text.length) / 1e6, seconds: median(seconds) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function print(name, figures, kept) {
  process.stdout.write(`${name}\n`);
  for (const [key, value] of Object.entries(figures)) {
    const before = kept?.[key];
    const shown = (figure) => (figure >= 1000 ? Math.round(figure).toLocaleString('en') : figure.toFixed(3));
    const beside =
      before === undefined
        ? 'none stored'
        : `stored ${shown(before)}${before === 0 ? '' : `, ratio ${(value / before).toFixed(2)}`}`;
    process.stdout.write(`  ${key.padEnd(44)}${shown(value).padStart(14)}   ${beside}\n`);
  }
}

const kept = readKept(KEPT, { figures: {} });
const keptStore = readKept(KEPT_STORE, {});
const figures = { ...kept.figures };
const LARGE = { compare, whole, apart, scale, store };
let isOther = false;
for (const name of [...Object.keys(MICRO), ...Object.keys(LARGE)].filter(isWanted)) {
  const found = (await LARGE[name]?.()) ?? micro(MICRO[name]);
  if (name === 'store') {
    print(name, found, keptStore.benchmark?.figures);
    keptStore.benchmark = { savedAt: new Date().toISOString(), environment: environment(), figures: found };
    continue;
  }
  print(name, found, kept.figures[name]);
  figures[name] = found;
  isOther = true;
}
if (args.includes('--save')) {
  if (isWanted('store')) writeKept(KEPT_STORE, keptStore, null, 2);
  if (isOther) writeKept(KEPT, { savedAt: new Date().toISOString(), environment: environment(), figures });
}
