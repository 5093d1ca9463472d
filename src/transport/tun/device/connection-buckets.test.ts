import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connectionBuckets } from './connection-buckets.ts';

describe('buckets of the table of connections', () => {
  it('are a power of two and more than the connections', () => {
    for (const connections of [50_000, 1_000_000, 2_850_000, 5_200_000]) {
      const buckets = connectionBuckets(connections);
      assert.ok(Number.isInteger(Math.log2(buckets)), `${buckets} is a power of two`);
      assert.ok(buckets >= 1.5 * connections && buckets < 3 * connections, `${buckets} for ${connections}`);
    }
  });

  it('are never fewer or more than a kernel gives', () => {
    assert.equal(connectionBuckets(0), 2 ** 16);
    assert.equal(connectionBuckets(1), 2 ** 16);
    assert.equal(connectionBuckets(1e9), 2 ** 24);
  });
});
