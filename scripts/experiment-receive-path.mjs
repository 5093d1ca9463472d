// Finds out how much of the switch's work is done inside the writes of lanes over tun, where the kernel receives for
// the switch while a lane writes its packets. Stores the figures in results/reference/receive-path.json.
//
//   npm run experiment:receive-path -- [PAIRS] [PHONES] [RATE]     3, 10000 and 20000 by default; about four minutes
//
// 1. The bench `receive-path` measures what one packet costs: processor time of a write to a socket of the switch, less
//    that of a write that the kernel drops at once.
// 2. Runs of one load over tcp and over tun take turns. From the packets per message over tun follows the time per
//    message that lanes spend receiving for the switch, and its share of both sides' time.
// 3. Beside it: the processor time of shards per message over tcp, less that over tun. It says less, since over
//    loopback the kernel receives inside the sender's call as well.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environment, writeKept } from './kept-figures.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [pairs = 3, phones = 10_000, rate = 20_000] = process.argv.slice(2).map(Number);
const BENCH_ROUNDS = 5;
const folder = mkdtempSync(join(tmpdir(), 'trunkline-receive-path-'));

/** Figures of one run, and what made it invalid. */
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
  const { throughput, cpu, network, integrity, validity } = JSON.parse(
    readFileSync(join(out, run, 'result.json'), 'utf8'),
  );
  const { completeMessagesPerSecond } = throughput;
  if (!(completeMessagesPerSecond > 0))
    throw new Error(`a run over ${transport} completed no message: its figures say nothing`);
  const microsOf = (role) =>
    cpu.threads
      .filter((thread) => thread.role === role)
      .reduce((sum, thread) => sum + (thread.busyShare * 1e6) / completeMessagesPerSecond, 0);
  return {
    pair,
    transport,
    messagesPerSecond: completeMessagesPerSecond,
    bothMicrosPerMessage: cpu.bothMicrosPerMessage ?? cpu.switchMicrosPerMessage + cpu.driverMicrosPerMessage,
    shardMicrosPerMessage: microsOf('shard'),
    laneMicrosPerMessage: microsOf('lane'),
    packetsOutPerMessage:
      network === null ? null : network.lanes.reduce((sum, lane) => sum + lane.packetsOut, 0) / integrity.sent,
    invalidFor: validity.guards.filter(({ verdict }) => verdict === 'invalid').map(({ name }) => name),
  };
}

const bench = () =>
  JSON.parse(
    execFileSync(process.execPath, [join(root, 'dist/transport/tun/receive-path.bench.js')], { encoding: 'utf8' }),
  );
const median = (figures) => [...figures].sort((a, b) => a - b)[figures.length >> 1];
const rounded = (figure) => (typeof figure === 'number' ? Number(figure.toPrecision(4)) : figure);
const micros = (figure) => `${figure.toFixed(2)} µs`;

const rounds = Array.from({ length: BENCH_ROUNDS }, bench);
const perPacket = Object.fromEntries(
  Object.keys(rounds[0]).map((name) => [name, median(rounds.map((round) => round[name]))]),
);
console.log(
  `a packet to a socket costs ${micros(perPacket.toSocketMicros)}, one to nobody ${micros(perPacket.toNobodyMicros)}: ` +
    `the kernel receives one in ${micros(perPacket.receivePathMicros)} (medians of ${BENCH_ROUNDS} rounds)`,
);
const runs = [];
try {
  for (let pair = 0; pair < pairs; pair++) {
    for (const transport of pair % 2 === 0 ? ['tcp', 'tun'] : ['tun', 'tcp']) {
      const run = measured(transport, pair);
      runs.push(run);
      const note = run.invalidFor.length === 0 ? '' : `; not valid: ${run.invalidFor.join(', ')}`;
      console.log(
        `pair ${pair + 1}, ${transport}: shards ${micros(run.shardMicrosPerMessage)}, lanes ${micros(run.laneMicrosPerMessage)}, ` +
          `both sides ${micros(run.bothMicrosPerMessage)} per message at ${Math.round(run.messagesPerSecond)}/s${note}`,
      );
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const of = (transport) => runs.filter((run) => run.transport === transport);
const overTun = of('tun').map((run) => {
  const inLanes = run.packetsOutPerMessage * perPacket.receivePathMicros;
  return { inLanes, ofLanes: inLanes / run.laneMicrosPerMessage, ofBoth: inLanes / run.bothMicrosPerMessage };
});
const figures = {
  ...perPacket,
  receivePathMicrosPerMessage: median(overTun.map(({ inLanes }) => inLanes)),
  receivePathShareOfLanes: median(overTun.map(({ ofLanes }) => ofLanes)),
  receivePathShareOfBoth: median(overTun.map(({ ofBoth }) => ofBoth)),
  shardMicrosTcpLessTun: median(
    of('tcp').map(({ pair, shardMicrosPerMessage }) => {
      const other = of('tun').find((run) => run.pair === pair);
      return shardMicrosPerMessage - other.shardMicrosPerMessage;
    }),
  ),
};
const percent = (share) => `${(100 * share).toFixed(0)} %`;
console.log(
  `over tun, lanes spend ${micros(figures.receivePathMicrosPerMessage)} per message receiving for the switch: ${percent(figures.receivePathShareOfLanes)} of ` +
    `their own time, ${percent(figures.receivePathShareOfBoth)} of that of both sides. By difference, tcp less tun: shards ${micros(figures.shardMicrosTcpLessTun)}.`,
);
const roundedFigures = (row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, rounded(value)]));
writeKept('receive-path', {
  phones,
  rate,
  figures: roundedFigures(figures),
  runs: runs.map(roundedFigures),
  environment: await environment(),
});
