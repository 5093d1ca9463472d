/** Many seeds with all faults, and the seeds that ever failed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { triedCases } from '../base/tried-cases.test-suite.ts';
import { simulationSettings } from '../cli/options/simulation-settings.ts';
import { parseScenario } from '../scenario/scenario.ts';
import { PHONE_PHASES } from './checks/phone-phase.ts';
import { FAULT_NAMES } from './faults/fault-kinds.ts';
import { GROUPS, KEPT_SEEDS } from './kept-seeds.test-suite.ts';
import type { SimulationSettings } from './simulate.ts';
import { simulateSeed } from './simulate-seed.ts';
import { SimulationSums } from './simulation-sums.ts';
import { ALL_FAULTS, smallSimulation } from './small-simulation.test-suite.ts';

const SEEDS = triedCases(200, 50);
/** One seed in so many is run twice. */
const TWICE_EVERY = 25;
/** So short are the runs, and so much more frequent the faults. */
const SHORT_MICROS = 50_000;
const MORE = 10;

function scenarioSettings(settings: readonly string[]): SimulationSettings {
  const file = fileURLToPath(new URL('../../scenarios/faults.yaml', import.meta.url));
  return simulationSettings(parseScenario(readFileSync(file, 'utf8'), file, settings));
}

describe('seeds', () => {
  it(`${SEEDS} of them keep every promise, and the same seed does the same again`, (t) => {
    const rates = Object.fromEntries(
      FAULT_NAMES.map((kind) => [kind, kind === 'smallTables' ? 0.1 : MORE * ALL_FAULTS[kind]]),
    ) as SimulationSettings['rates']; // one for each name
    const settings = smallSimulation({ rates, trafficMicros: SHORT_MICROS });
    const sums = new SimulationSums();
    for (let seed = 1; seed <= SEEDS; seed++) {
      const times = seed % TWICE_EVERY === 0 ? 2 : 1;
      const outcome = simulateSeed(settings, seed, times);
      assert.deepEqual(outcome.violations, [], `seed ${seed}`);
      sums.add(outcome, 0, times);
    }
    assert.equal(sums.seeds, SEEDS);
    assert.equal(sums.repeated, SEEDS / TWICE_EVERY);
    for (const [n, kind] of FAULT_NAMES.entries())
      assert.ok((sums.injected[n] ?? 0) > SEEDS / 20, `${kind}: ${sums.injected[n]}`);
    for (const [phase, name] of PHONE_PHASES.entries())
      assert.ok(
        sums.coverage.some((phones) => (phones[phase] ?? 0) > 0),
        `a fault struck a phone that was ${name}`,
      );
    const pairs = sums.coverage.flat();
    t.diagnostic(
      `${sums.events} events, ${pairs.filter((phones) => phones > 0).length} of ${pairs.length} pairs covered`,
    );
  });

  for (const { of, seed, found } of KEPT_SEEDS) {
    it(`that failed once do not: ${seed} (${of}), ${found}`, () => {
      const settings = of === 'short' ? smallSimulation() : scenarioSettings(of === 'groups' ? GROUPS : []);
      assert.deepEqual(simulateSeed(settings, seed, 1).violations, []);
    });
  }
});
