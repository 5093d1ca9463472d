import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { Outages } from './outages.ts';

const PHONES = 20_000;
const seeds = fc.integer({ min: 1, max: 1e6 });
const shares = fc.constantFrom(0.01, 0.3, 0.5, 1);
const phones = Array.from({ length: PHONES }, (_, phone) => phone);

const outages = (seed: number, cells: number, kind: 'cells' | 'tunnel', share: number): Outages =>
  new Outages(seed, cells, [
    { atMicros: 0, durationMicros: 1, kind, share },
    { atMicros: 2, durationMicros: 1, kind, share },
  ]);

it('fails whole cells: exactly the share of them, each with all of its phones', () => {
  const property = fc.property(seeds, fc.constantFrom(1, 10, 97), shares, (seed, cells, share) => {
    const ofCells = outages(seed, cells, 'cells', share);
    const hit = new Set<number>();
    const spared = new Set<number>();
    for (const phone of phones) (ofCells.hits(0, phone) ? hit : spared).add(ofCells.cellOf(phone));
    assert.equal(hit.size, Math.max(1, Math.round(share * cells)));
    assert.equal(hit.size + spared.size, cells, 'no cell is both');
  });
  fc.assert(property, { numRuns: 20 });
});

it('spreads phones over cells, and a tunnel over phones, evenly and at random', () => {
  const property = fc.property(seeds, shares, (seed, share) => {
    const cells = 10;
    const ofTunnel = outages(seed, cells, 'tunnel', share);
    const sizes = new Array<number>(cells).fill(0);
    for (const phone of phones) sizes[ofTunnel.cellOf(phone)] = (sizes[ofTunnel.cellOf(phone)] ?? 0) + 1;
    const spread = 5 * Math.sqrt((PHONES / cells) * (1 - 1 / cells));
    for (const size of sizes) assert.ok(Math.abs(size - PHONES / cells) < spread, `${size} phones in a cell`);
    const hits = [0, 1].map((outage) => phones.filter((phone) => ofTunnel.hits(outage, phone)));
    for (const { length } of hits)
      assert.ok(Math.abs(length - share * PHONES) <= 5 * Math.sqrt(PHONES * share * (1 - share)), `${length} hit`);
    if (share < 1) assert.notDeepEqual(hits[0], hits[1], 'each tunnel has other phones');
  });
  fc.assert(property, { numRuns: 10 });
});
