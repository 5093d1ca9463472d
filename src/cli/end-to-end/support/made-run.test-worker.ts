/**
 * Loaded before a run that a series starts, by tests of what becomes of results: in place of a run it leaves a made
 * result at once. The scenario's description says which figures, such as `bytesPerConnection 44, cpuSpread 0.2, tripped
 * steady`; the others have noise of the run's own. It may pass on a made interval, where it is asked to. One run may
 * find the disk full, and one may never end, by their numbers in the environment; all may take their time.
 */
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { nextExponential, RANDOM_STATE_WORDS, seedRandom } from '../../../base/pseudo-random.ts';
import type { Result } from '../../../result/result-schema.ts';

const NOISE_SHARE = 0.002;
const STREAM = 12;

function argumentsOf(option: string): string[] {
  return process.argv.flatMap((word, i) => (word === option ? [process.argv[i + 1] ?? ''] : []));
}

/** What the settings of the run want: a name and a figure each. */
function wishes(): ReadonlyMap<string, string> {
  const texts = argumentsOf('--set').flatMap((setting) => /^description=(.*)$/.exec(setting)?.[1] ?? []);
  const pairs = texts.flatMap((text) => text.split(',')).map((wish) => wish.trim().split(' '));
  return new Map(pairs.map(([name = '', figure = '']) => [name, figure]));
}

/** The result that the test made, with the figures of this run. */
function resultOf(seed: number): Result {
  const made = JSON.parse(process.env['TEST_MADE_RESULT'] ?? '') as Result; // by commandFolder's MADE_RUNS
  const wished = wishes();
  const wish = (name: string, without: number): number => Number(wished.get(name) ?? without);
  const random = new Int32Array(RANDOM_STATE_WORDS);
  seedRandom(random, 0, seed, STREAM);
  const noise = (share: number): number => Math.exp(share * (nextExponential(random, 0) - nextExponential(random, 0)));
  const tripped = wished.get('tripped');
  const { ledger } = made.memory.switch;
  const bytesPerConnection = wish('bytesPerConnection', 40);
  return {
    ...made,
    id: `made-${seed}`,
    scenario: { ...made.scenario, written: { description: argumentsOf('--set').join() } },
    memory: {
      ...made.memory,
      switch: { ...made.memory.switch, ledger: ledger === null ? null : { ...ledger, bytesPerConnection } },
    },
    cpu: { ...made.cpu, switchMicrosPerMessage: 3 * noise(wish('cpuSpread', NOISE_SHARE)) },
    throughput: { ...made.throughput, completeMessagesPerSecond: 100_000 * noise(NOISE_SHARE) },
    latency: { ...made.latency, delivery: { ...made.latency.delivery, p99Micros: 2000 * noise(NOISE_SHARE) } },
    validity: tripped === undefined ? made.validity : trippedBy(tripped, made.validity),
  };
}

function trippedBy(name: string, validity: Result['validity']): Result['validity'] {
  const guard = { name, verdict: 'invalid', figure: 0.2, limit: 0.1, sentence: 'it was too much' } as const;
  return { ...validity, isValid: false, guards: [guard] };
}

if (process.argv[2] === 'run' && process.channel !== undefined) {
  const [out = ''] = argumentsOf('--out');
  const number = Number(/^run-(\d+)-/.exec(basename(out))?.[1] ?? 0); // 0: a warm-up
  if (String(number) === process.env['TEST_FULL_DISK_AT']) {
    process.stderr.write('trunkline: OUTPUT_UNWRITABLE: Expected a folder that can be written: no space left\n');
    process.exit(2);
  }
  if (String(number) === process.env['TEST_ENDLESS_AT']) {
    process.on('disconnect', () => process.exit(1));
    await new Promise(() => {}); // the channel keeps the process
  }
  await pause(Number(process.env['TEST_MADE_PAUSE_MILLIS'] ?? 0));
  const result = resultOf(number);
  const interval = process.env['TEST_MADE_INTERVAL'];
  if (interval !== undefined && number > 0) {
    await once(process, 'message'); // the question of the series
    const message = { kind: 'interval', line: interval.replace('"made"', JSON.stringify(result.id)) };
    await new Promise((resolve) => process.send?.(message, resolve));
  }
  const text = JSON.stringify(result);
  mkdirSync(join(out, result.id), { recursive: true });
  writeFileSync(join(out, result.id, 'result.json'), text);
  writeFileSync(1, text);
  process.exit(0);
}
