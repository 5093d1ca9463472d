import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeResult } from '../analysis/comparison/made-results.test-suite.ts';
import { asPublished } from './as-published.ts';
import type { Result } from './result-schema.ts';

type Quoted = Result['scenario']['published'][number];

const MADE = madeResult();
const HELD = { figure: 'two million', source: 'a blog of 2012', metric: 'connections.held' };

function quoting(...published: Quoted[]): Result {
  const connections = { ...MADE.connections, held: 500 };
  return { ...MADE, connections, scenario: { ...MADE.scenario, published } };
}

describe('a published figure beside the figure of the run', () => {
  it('has the ratio of the own figure to the published one', () => {
    const [found] = asPublished(quoting({ ...HELD, value: 2000 }));
    assert.deepEqual(found, { ...HELD, value: 2000, within: null, own: 500, ratio: 0.25, isMet: false });
  });

  it('has no ratio to zero', () => {
    const [found] = asPublished(quoting({ ...HELD, value: 0 }));
    assert.deepEqual([found?.own, found?.value, found?.ratio], [500, 0, null]);
  });

  it('has neither where it is quoted in words only', () => {
    const [found] = asPublished(quoting({ figure: 'fast', source: 'a talk' }));
    assert.deepEqual(found, {
      figure: 'fast',
      source: 'a talk',
      metric: null,
      value: null,
      within: null,
      own: null,
      ratio: null,
      isMet: null,
    });
  });

  it('has no own figure where the run did not measure it, or no longer knows the metric', () => {
    const stored = quoting(
      { figure: 'a', source: 'b', metric: 'overload.goodputPerSecond', value: 5 },
      { figure: 'c', source: 'd', metric: 'throughput.ofAnOlderTrunkline', value: 5 },
    );
    const found = asPublished({ ...stored, overload: null });
    assert.deepEqual(
      found.map(({ own, ratio, value }) => [own, ratio, value]),
      [
        [null, null, 5],
        [null, null, 5],
      ],
    );
  });

  it('is met within a distance in either direction where the scenario gives one, however good the metric is', () => {
    const isMet = (value: number, within: number): boolean | null =>
      asPublished(quoting({ ...HELD, value, within }))[0]?.isMet ?? null;
    assert.deepEqual(
      [260, 420, 500, 600, 640].map((value) => isMet(value, 0.2)), // 500 are 1.92, 1.19, 1, 0.83 and 0.78 times as many
      [false, true, true, true, false],
    );
    assert.equal(isMet(260, 0.95), true);
    assert.equal(asPublished(quoting({ ...HELD, value: 260 }))[0]?.isMet, true, 'better is met without one');
  });

  it('is that of the step before those of the scenario', () => {
    const result = quoting({ ...HELD, value: 500 });
    const step = { name: 'one', number: 1, of: 2, published: { ...HELD, figure: 'of the step', value: 1000 } };
    const found = asPublished({ ...result, scenario: { ...result.scenario, step } });
    assert.deepEqual(
      found.map(({ figure, ratio }) => [figure, ratio]),
      [
        ['of the step', 0.5],
        ['two million', 1],
      ],
    );
  });

  it('stays in the order of the scenario', () => {
    const figures = ['z', 'a', 'm'];
    const found = asPublished(quoting(...figures.map((figure) => ({ figure, source: 's' }))));
    assert.deepEqual(
      found.map(({ figure }) => figure),
      figures,
    );
  });
});
