// Compares the kernel memory per end that a result reports with other figures of the kernel.
//
//   npm run experiment:kernel-memory -- 50000        at most two minutes, as root; stored in
//                                                    results/reference/kernel-memory.json
//
// The sides of a run hold idle connections over tcp, both ends on this machine. The reported figure is the slope of a
// run. Every other row is the difference between no connections and all of them, divided by the number of ends.
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { machinePageBytes, SOCKET_CACHES } from '../dist/measure/kernel-memory.js';
import { RunControl } from '../dist/run/phases/control/run-control.js';
import { prepareRun } from '../dist/run/phases/order/prepare-run.js';
import { ramp } from '../dist/run/phases/traffic/ramp.js';
import { ProcessSides } from '../dist/run/sides/process-sides.js';
import { parseScenario } from '../dist/scenario/scenario.js';
import { memoryLine } from '../dist/verdict/record/memory-levels.js';
import { environment, readKept, writeKept } from './kept-figures.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const KEPT = 'kernel-memory';
const SCENARIO = join(root, 'scenarios', 'tcp-100k.yaml');
const OFF_SHARE_MAX = 0.03;
/** Pause before a reading: the kernel frees much of its memory one RCU grace period later. */
const REST_MILLIS = 2000;
const LEAVING_MILLIS_MAX = 90_000;
const PAGE_BYTES = machinePageBytes();

const text = (path) => readFileSync(path, 'utf8');
const sum = (figures) => figures.reduce((total, figure) => total + figure, 0);

/** The socket caches in /proc/slabinfo, read independently of the code under test. */
function slabinfo() {
  const rows = text('/proc/slabinfo')
    .split('\n')
    .map((line) => line.split(/\s+/));
  return rows
    .filter(([name]) => SOCKET_CACHES.includes(name))
    .map((row) => ({ inUse: +row[1], all: +row[2], bytes: +row[3], pages: +row[5], slabs: +row[14] }));
}

/** The same from /sys/kernel/slab, which also lists caches that were merged with others of the same object size. */
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

/** Free pages in per-processor lists, which MemFree does not include: tens of megabytes. */
const perCpuFreeBytes = () =>
  sum([...text('/proc/zoneinfo').matchAll(/cpu: \d+\s+count:\s+(\d+)/g)].map(([, pages]) => pages * PAGE_BYTES));

/**
 * Waits for connections closed by other programs within the last minute (TIME_WAIT), whose memory is still being freed.
 */
async function nobodyLeaving() {
  const until = performance.now() + LEAVING_MILLIS_MAX;
  const leaving = () => Number(/^TCP:.* tw (\d+)/m.exec(text('/proc/net/sockstat'))[1]);
  while (leaving() > 0) {
    if (performance.now() > until)
      throw new Error(`${leaving()} connections of other programs are in TIME_WAIT: try again later`);
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
    'whole slabs of the socket caches, as reported; not caches merged with others of the same object size (epoll)',
  slabinfoObjects:
    'objects in use in those caches; neither free objects nor the rest of each slab, into which no object fits',
  slabinfoAllObjects: 'all objects in those caches, including free ones; not the rest of each slab',
  sysfsObjects: 'objects in use in those caches and in merged ones, whoever uses them; not the rest of each slab',
  meminfoSlab: 'every slab of the machine, whoever uses it',
  machineLessUser:
    'all memory that is neither free nor part of a process: descriptor tables, page tables, stacks, and other uses',
  tcpBuffers: 'data in socket buffers, which of the other rows only the one above includes; idle connections have none',
};

/** Opens the connections. @returns the slope that a run would report, and the other readings before and after. */
async function measure(connections) {
  const settings = [`phones.count=${connections}`, 'phones.heartbeat=none', 'traffic.rate=0', 'phases.calibrate=false'];
  const scenario = parseScenario(text(SCENARIO), SCENARIO, settings);
  const { plan } = prepareRun(scenario, SCENARIO, null).order;
  const sides = new ProcessSides(plan, { isCalibration: false, targets: null });
  const control = new RunControl(new AbortController().signal, sides.failure);
  try {
    await sides.start();
    await sides.readMemory(0); // collects garbage, which must not be part of the difference
    const before = await reading();
    const outcome = await ramp(sides, control, { onReading: () => {}, memoryLeft: () => null, fault: () => null });
    const held = sides.driver('held');
    if (!outcome.isComplete || held !== connections) throw new Error(`${held} of ${connections} connections opened`);
    const after = await reading();
    return {
      before,
      after,
      slope: memoryLine(outcome.readings, ({ kernelBytes }) => kernelBytes, plan.settings.seed),
      seed: plan.settings.seed,
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
const { before, after, slope, seed } = await measure(connections);
const ends = 2 * connections;
const reported = slope.bytesPerConnection / 2;
const interval = [slope.lowBytesPerConnection / 2, slope.highBytesPerConnection / 2];
const rows = Object.entries(SEES).map(([source, sees]) => {
  const bytesPerEnd = (after[source] - before[source]) / ends;
  return { source, bytesPerEnd, offShare: source === 'tcpBuffers' ? null : reported / bytesPerEnd - 1, sees };
});
const offShare = rows.find(({ source }) => source === 'slabinfoSlabs').offShare;
const isMet = Math.abs(offShare) <= OFF_SHARE_MAX;
const lines = rows.map(({ source, bytesPerEnd, offShare: off, sees }) => {
  const against = off === null ? '' : `${(off * 100).toFixed(2)} %`;
  return `${source.padEnd(19)} ${bytesPerEnd.toFixed(0).padStart(6)} B ${against.padStart(9)}   ${sees}`;
});
process.stdout.write(
  `${connections} idle connections, both ends here, seed ${seed}. Reported per end: ${reported.toFixed(0)} B ` +
    `(${interval.map((bytes) => bytes.toFixed(0)).join(' to ')}); its deviation from each source:\n` +
    `${lines.join('\n')}\n` +
    `From slabinfo's own count of whole slabs: ${(offShare * 100).toFixed(2)} %; at most ${OFF_SHARE_MAX * 100} % ${isMet ? 'met' : 'NOT met'}\n`,
);
const entry = {
  connections,
  environment: environment(),
  seed,
  reportedBytesPerEnd: reported,
  interval,
  rows,
  isMet,
};
const { levels } = readKept(KEPT, { levels: [] });
writeKept(KEPT, { levels: [...levels.filter((one) => one.connections !== connections), entry] });
process.exitCode = isMet ? 0 : 1;
