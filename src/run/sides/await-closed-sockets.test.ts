import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { awaitClosedSockets } from './await-closed-sockets.ts';

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

  it('looks once where the kernel does not say, and not at all where it did not before', async () => {
    let looks = 0;
    const unsaid = (): null => {
      looks++;
      return null;
    };
    await awaitClosedSockets(null, unsaid);
    assert.equal(looks, 0);
    await awaitClosedSockets(10, unsaid);
    assert.equal(looks, 1);
  });
});
