import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { awaitClosedSockets } from './closing-sockets.ts';

describe('awaitClosedSockets', () => {
  it('waits while sockets close, and no longer', async () => {
    const counts = [5000, 4000, 3000, 1000, 60, 10];
    await awaitClosedSockets(0, () => counts.shift() ?? 0);
    assert.deepEqual(counts, [10], 'a few may be of others');
  });

  it('gives up on sockets that stay: they are of others', async () => {
    let looks = 0;
    const stays = (): number => {
      looks++;
      return 5000;
    };
    await awaitClosedSockets(0, stays, 500);
    assert.equal(looks, 5, 'one for each tenth of a second');
  });

  it('has nothing to wait for where the kernel does not say', async () => {
    await awaitClosedSockets(null);
    await awaitClosedSockets(10, () => null);
  });
});
