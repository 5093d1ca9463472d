import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { comparePairs } from '../../analysis/comparison/compare-pairs.ts';
import { compareUnpaired } from '../../analysis/comparison/compare-unpaired.ts';
import { madeResult } from '../../analysis/comparison/made-results.test-suite.ts';
import { PLAIN } from '../text/palette.ts';
import { comparisonMarkdown } from './comparison-markdown.ts';
import { comparisonTable } from './comparison-table.ts';
import { ratioLines } from './ratio-lines.ts';

const METRIC = 'memory.switch.bytesPerConnection';
/** Pairs with these ratios of bytes. */
const pairsOf = (ratios: readonly number[]) =>
  ratios.map((ratio) => ({
    base: madeResult({ bytesPerConnection: 100 }),
    candidate: madeResult({ bytesPerConnection: 100 * ratio }),
  }));
const order = { gating: [METRIC] };

describe('the ratios of a comparison as sparklines', () => {
  const drifting = comparePairs(pairsOf([0.98, 0.99, 1, 1.01, 1.02, 1.05]), order);

  it('go from the lowest to the highest in the order of the pairs, with both in figures', () => {
    const [only, ...others] = ratioLines(drifting);
    assert.deepEqual([only, others], [{ metric: METRIC, line: '▁▂▃▄▅█', range: '0.9800 to 1.050' }, []]);
    assert.match(comparisonTable(drifting, PLAIN), new RegExp(`${METRIC} +▁▂▃▄▅█ +0.9800 to 1.050`));
    assert.match(comparisonMarkdown(drifting), /^- `▁▂▃▄▅█` 0\.9800 to 1\.050, memory/m);
  });

  it('are flat where all are equal, and left out for few pairs and for unpaired runs', () => {
    assert.equal(ratioLines(comparePairs(pairsOf([1, 1, 1, 1]), order))[0]?.line, '▁▁▁▁');
    const few = comparePairs(pairsOf([1, 2]), order);
    const all = pairsOf([1, 1, 1, 1]);
    const unpaired = compareUnpaired(
      all.map(({ base }) => base),
      all.map(({ candidate }) => candidate),
      order,
    );
    for (const comparison of [few, unpaired]) {
      assert.deepEqual(ratioLines(comparison), []);
      assert.doesNotMatch(comparisonTable(comparison, PLAIN), /by pair/);
      assert.doesNotMatch(comparisonMarkdown(comparison), /by pair/);
    }
  });
});
