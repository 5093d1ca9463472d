// Estimates how much of the switch's work is done inside the writes of lanes over tun, where the kernel receives for the
// switch while a lane writes its packets: by difference with tcp at equal load.
//
//   npm run experiment:receive-path -- [PAIRS] [PHONES] [RATE]     3, 10000 and 20000 by default; about a minute for each pair
//
// Runs of one load over tcp and over tun take turns. Over both the threads of shards do the same work for the same messages,
// but over tcp they also receive. So the processor time of shards per message over tcp, less that over tun, is the part
// that lanes pay over tun. The kernel of a socket's other end over loopback does some of it in the sender's call as well,
// so this is an estimate from below.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [pairs = 3, phones = 10_000, rate = 20_000] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'trunkline-receive-path-'));

/** Processor time of the threads of each role per complete message, and what made the run invalid. */
function measured(transport, pair) {
  const out = join(folder, `${transport}-${pair}`);
  const settings = [
    `transport=${transport}`,
    `phones.count=${phones}`,
    'phones.offline=0%',
    'phones.session=none',
    `traffic.rate=${rate}`,
    'traffic.activePhones=all',
    'login.rate=5k',
    'phases.calibrate=false',
    'phases.measure=10s',
    `seed=${pair + 1}`,
  ].flatMap((setting) => ['--set', setting]);
  try {
    execFileSync(process.execPath, [join(root, 'bin/trunkline.mjs'), 'run', 'smoke', '--out', out, ...settings], {
      stdio: 'ignore',
    });
  } catch (error) {
    if (error.status !== 1 && error.status !== 3) throw error; // thresholds and guards are not judged here
  }
  const [run] = readdirSync(out);
  const result = JSON.parse(readFileSync(join(out, run, 'result.json'), 'utf8'));
  const { completeMessagesPerSecond } = result.throughput;
  const of = (role) =>
    result.cpu.threads
      .filter((thread) => thread.role === role)
      .reduce((sum, thread) => sum + (thread.busyShare * 1e6) / completeMessagesPerSecond, 0);
  const tripped = result.validity.guards.filter(({ verdict }) => verdict === 'invalid').map(({ name }) => name);
  return { shards: of('shard'), lanes: of('lane'), messages: completeMessagesPerSecond, tripped };
}

const median = (figures) => [...figures].sort((a, b) => a - b)[figures.length >> 1];
const micros = (figure) => `${figure.toFixed(2)} µs`;

const rows = [];
try {
  for (let pair = 0; pair < pairs; pair++) {
    const order = pair % 2 === 0 ? ['tcp', 'tun'] : ['tun', 'tcp'];
    const found = Object.fromEntries(order.map((transport) => [transport, measured(transport, pair)]));
    rows.push(found);
    for (const transport of ['tcp', 'tun']) {
      const { shards, lanes, messages, tripped } = found[transport];
      const note = tripped.length === 0 ? '' : `; not valid: ${tripped.join(', ')}`;
      console.log(
        `pair ${pair + 1}, ${transport}: shards ${micros(shards)}, lanes ${micros(lanes)} per message at ${Math.round(messages)}/s${note}`,
      );
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const less = (role) => median(rows.map(({ tcp, tun }) => tcp[role] - tun[role]));
console.log(
  `tcp less tun per message: shards ${micros(less('shards'))}, lanes ${micros(less('lanes'))} (medians of ${pairs} pairs). What shards save over tun ` +
    'is spent inside the writes of lanes; a figure near or below 0 says that it cannot be told from noise at this load',
);
