/** The pages of series of runs: steps side by side, and repeated runs. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeResult } from '../../../analysis/comparison/made-results.test-suite.ts';
import { STEPS_SCHEMA, type StepEntry, type Steps, stepFigures } from '../../../result/steps-schema.ts';
import { HOSTILE_NAME, wholeResult } from './made-run.test-suite.ts';
import { repeatPage } from './repeat-page.ts';
import { stepsPage } from './steps-page.ts';

const STEP: StepEntry = {
  name: '1M',
  number: 1,
  scenario: 'ladder',
  transport: 'tcp',
  isSimulated: false,
  outcome: 'passed',
  reason: null,
  published: { figure: '7 kB', source: 'a talk', metric: 'memory.kernel.bytesPerConnection', value: 7000, own: 3500 },
  resultFile: 'run one/result.json',
  figures: stepFigures(wholeResult()),
};
const NOT_RUN: StepEntry = {
  ...STEP,
  name: HOSTILE_NAME,
  number: 2,
  outcome: 'not run',
  reason: 'does not fit',
  published: { figure: '3 million', source: HOSTILE_NAME, own: null },
  resultFile: null,
  figures: null,
};

function steps(entries: readonly StepEntry[]): Steps {
  return { schema: STEPS_SCHEMA, id: 'id', startedAt: '2026-01-02T03:04:05.678Z', name: 'ladder', steps: [...entries] };
}

describe('the page of steps', () => {
  const page = stepsPage(steps([STEP, NOT_RUN]), { commands: ['trunkline run ladder'], differences: [], sources: [] });

  it('has a row per step, which leads to the page of its run', () => {
    assert.match(page.lead.text, /<a href="run%20one\/report.html">1M<\/a>/);
    assert.match(page.lead.text, /<span class="warning-text">not run<\/span>/);
    assert.doesNotMatch(page.lead.text, /<script/);
  });

  it('stacks memory and marks the whole machine; a step that was not run has no column', () => {
    const [charts] = page.sections;
    const cells = charts?.html.text.replaceAll(/<\/?span[^>]*>/g, '') ?? '';
    assert.match(cells, /<td>44.0 B<\/td><td>15.5 KiB<\/td><td>24.0 B<\/td><td>8.37 KiB<\/td>/);
    assert.equal(charts?.html.text.match(/class="part-kernel" x/g)?.length, 1);
  });

  it('has published figures beside those of the steps, with their source', () => {
    const notes = page.sections.find(({ id }) => id === 'notes')?.html.text ?? '';
    assert.match(notes, /<li>published: 1M: 7 kB: here 3\.42 KiB, 0\.500 of it, met \(a talk\)<\/li>/);
    assert.match(notes, /3 million: no figure of a run to compare with \(&lt;script&gt;/);
  });

  it('is good only if every step passed', () => {
    const tone = (entries: readonly StepEntry[]): string =>
      stepsPage(steps(entries), { commands: [], differences: [], sources: [] }).verdict.tone;
    assert.equal(tone([STEP]), 'good');
    assert.equal(tone([STEP, NOT_RUN]), 'warning');
    assert.equal(tone([STEP, { ...STEP, outcome: 'invalid' }]), 'bad');
  });
});

describe('the page of repeated runs', () => {
  const held = [0.9, 1, 1.4].map((factor) => madeResult({ completePerSecond: 1000 * factor }));
  const page = repeatPage([...held, madeResult({ tripped: 'halves' })], {
    folder: 'here',
    commands: [],
    differences: [],
    sources: [],
  });

  it('has median and range of the valid runs, with a dot for each', () => {
    const [, row = ''] = /throughput.completeMessagesPerSecond<\/th>(.*)<\/tr>/.exec(page.lead.text) ?? [];
    assert.match(row, /<b>1.00k\/s<\/b><\/td><td>900\/s<\/td><td>1.40k\/s/);
    assert.equal(row.match(/<circle/g)?.length, 3);
  });

  it('says which run is not valid, and why', () => {
    assert.deepEqual(page.verdict, {
      tone: 'bad',
      sentence: '3 of 4 runs valid, every threshold passed in them. The first that is not: halves: it was too much.',
    });
    assert.match(page.sections[0]?.html.text ?? '', /not valid<\/span>: halves: it was too much/);
  });
});
