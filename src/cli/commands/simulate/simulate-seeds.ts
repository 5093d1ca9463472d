/** Simulates many seeds in as many processes as there are cores to use, and adds up what they found. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { TrunklineError } from '../../../base/errors.ts';
import { processEnd } from '../../../base/process-end.ts';
import { SimulationSums } from '../../../simulate/simulation-sums.ts';
import type { ScenarioText } from '../../options/find-scenario.ts';
import type { SimulateAnswer, SimulateOrder } from './simulate-worker.ts';

const WORKER = fileURLToPath(new URL('./simulate-worker.js', import.meta.url));
/**
 * Size in MiB from which the collector looks at the older objects of a process. A seed leaves 20 MB of tables, and V8
 * would go through the heap at every third seed, and drop compiled functions of worlds that are gone: a fifth of all
 * time.
 */
const HEAP_OPTION = '--initial-heap-size=256';
/** Every so many seeds one is run twice, and the digests are compared. */
const REPEAT_EVERY = 20;

export interface SeedSeries {
  readonly scenario: ScenarioText;
  readonly settings: readonly string[];
  readonly firstSeed: number;
  /** Number of seeds; Infinity to go on until the time is over. */
  readonly seeds: number;
  /** When the last seed may begin, on the clock of `performance.now`. */
  readonly untilMillis: number;
  readonly processes: number;
  readonly signal: AbortSignal;
  /** Called after each seed. */
  readonly onSeed: (sums: SimulationSums) => void;
}

/** @throws WORKER_FAILED if a process fails or cannot be started, WORKER_ENDED if one ends. */
export async function simulateSeeds(series: SeedSeries): Promise<SimulationSums> {
  const sums = new SimulationSums();
  const queue = new SeedQueue(series);
  const processes = Math.min(series.processes, series.seeds);
  const workers = Array.from({ length: processes }, () =>
    fork(WORKER, [], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [...process.execArgv, HEAP_OPTION],
    }),
  );
  try {
    await Promise.all(workers.map((worker) => workThrough(worker, series, queue, sums)));
  } finally {
    for (const worker of workers) worker.kill();
  }
  return sums;
}

class SeedQueue {
  readonly #series: SeedSeries;
  #next: number;

  constructor(series: SeedSeries) {
    this.#series = series;
    this.#next = series.firstSeed;
  }

  /** The next seed, and how often it is run; undefined if there is none. */
  take(): { readonly seed: number; readonly times: number } | undefined {
    const { firstSeed, seeds, untilMillis, signal } = this.#series;
    const done = this.#next - firstSeed;
    if (done >= seeds || signal.aborted || (done > 0 && performance.now() >= untilMillis)) return undefined;
    const seed = this.#next++;
    return { seed, times: done % REPEAT_EVERY === 0 ? 2 : 1 };
  }
}

function workThrough(worker: ChildProcess, series: SeedSeries, queue: SeedQueue, sums: SimulationSums): Promise<void> {
  const send = (order: SimulateOrder): void => void worker.send(order);
  return new Promise((resolve, reject) => {
    const sendNext = (): void => {
      const next = queue.take();
      if (next === undefined) resolve();
      else send({ kind: 'seed', ...next });
    };
    worker.on('message', (answer: SimulateAnswer) => {
      if (answer.kind === 'error') {
        reject(
          new TrunklineError(
            'WORKER_FAILED',
            `Expected seed ${answer.seed} to pass or to fail a check, but it ended with an error, which is a bug in trunkline: ${answer.text}`,
          ),
        );
        return;
      }
      sums.add(answer.outcome, answer.spentMillis, answer.times);
      series.onSeed(sums);
      sendNext();
    });
    worker.on('error', (error) =>
      reject(new TrunklineError('WORKER_FAILED', `A process of the simulation failed: ${error.message}.`)),
    );
    worker.on('exit', (code, signal) =>
      reject(new TrunklineError('WORKER_ENDED', `A process of the simulation ended ${processEnd(code, signal)}.`)),
    );
    const { scenario, settings } = series;
    send({ kind: 'scenario', text: scenario.text, file: scenario.file, settings });
    sendNext();
  });
}
