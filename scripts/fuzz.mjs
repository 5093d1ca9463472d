// Fuzzes the switch with hostile phones, and the driver with a hostile switch: with more streams than the tests, over
// each transport.
//
//   npm run fuzz                                   100,000 streams and as many connections of drivers, each transport
//   npm run fuzz -- --transport ws --streams 20000 --seed 7
//   npm run fuzz -- --transport memory             the rings, in virtual time
//   npm run fuzz -- --side switch                  only one side
//   npm run fuzz -- --save                         stores the figures in results/reference/fuzz.json
import { parseArgs } from 'node:util';
import { drawSeed } from '../dist/fuzz/draws.test-suite.js';
import { fuzzDriver } from '../dist/fuzz/fuzz-driver.test-suite.js';
import { fuzzSwitch } from '../dist/fuzz/fuzz-switch.test-suite.js';
import { SWITCH_TARGETS } from '../dist/fuzz/fuzz-targets.test-suite.js';
import { fuzzMemoryDriver } from '../dist/fuzz/memory-driver.test-suite.js';
import { fuzzMemorySwitch } from '../dist/fuzz/memory-switch.test-suite.js';
import { environment, readKept, writeKept } from './kept-figures.mjs';

const KEPT = 'fuzz';
const TOLD_EVERY = 10_000;

const { values: options } = parseArgs({
  options: {
    transport: { type: 'string' },
    streams: { type: 'string', default: '100000' },
    seed: { type: 'string' },
    side: { type: 'string', default: 'both' },
    save: { type: 'boolean', default: false },
  },
});
const seed = drawSeed(options.seed);
const streams = Number(options.streams);
const isAsked = (transport) => (options.transport ?? transport) === transport;
const targets = SWITCH_TARGETS.filter(({ transport }) => isAsked(transport));
const isKnown = targets.length > 0 || isAsked('memory');
if (!isKnown || !Number.isSafeInteger(streams) || streams < 1) {
  process.stderr.write('Expected --transport memory, tcp, node-tcp or ws, and --streams N of at least 1.\n');
  process.exit(2);
}

const runs = [];

/**
 * Stores the outcome after each target, so that it is kept whatever happens to the next. Figures of other targets stay.
 */
function keep(run) {
  runs.push(run);
  if (!options.save) return;
  const others = readKept(KEPT, { runs: [] }).runs.filter((old) => runs.every(({ target }) => target !== old.target));
  const here = environment();
  writeKept(KEPT, { runs: [...others, ...runs.map((one) => ({ ...one, seed, environment: here }))] });
}

function told(trend) {
  return trend === null
    ? 'not read'
    : `${trend.earlyMib.toFixed(1)} MiB, then a growth of ${trend.growthMib.toFixed(1)} MiB`;
}

if (options.side !== 'driver' && isAsked('memory')) {
  process.stderr.write(`memory: ${streams} streams, seed ${seed}\n`);
  const outcome = fuzzMemorySwitch(seed, streams);
  const { seconds, exchanged } = outcome;
  process.stdout.write(`memory: alive after ${streams} streams in ${seconds.toFixed(0)} s; `);
  process.stdout.write(`${exchanged} messages of other phones in the meantime\n`);
  keep({ target: 'memory, two shards, in virtual time', ...outcome });
}
for (const target of options.side === 'driver' ? [] : targets) {
  process.stderr.write(`${target.name}: ${streams} streams, seed ${seed}\n`);
  const onStream = (done) => {
    if (done % TOLD_EVERY === 0) process.stderr.write(`  ${done}\n`);
  };
  const outcome = await fuzzSwitch({ target, seed, streams, onStream });
  const { seconds, exchanged, memory, heaps } = outcome;
  process.stdout.write(`${target.name}: alive after ${streams} streams in ${seconds.toFixed(0)} s; `);
  process.stdout.write(
    `${exchanged} messages of other phones in the meantime; memory ${told(memory)}; heaps ${told(heaps)}\n`,
  );
  keep({ target: target.name, ...outcome });
}
if (options.side !== 'switch' && isAsked('memory')) {
  process.stderr.write(`lanes over memory: ${streams} connections, seed ${seed}\n`);
  const outcome = fuzzMemoryDriver(seed, streams);
  const { connections, worlds, seconds } = outcome;
  process.stdout.write(`lanes over memory: ${worlds} worlds, ${connections} connections in ${seconds.toFixed(0)} s\n`);
  keep({ target: 'lanes over memory, in virtual time', ...outcome });
}
const transports = options.side === 'switch' ? [] : [...new Set(targets.map(({ transport }) => transport))];
for (const transport of transports) {
  process.stderr.write(`drive over ${transport}: ${streams} connections, seed ${seed}\n`);
  const outcome = await fuzzDriver({ transport, seed, connections: streams });
  const { connections, drives, seconds } = outcome;
  process.stdout.write(
    `drive over ${transport}: ${drives} drives, ${connections} connections in ${seconds.toFixed(0)} s\n`,
  );
  keep({ target: `drive over ${transport}`, ...outcome });
}
