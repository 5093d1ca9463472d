/**
 * The pool of blocks against a list of payloads: nothing is written over, and the room that it reports is the room
 * there is.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { BLOCK_BYTES, BLOCK_WORDS, ENTRY_WORD, MailboxBlocks } from './mailbox-blocks.ts';

/** Bytes of payload in a block. */
const PART_BYTES = 96;
const BLOCKS = 24;

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      bytes: fc.oneof(fc.nat(600), fc.constantFrom(0, 1, 95, 96, 97, 191, 192, 193)),
      at: fc.nat(40),
      besides: fc.nat(3),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('give' as const), which: fc.nat(100) }) },
);

interface Kept {
  readonly first: number;
  readonly payload: Uint8Array;
}

function blocksOf(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / PART_BYTES));
}

/** A payload in which each byte depends on its place and on the payload. */
function payloadOf(bytes: number, turn: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, n) => (n * 7 + turn * 31 + 1) & 0xff);
}

function readBack(blocks: MailboxBlocks, { first, payload }: Kept): Uint8Array {
  const target = new Uint8Array(payload.length + 2).fill(0xee);
  blocks.copyPayload(first, payload.length, new DataView(target.buffer), 1);
  assert.deepEqual([target[0], target.at(-1)], [0xee, 0xee], 'nothing beside the payload is written');
  return target.subarray(1, -1);
}

describe('the pool of mailbox blocks', () => {
  it('keeps every payload as it was written until it is given back, and says what has room', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const blocks = new MailboxBlocks(BLOCKS);
        const kept: Kept[] = [];
        let used = 0;
        steps.forEach((one, turn) => {
          if (one.kind === 'give') {
            const [gone] = kept.splice(one.which % Math.max(1, kept.length), 1);
            if (gone === undefined) return;
            blocks.giveChain(gone.first);
            used -= blocksOf(gone.payload.length);
          } else {
            const hasRoom = used + blocksOf(one.bytes) + one.besides <= BLOCKS;
            assert.equal(blocks.hasRoom(one.bytes, one.besides), hasRoom, `${one.bytes} B with ${used} blocks in use`);
            if (used + blocksOf(one.bytes) > BLOCKS) return;
            const payload = payloadOf(one.bytes, turn);
            const source = new Uint8Array(one.at + one.bytes);
            source.set(payload, one.at);
            const first = blocks.take();
            assert.ok(first > 0 && first <= BLOCKS, 'block 0 stands for none');
            blocks.writePayload(first, new DataView(source.buffer), one.at, one.bytes);
            kept.push({ first, payload });
            used += blocksOf(one.bytes);
          }
          assert.ok(blocks.fresh <= BLOCKS + 1);
          for (const one of kept) assert.deepEqual(readBack(blocks, one), one.payload);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('has all of its blocks in use at most, and all of them again after they were given back', () => {
    const blocks = new MailboxBlocks(5);
    assert.equal(blocks.blocksMax, 5);
    for (let round = 0; round < 3; round++) {
      assert.equal(blocks.hasRoom(5 * PART_BYTES), true);
      assert.equal(blocks.hasRoom(5 * PART_BYTES + 1), false);
      assert.equal(blocks.hasRoom(0, 4), true, 'an entry without a payload takes a block as well');
      assert.equal(blocks.hasRoom(0, 5), false);
      const taken = Array.from({ length: 5 }, () => blocks.take());
      assert.deepEqual(
        taken.toSorted((a, b) => a - b),
        [1, 2, 3, 4, 5],
      );
      assert.equal(blocks.hasRoom(0), false);
      assert.equal(blocks.used, 5);
      for (const block of taken) {
        blocks.endChain(block);
        blocks.giveChain(block);
      }
      assert.equal(blocks.used, 0);
    }
  });

  it('uses the block that became free last, so that few are touched', () => {
    const blocks = new MailboxBlocks(100);
    const [first, second] = [blocks.take(), blocks.take()];
    for (const block of [first, second]) {
      blocks.endChain(block);
      blocks.giveChain(block);
    }
    assert.deepEqual([blocks.take(), blocks.take()], [second, first]);
    assert.equal(blocks.fresh, 3, 'no third block was ever used');
  });

  it('says of no block that was given back, and of no further one of a payload, that an entry begins there', () => {
    const blocks = new MailboxBlocks(8);
    blocks.words.fill(-1, BLOCK_WORDS); // as after many entries
    const first = blocks.take();
    const payload = new DataView(new ArrayBuffer(3 * PART_BYTES));
    blocks.writePayload(first, payload, 0, 3 * PART_BYTES);
    const isEntry = (block: number): boolean => blocks.words[block * BLOCK_WORDS + ENTRY_WORD] !== 0;
    assert.deepEqual([isEntry(first), isEntry(first + 1), isEntry(first + 2)], [true, false, false]);
    blocks.giveChain(first);
    assert.equal(isEntry(first), false);
  });

  it('reports the bytes that it takes, one block more than there may be', () => {
    const [entry] = new MailboxBlocks(99).ledger();
    assert.deepEqual([entry?.owner, entry?.bytes], ['switch', 100 * BLOCK_BYTES]);
  });
});
