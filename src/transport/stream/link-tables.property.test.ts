/**
 * The tables of transports over Node's sockets against models: connection numbers, the queue of ready links, and input.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { LinkTable } from './link-table.ts';
import { ReadyQueue } from './ready-queue.ts';
import { SilentLink } from './silent-link.test-suite.ts';
import { LinkState } from './stream-link.ts';

describe('the table of links', () => {
  it('gives dense numbers, each to one link at a time, up to the most', () => {
    const step = fc.oneof(fc.constant('add' as const), fc.record({ remove: fc.nat(9) }));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(step, { maxLength: 80, size: 'max' }), (most, script) => {
        const table = new LinkTable(most);
        const model = new Map<number, SilentLink>();
        let highest = 0;
        for (const one of script) {
          assert.equal(table.isFull, model.size === most);
          if (one === 'add') {
            if (table.isFull) continue;
            const link = new SilentLink();
            table.add(link);
            assert.ok(!model.has(link.connection), 'a number is used once at a time');
            model.set(link.connection, link);
            highest = Math.max(highest, model.size);
            assert.ok(link.connection < highest, 'a number is new only where none is free');
          } else {
            const link = model.get(one.remove);
            if (link === undefined) continue;
            link.keep(Buffer.from('left over'));
            table.remove(link);
            model.delete(one.remove);
            assert.equal(link.state, LinkState.FREE);
            assert.equal(link.waitingBytes, 0, 'a free link holds no memory');
            assert.throws(() => table.remove(link), /released once/);
            assert.throws(() => table.get(one.remove), /that it was given/);
          }
          const seen: SilentLink[] = [];
          table.forEach((link) => {
            seen.push(link as SilentLink); // it holds no others here
          });
          assert.deepEqual(new Set(seen), new Set(model.values()));
          for (const [connection, link] of model) assert.equal(table.get(connection), link);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('the queue of links that have something to say', () => {
  it('has each link once, in the order in which they came', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -3, max: 5 }), { maxLength: 120, size: 'max' }), (script) => {
        const queue = new ReadyQueue();
        const links = Array.from({ length: 6 }, () => new SilentLink());
        const model: SilentLink[] = [];
        for (const one of script) {
          const link = links[one];
          if (link !== undefined) {
            queue.push(link);
            if (!model.includes(link)) model.push(link);
          } else if (model.length > 0) {
            assert.equal(queue.shift(), model.shift());
          }
          assert.equal(queue.length, model.length);
        }
        while (model.length > 0) assert.equal(queue.shift(), model.shift());
        for (const link of links) assert.equal(link.nextReady, null, 'a link that left holds no other');
      }),
      { numRuns: 300 },
    );
  });
});

describe('the input of a link', () => {
  const step = fc.oneof(
    { weight: 2, arbitrary: fc.record({ kept: fc.uint8Array({ minLength: 1, maxLength: 20 }) }) },
    { weight: 3, arbitrary: fc.record({ most: fc.nat(30) }) },
    { weight: 1, arbitrary: fc.constant('drop' as const) },
  );

  it('is offered chunk by chunk, in order, and taken in pieces of any size', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (script) => {
        const link = new SilentLink();
        const model: number[] = [];
        for (const one of script) {
          if (one === 'drop') {
            link.dropInput();
            model.length = 0;
          } else if ('kept' in one) {
            link.keep(Buffer.from(one.kept));
            model.push(...one.kept);
          } else if (link.chunk !== null) {
            const { chunk, chunkAt } = link;
            const taken = Math.min(one.most, chunk.byteLength - chunkAt);
            const bytes = Array.from({ length: taken }, (_, i) => chunk.getUint8(chunkAt + i));
            assert.deepEqual(bytes, model.splice(0, taken));
            link.take(taken);
          }
          assert.equal(link.waitingBytes, model.length);
          assert.equal(link.chunk === null, model.length === 0, 'there is a chunk exactly while bytes wait');
        }
      }),
      { numRuns: 300 },
    );
  });
});
