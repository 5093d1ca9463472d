import assert from 'node:assert/strict';
import { it } from 'node:test';
import { queueDrops } from './queue-drops.ts';

const TEXT = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 8172     109    0    1    0     0          0         0     8172     109    0    2    0     0       0          0
phones0:8172 109    0    3    0     0          0         0     8172     109    0    44    0     0       0          0
`;

it('reads the drops of sent packets by device, and nothing where the kernel says nothing', () => {
  assert.deepEqual(
    queueDrops(() => TEXT),
    new Map([
      ['lo', 2],
      ['phones0', 44],
    ]),
  );
  assert.equal(
    queueDrops(() => ''),
    null,
  );
  assert.equal(
    queueDrops(() => 'lo: 1 2 3\n'),
    null,
  );
});

it('reads those of this machine', () => {
  assert.ok(queueDrops() === null || Number(queueDrops()?.get('lo')) >= 0);
});
