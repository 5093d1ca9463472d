import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { triedCases } from '../../base/tried-cases.test-suite.ts';
import { MACHINE } from '../../plan/measured-machine.test-suite.ts';
import { planOn, type RunPlan } from '../../plan/run-plan.ts';
import { parseScenario } from '../../scenario/scenario.ts';
import { simulateLoad } from './simulated-load.test-suite.ts';

const SEEDS = triedCases(4, 1);

function planOf(name: string, seed: number, ...settings: string[]): RunPlan {
  const file = fileURLToPath(new URL(`../../../scenarios/${name}.yaml`, import.meta.url));
  const all = [`seed=${seed}`, 'transport=memory', ...settings];
  return planOn(parseScenario(readFileSync(file, 'utf8'), file, all), MACHINE, 'both').plan;
}

/** The guards that tripped, with their sentences. */
const trippedIn = (plan: RunPlan): string[] =>
  simulateLoad(plan).flatMap(({ name, verdict, sentence }) => (verdict === 'ok' ? [] : [`${name}: ${sentence}`]));

describe('the load of shipped scenarios, by virtual time', () => {
  for (const name of ['smoke', 'ws-10k', 'transports'])
    it(`trips no guard by chance: ${name}, ${SEEDS} seeds; npm run experiment:chance tries a hundred`, () => {
      for (let seed = 1; seed <= SEEDS; seed++) assert.deepEqual(trippedIn(planOf(name, seed)), [], `seed ${seed}`);
    });

  it(`trips none with the noise of a Poisson process and few events either: ${SEEDS} seeds`, () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      assert.deepEqual(trippedIn(planOf('transports', seed, 'traffic.arrivals=poisson')), [], `seed ${seed}`);
    }
  });

  it('trips none where the rate is meant to change while it is measured', () => {
    const stages = 'traffic.stages=[{duration: 10s, target: 1k}, {duration: 20s, target: 4k}]';
    assert.deepEqual(trippedIn(planOf('transports', 1, stages)), []);
  });

  it('trips where the switch carries less than is intended', () => {
    // Sixteen inputs per turn of 250 µs: two shards take 128,000 inputs per second, and a message is several inputs.
    const narrow = ['switch.inputsPerTurn=16', 'traffic.rate=100k', 'driver.messagesInFlight=1024'];
    const tripped = trippedIn(
      planOf('transports', 1, ...narrow, 'phases.measure=1s', 'phases.settle=1s', 'phases.bin=50ms'),
    );
    for (const name of ['offered load', 'send delay', 'backlog'])
      assert.ok(
        tripped.some((sentence) => sentence.startsWith(name)),
        `${name}: ${tripped.join('; ')}`,
      );
  });
});
