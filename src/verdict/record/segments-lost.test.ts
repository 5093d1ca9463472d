import assert from 'node:assert/strict';
import { it } from 'node:test';
import { madeEvidence } from '../made-evidence.test-suite.ts';
import { segmentsLost } from './segments-lost.ts';

it('lost segments are told from those that were sent again in vain', () => {
  const { kernel } = madeEvidence({ kernel: {} });
  assert.ok(kernel !== null);
  const lost = (segmentsRetransmitted: number | null, segmentsRetransmittedInVain: number | null): number | null =>
    segmentsLost({ ...kernel, segmentsRetransmitted, segmentsRetransmittedInVain });
  assert.equal(lost(335_297, 326_833), 8464);
  assert.equal(lost(5, 7), 0, 'a copy may itself be copied');
  assert.equal(lost(5, null), 5, 'a kernel that does not tell them apart');
  assert.equal(lost(null, 7), null);
});
