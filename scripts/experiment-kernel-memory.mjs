// How near the kernel memory that a result reports for each end of a connection comes to what else the kernel says.
//
//   npm run experiment:kernel-memory -- 50000        two minutes at most, as root; kept as results/reference/kernel-memory.json
//
// The sides of a run hold so many idle connections over tcp, both ends here. What is reported is the slope of a
// run; every other row is a difference between no connections and all of them, over all ends.
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { fingerprint } from '../dist/measure/fingerprint.js';
import { machinePageBytes, SOCKET_CACHES } from '../dist/measure/kernel-memory.js';
import { prepareRun } from '../dist/run/phases/prepare-run.js';
import { ramp } from '../dist/run/phases/ramp.js';
import { RunControl } from '../dist/run/phases/run-control.js';
import { ProcessSides } from '../dist/run/sides/process-sides.js';
import { parseScenario } from '../dist/scenario/scenario.js';
import { memoryLine } from '../dist/verdict/memory-levels.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const KEPT = join(root, 'results', 'reference', 'kernel-memory.json');
const SCENARIO = join(root, 'scenarios', 'tcp-100k.yaml');
const OFF_SHARE_MOST = 0.03;
/** Rest before a reading: the kernel frees much a grace period later. */
const REST_MILLIS = 2000;
const LEAVING_MILLIS_MOST = 90_000;
const PAGE_BYTES = machinePageBytes();

const text = (path) => readFileSync(path, 'utf8');
const sum = (figures) => figures.reduce((total, figure) => total + figure, 0);

/** The caches of sockets in /proc/slabinfo, read apart from the code that is checked. */
function slabinfo() {
  const rows = text('/proc/slabinfo')
    .split('\n')
    .map((line) => line.split(/\s+/));
  return rows
    .filter(([name]) => SOCKET_CACHES.includes(name))
    .map((row) => ({ inUse: +row[1], all: +row[2], bytes: +row[3], pages: +row[5], slabs: +row[14] }));
}

/** The same from /sys/kernel/slab, which also names caches that were merged with others of their size. */
function sysfsBytes() {
  const folders = new Set();
  for (const name of SOCKET_CACHES) {
    try {
      folders.add(realpathSync(`/sys/kernel/slab/${name}`));
    } catch {
      // this kernel has no such cache
    }
  }
  const first = (folder, file) => Number.parseInt(text(join(folder, file)), 10);
  return sum([...folders].map((folder) => first(folder, 'objects') * first(folder, 'slab_size')));
}

function meminfo(...names) {
  const all = text('/proc/meminfo');
  return sum(names.map((name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(all)[1]) * 1024));
}

/** Free pages that the processors keep at hand, which MemFree leaves out: tens of megabytes, more or less. */
const perCpuFreeBytes = () =>
  sum([...text('/proc/zoneinfo').matchAll(/cpu: \d+\s+count:\s+(\d+)/g)].map(([, pages]) => pages * PAGE_BYTES));

/** Connections that others have closed within the last minute (TIME_WAIT): their memory goes while ours comes. */
async function nobodyLeaving() {
  const until = performance.now() + LEAVING_MILLIS_MOST;
  const leaving = () => Number(/^TCP:.* tw (\d+)/m.exec(text('/proc/net/sockstat'))[1]);
  while (leaving() > 0) {
    if (performance.now() > until) throw new Error(`${leaving()} connections of others are in TIME_WAIT: try later`);
    await pause(500);
  }
}

async function reading() {
  await pause(REST_MILLIS);
  const caches = slabinfo();
  return {
    slabinfoSlabs: sum(caches.map(({ slabs, pages }) => slabs * pages * PAGE_BYTES)),
    slabinfoObjects: sum(caches.map(({ inUse, bytes }) => inUse * bytes)),
    slabinfoAllObjects: sum(caches.map(({ all, bytes }) => all * bytes)),
    sysfsObjects: sysfsBytes(),
    meminfoSlab: meminfo('Slab'),
    machineLessUser: meminfo('MemTotal') - meminfo('MemFree', 'Cached', 'Buffers', 'AnonPages') - perCpuFreeBytes(),
    tcpBuffers: Number(/^TCP:.* mem (\d+)/m.exec(text('/proc/net/sockstat'))[1]) * PAGE_BYTES,
  };
}

const SEES = {
  slabinfoSlabs:
    'whole slabs of the caches of sockets, as reported; not caches merged with others of their size (epoll)',
  slabinfoObjects:
    'objects in use of those caches; not the rest of each slab, into which no object fits, nor free places',
  slabinfoAllObjects: 'all objects of those caches, free ones too; not the rest of each slab',
  sysfsObjects: 'objects in use of those caches and of the merged ones, whoever uses them; not the rest of each slab',
  meminfoSlab: 'every slab of the machine, whoever uses it',
  machineLessUser:
    'all that is neither free nor of a process: tables of descriptors and pages, stacks, and what others do',
  tcpBuffers: 'data in buffers, which no row but the one above has: idle connections have none',
};

/** Opens the connections. @returns what a run would report, and the other readings before and after. */
async function measure(connections) {
  const settings = [`phones.count=${connections}`, 'phones.heartbeat=none', 'traffic.rate=0', 'phases.calibrate=false'];
  const scenario = parseScenario(text(SCENARIO), SCENARIO, settings);
  const { plan } = prepareRun(scenario, SCENARIO, null).order;
  const sides = new ProcessSides(plan, { isCalibration: false, targets: null });
  const control = new RunControl(new AbortController().signal, sides.failure);
  try {
    await sides.start();
    await sides.readMemory(0); // its garbage is not what is looked for
    const before = await reading();
    const outcome = await ramp(sides, control, { onReading: () => {}, memoryLeft: () => null, fault: () => null });
    const held = sides.driver('held');
    if (!outcome.isComplete || held !== connections) throw new Error(`${held} of ${connections} connections opened`);
    const after = await reading();
    return {
      before,
      after,
      slope: memoryLine(outcome.readings, ({ kernelBytes }) => kernelBytes, plan.settings.seed),
    };
  } finally {
    await sides.stop();
  }
}

const connections = Number(process.argv[2] ?? '50000');
if (!(connections >= 5000 && connections <= 500_000)) {
  process.stderr.write('Expected a number of connections from 5000 to 500000.\n');
  process.exit(2);
}
if (process.getuid?.() !== 0) {
  process.stderr.write('Only root may read /proc/slabinfo and /sys/kernel/slab: run this as root, on Linux.\n');
  process.exit(2);
}
await nobodyLeaving();
const { before, after, slope } = await measure(connections);
const ends = 2 * connections;
const reported = slope.bytesPerConnection / 2;
const interval = [slope.lowBytesPerConnection / 2, slope.highBytesPerConnection / 2];
const rows = Object.entries(SEES).map(([source, sees]) => {
  const bytesPerEnd = (after[source] - before[source]) / ends;
  return { source, bytesPerEnd, offShare: source === 'tcpBuffers' ? null : reported / bytesPerEnd - 1, sees };
});
const offShare = rows.find(({ source }) => source === 'slabinfoSlabs').offShare;
const isMet = Math.abs(offShare) <= OFF_SHARE_MOST;
const lines = rows.map(({ source, bytesPerEnd, offShare: off, sees }) => {
  const against = off === null ? '' : `${(off * 100).toFixed(2)} %`;
  return `${source.padEnd(19)} ${bytesPerEnd.toFixed(0).padStart(6)} B ${against.padStart(9)}   ${sees}`;
});
process.stdout.write(
  `${connections} idle connections, both ends here. Reported for each end: ${reported.toFixed(0)} B ` +
    `(${interval.map((bytes) => bytes.toFixed(0)).join(' to ')}), which against each source is off by\n` +
    `${lines.join('\n')}\n` +
    `Against slabinfo's own count of whole slabs ${(offShare * 100).toFixed(2)} %; at most ${OFF_SHARE_MOST * 100} % ${isMet ? 'met' : 'NOT met'}\n`,
);
const entry = {
  connections,
  machineClass: fingerprint().machineClass,
  reportedBytesPerEnd: reported,
  interval,
  rows,
  isMet,
};
const kept = existsSync(KEPT) ? JSON.parse(text(KEPT)) : [];
const entries = [...kept.filter((one) => one.connections !== connections), entry];
mkdirSync(dirname(KEPT), { recursive: true });
writeFileSync(KEPT, `${JSON.stringify(entries, null, 1)}\n`);
process.exitCode = isMet ? 0 : 1;
