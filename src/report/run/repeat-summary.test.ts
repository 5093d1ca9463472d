/** Several runs of one scenario: medians of the valid ones, and what is said of the others. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeResult } from '../../analysis/comparison/made-results.test-suite.ts';
import type { Result } from '../../result/result-schema.ts';
import { type Palette, PLAIN } from '../text/palette.ts';
import { repeatSummary } from './repeat-summary.ts';

const NAMED: Palette = { ...PLAIN, good: (text) => `good ${text}`, bad: (text) => `bad ${text}` };
const linesOf = (results: readonly Result[], palette: Palette = PLAIN): string[] =>
  repeatSummary(results, 'results/series', palette)
    .split('\n')
    .map((line) => line.trim().replace(/ {2,}/g, '  '));
const rowOf = (results: readonly Result[], metric: string): string =>
  linesOf(results).find((line) => line.startsWith(metric)) ?? assert.fail(`no row of ${metric}`);

const runs = [3, 5, 4].map((cpuMicros, n) => madeResult({ id: `run-${n}`, cpuMicros }));
const disturbed = madeResult({ id: 'run-9', cpuMicros: 100, tripped: 'swapping' });

describe('the summary of several runs', () => {
  it('has the median, the minimum and the maximum of each figure', () => {
    assert.equal(rowOf(runs, 'cpu.switchMicrosPerMessage'), 'cpu.switchMicrosPerMessage  4.00 µs  3.00 µs  5.00 µs  3');
    assert.equal(rowOf(runs, 'connections.held'), 'connections.held  1,000,000  1,000,000  1,000,000  3');
    assert.equal(linesOf(runs).at(-1), 'results  results/series');
  });

  it('leaves out runs that are not valid, and says which and why', () => {
    const lines = linesOf([...runs, disturbed], NAMED);
    assert.equal(lines[1], 'bad 3 of 4 runs valid, every threshold passed in them.');
    assert.equal(lines[2], 'not valid, left out: run-9: swapping: it was too much');
    assert.match(rowOf([...runs, disturbed], 'cpu.switchMicrosPerMessage'), / 5\.00 µs {2}3$/);
    assert.equal(linesOf([disturbed])[1], '0 of 1 runs valid.');
  });

  it('counts the runs in which a threshold failed', () => {
    const threshold = { metric: 'connections.held', expression: 'value>=5', figure: 1, isMore: false, reason: null };
    const [first = disturbed, ...others] = runs;
    const failed = {
      ...first,
      thresholds: [
        { ...threshold, passed: true },
        { ...threshold, passed: false },
      ],
    };
    assert.equal(linesOf([failed, ...others], NAMED)[1], 'bad 3 of 3 runs valid, a threshold failed in 1 of them.');
    assert.equal(linesOf(runs, NAMED)[1], 'good 3 of 3 runs valid, every threshold passed in them.');
  });

  it('says why there is no figure, and never shows simulated phones without the word', () => {
    const unmeasured = runs.map((run) => ({ ...run, cpu: { ...run.cpu, switchMicrosPerMessage: null } }));
    assert.equal(rowOf(unmeasured, 'cpu.switchMicrosPerMessage'), 'cpu.switchMicrosPerMessage  not measured  –  –  0');
    const hidden = runs.map((run) => ({
      ...run,
      memory: { ...run.memory, switch: { ...run.memory.switch, ledger: slopeWithout(run) } },
    }));
    assert.match(rowOf(hidden, 'memory.switch.bytesPerConnection'), / {2}too few connections {2}– {2}– {2}0$/);
    assert.match(linesOf(runs)[0] ?? '', /^trunkline made · simulated: phones are rows in memory/);
    const real = runs.map((run) => ({ ...run, scenario: { ...run.scenario, isSimulated: false } }));
    assert.equal(linesOf(real)[0], 'trunkline made');
  });
});

function slopeWithout({ memory }: Result): Result['memory']['kernel'] {
  const { ledger } = memory.switch;
  return ledger === null ? null : { ...ledger, bytesPerConnection: null, reason: 'too few connections' };
}
