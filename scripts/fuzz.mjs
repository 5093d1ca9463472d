// Fuzzes the switch by hostile phones and the driver by a hostile switch: more than the tests do, over each transport.
//
//   npm run fuzz                                   100,000 streams, and as many connections of drives, over each transport
//   npm run fuzz -- --transport ws --streams 20000 --seed 7
//   npm run fuzz -- --side switch                  only one side
//   npm run fuzz -- --save                         keeps the figures in results/reference/fuzz.json
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { drawSeed } from '../dist/fuzz/draws.test-suite.js';
import { fuzzDriver } from '../dist/fuzz/fuzz-driver.test-suite.js';
import { fuzzSwitch } from '../dist/fuzz/fuzz-switch.test-suite.js';
import { SWITCH_TARGETS } from '../dist/fuzz/fuzz-targets.test-suite.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const KEPT = join(root, 'results', 'reference', 'fuzz.json');
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
const targets = SWITCH_TARGETS.filter(({ transport }) => (options.transport ?? transport) === transport);
if (targets.length === 0 || !Number.isSafeInteger(streams) || streams < 1) {
  process.stderr.write('Expected --transport tcp, node-tcp or ws, and --streams N of at least 1.\n');
  process.exit(2);
}

const runs = [];

/** After each target: what was found until then is kept whatever happens to the next. */
function save() {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const conditions = { version, node: process.version, kernel: release(), cpu: cpus()[0]?.model, cores: cpus().length };
  writeFileSync(KEPT, `${JSON.stringify({ seed, streams, conditions, runs }, null, 1)}\n`);
}

for (const target of options.side === 'driver' ? [] : targets) {
  process.stderr.write(`${target.name}: ${streams} streams, seed ${seed}\n`);
  const onStream = (done) => {
    if (done % TOLD_EVERY === 0) process.stderr.write(`  ${done}\n`);
  };
  const outcome = await fuzzSwitch({ target, seed, streams, onStream });
  runs.push({ target: target.name, ...outcome });
  const { seconds, exchanged, memory } = outcome;
  const grown =
    memory === null ? 'not read' : `${memory.earlyMib.toFixed(1)} MiB, then ${memory.growthMib.toFixed(1)} MiB more`;
  process.stdout.write(`${target.name}: alive after ${streams} streams in ${seconds.toFixed(0)} s; `);
  process.stdout.write(`${exchanged} messages of others meanwhile; memory ${grown}\n`);
  if (options.save) save();
}
const transports = options.side === 'switch' ? [] : [...new Set(targets.map(({ transport }) => transport))];
for (const transport of transports) {
  process.stderr.write(`drive over ${transport}: ${streams} connections, seed ${seed}\n`);
  const outcome = await fuzzDriver({ transport, seed, connections: streams });
  runs.push({ target: `drive over ${transport}`, ...outcome });
  const { connections, drives, seconds } = outcome;
  process.stdout.write(
    `drive over ${transport}: ${drives} drives, ${connections} connections in ${seconds.toFixed(0)} s\n`,
  );
  if (options.save) save();
}
