import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { count, countBy, counterPlaces, namedCounters } from './counters.ts';

describe('counters', () => {
  const names = ['in', 'out', 'held'] as const;
  const places = counterPlaces(names);

  it('have a place each, and are told by their names', () => {
    const row = new Float64Array(names.length);
    count(row, places.out);
    count(row, places.out);
    countBy(row, places.held, 5);
    countBy(row, places.held, -2);
    assert.deepEqual(namedCounters(names, row), { in: 0, out: 2, held: 3 });
  });

  it('of a side that cannot be read are none, and not zero', () => {
    assert.deepEqual(namedCounters(names, new Float64Array(0)), {});
  });
});
