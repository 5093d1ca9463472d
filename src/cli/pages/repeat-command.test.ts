import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { madeResult } from '../../analysis/comparison/made-results.test-suite.ts';
import type { Result } from '../../result/result-schema.ts';
import { scenarioHash } from '../../run/phases/order/scenario-hash.ts';
import { parseScenario } from '../../scenario/scenario.ts';
import { parseSteps } from '../../scenario/scenario-step.ts';
import { repeatCommand, shellCommand } from './repeat-command.ts';

const SHIPPED = new URL('../../../scenarios/', import.meta.url);

function resultOf(written: unknown, file: string, step: string | null = null): Result {
  const made = madeResult();
  const mark = step === null ? null : { name: step, number: 1, of: 8, published: null };
  return { ...made, scenario: { ...made.scenario, file, written, hash: scenarioHash(written), step: mark } };
}

const text = (name: string): string => readFileSync(new URL(`${name}.yaml`, SHIPPED), 'utf8');

describe('the command that repeats a run', () => {
  it('names a shipped scenario', () => {
    const { written } = parseScenario(text('smoke'), 'smoke');
    assert.deepEqual(repeatCommand(resultOf(written, 'scenarios/smoke.yaml')), {
      commands: ['trunkline run smoke'],
      differences: [],
    });
  });

  it('sets what differs from it, and says so', () => {
    const settings = ['traffic.rate=5k/s', 'switch.placement=home'];
    const { written } = parseScenario(text('smoke'), 'smoke', settings);
    const { commands, differences } = repeatCommand(resultOf(written, 'scenarios/smoke.yaml'));
    assert.deepEqual(commands, [`trunkline run smoke --set 'traffic.rate="5k/s"' --set 'switch.placement="home"'`]);
    assert.deepEqual(differences, [
      'traffic.rate: "5k/s"; the scenario has "20k/s"',
      'switch.placement: "home"; the scenario has no such key',
    ]);
  });

  it('names the step', () => {
    const step = parseSteps(text('idle-ladder'), 'idle-ladder').find(({ name }) => name === '1M');
    const { commands } = repeatCommand(resultOf(step?.scenario.written, 'scenarios/idle-ladder.yaml', '1M'));
    assert.deepEqual(commands, ['trunkline run idle-ladder --step 1M']);
  });

  it('names a scenario that was a step of its command, but is none of its file', () => {
    const { written } = parseScenario(text('smoke'), 'smoke');
    const { commands } = repeatCommand(resultOf(written, 'scenarios/smoke.yaml', 'smoke'));
    assert.deepEqual(commands, ['trunkline run smoke']);
  });

  it('contains the scenario if its file is gone or no setting leads to it', () => {
    const { written } = parseScenario(text('smoke'), 'smoke');
    const { thresholds: _, ...less } = written as Record<string, unknown>; // the scenario is a map
    for (const result of [resultOf(written, './gone.yaml'), resultOf(less, 'scenarios/smoke.yaml')]) {
      const { commands, differences } = repeatCommand(result);
      assert.equal(commands.at(0), "cat > scenario.yaml <<'END_OF_SCENARIO'");
      assert.deepEqual(parseScenario(commands[1] ?? '', 'embedded').written, result.scenario.written);
      assert.equal(commands.at(-1), 'trunkline run ./scenario.yaml');
      assert.equal(differences.length, 1);
    }
  });

  it('is quoted for a shell', () => {
    assert.equal(
      shellCommand(['run', './a b.yaml', "--set=x='$HOME'"]),
      `trunkline run './a b.yaml' '--set=x='\\''$HOME'\\'''`,
    );
  });
});
