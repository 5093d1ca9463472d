/** What a disturbed connection holds back, and how much. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HELD_BYTES_MAX, SlowLink } from './slow-link.ts';

const CHUNK_BYTES = 2 ** 16;

describe('a disturbed connection', () => {
  it('holds back what both ends say up to a maximum in each direction, and ends the simulation beyond it', () => {
    const link = new SlowLink(0);
    const view = new DataView(new ArrayBuffer(CHUNK_BYTES));
    const fill = (queue: SlowLink['up']): void => {
      while (queue.length < HELD_BYTES_MAX / CHUNK_BYTES) link.hold(queue, view, 0, CHUNK_BYTES, 0);
    };
    fill(link.up);
    fill(link.down);
    assert.throws(() => link.hold(link.up, view, 0, 1, 0), /windows bound what both ends of a connection say/);
    link.down.shift();
    link.hold(link.down, view, 0, CHUNK_BYTES, 0);
    assert.throws(() => link.hold(link.down, view, 0, 1, 0), /windows bound/);
  });
});
