/** The entry of a process that simulates seeds: it is sent the scenario once, then seed after seed. */
import { assert } from '../../../base/assert.ts';
import { parseScenario, type Scenario } from '../../../scenario/scenario.ts';
import type { SimulationOutcome, SimulationSettings } from '../../../simulate/simulate.ts';
import { simulateSeed } from '../../../simulate/simulate-seed.ts';
import { simulationSettings } from '../../options/simulation-settings.ts';
import { ExitCode } from '../../terminal/exit-code.ts';

/** What the process is sent. */
export type SimulateOrder =
  | { readonly kind: 'scenario'; readonly text: string; readonly file: string; readonly settings: readonly string[] }
  | { readonly kind: 'seed'; readonly seed: number; readonly times: number };

/** What it answers to each seed; an error is one of ours, and ends the series. */
export type SimulateAnswer =
  | {
      readonly kind: 'outcome';
      readonly outcome: SimulationOutcome;
      /** Processor time. */ readonly spentMillis: number;
      readonly times: number;
    }
  | { readonly kind: 'error'; readonly seed: number; readonly text: string };

let settings: SimulationSettings | undefined;

function obey(order: SimulateOrder): void {
  if (order.kind === 'scenario') {
    const scenario: Scenario = parseScenario(order.text, order.file, order.settings);
    settings = simulationSettings(scenario);
    return;
  }
  assert(settings !== undefined, 'a parent sends the scenario before the first seed');
  const start = process.cpuUsage();
  const { seed, times } = order;
  const answer = answerTo(settings, seed, times, start);
  process.send?.(answer);
}

function answerTo(of: SimulationSettings, seed: number, times: number, start: NodeJS.CpuUsage): SimulateAnswer {
  try {
    const outcome = simulateSeed(of, seed, times);
    const { user, system } = process.cpuUsage(start);
    return { kind: 'outcome', outcome, spentMillis: (user + system) / 1000, times };
  } catch (error) {
    return { kind: 'error', seed, text: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

process.on('message', obey);
process.on('disconnect', () => process.exit(ExitCode.TERMINATED)); // nobody wants the answers any more
