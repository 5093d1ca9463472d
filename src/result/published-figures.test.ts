import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeResult } from '../analysis/comparison/made-results.test-suite.ts';
import { publishedFigures, publishedFiguresOf } from './published-figures.ts';
import type { PublishedMetric, Result } from './result-schema.ts';

const MADE = madeResult();
const figure = (name: string, source = 'a talk') => ({ figure: name, source });

function quoting(ofStep: PublishedMetric | null, ...published: Result['scenario']['published']): Result {
  const step = { name: 'one', number: 1, of: 2, published: ofStep };
  return { ...MADE, scenario: { ...MADE.scenario, step, published } };
}

describe('the published figures that results quote', () => {
  it('are those of the step and of the scenario, each once, in the order of the results', () => {
    const results = [
      quoting(figure('of the step'), figure('b'), figure('a')),
      quoting(null, figure('a'), figure('of the step'), figure('c')),
    ];
    assert.deepEqual(
      publishedFiguresOf(results),
      ['of the step', 'b', 'a', 'c'].map((name) => figure(name)),
    );
  });

  it('are two where two sources say the same', () => {
    const results = [quoting(null, figure('a', 'a talk'), figure('a', 'a blog'))];
    assert.equal(publishedFiguresOf(results).length, 2);
  });

  it('are quoted without the metric, which a conclusion does not keep', () => {
    const measured = { metric: 'connections.held', value: 5, within: 0.1 };
    const results = [quoting({ ...figure('of the step'), ...measured }, { ...figure('a'), ...measured })];
    const found = publishedFiguresOf(results);
    assert.deepEqual(found, [figure('of the step'), figure('a')]);
    assert.deepEqual(publishedFigures.parse(found), found, 'a conclusion with them can be read again');
  });

  it('are none without steps and quotes, and in conclusions of older versions', () => {
    assert.deepEqual(publishedFiguresOf([{ ...MADE, scenario: { ...MADE.scenario, step: null, published: [] } }]), []);
    assert.deepEqual(publishedFigures.parse(undefined), []);
  });
});
