import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CloseReason } from '../../../wire/transport.ts';
import { OutputBacklog } from './output-backlog.ts';

const BLOCK_BYTES = 4096;
const LIMITS = { limitBytes: 3 * BLOCK_BYTES, timeoutMillis: 5, poolBytes: 8 * BLOCK_BYTES };
const DESCRIPTORS = 5;
const descriptor = fc.nat(DESCRIPTORS - 1);
const action = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('keep' as const),
      descriptor,
      bytes: fc.uint8Array({ minLength: 1, maxLength: 2 * BLOCK_BYTES, size: 'max' }),
      start: fc.nat(10),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      descriptor,
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop' as const), descriptor }) },
);

interface Waiting {
  /** When the last mark was set, and how many of the bytes that waited then are left. */
  since: number;
  marked: number;
  readonly bytes: number[];
}

/** Maximum of blocks that a connection may occupy: its bytes may begin anywhere in the first. */
const blocksMax = (bytes: number): number => (bytes === 0 ? 0 : Math.ceil(bytes / BLOCK_BYTES) + 1);
const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);

describe('OutputBacklog', () => {
  it('keeps bytes in order, within its bounds, and forgets what was dropped', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 150, size: 'max' }), (script) => {
        const backlog = new OutputBacklog(LIMITS);
        const model = new Map<number, Waiting>();
        script.forEach((step, now) => {
          const waiting = model.get(step.descriptor);
          if (step.kind === 'drop') {
            backlog.drop(step.descriptor);
            model.delete(step.descriptor);
          } else if (step.kind === 'keep') {
            const start = Math.min(step.start, step.bytes.length);
            const bytes = [...step.bytes.subarray(start)];
            const reason = backlog.keep(step.descriptor, step.bytes, start, step.bytes.length, now);
            const mark = { since: waiting?.since ?? now, marked: waiting?.marked ?? bytes.length };
            const after = { ...mark, bytes: [...(waiting?.bytes ?? []), ...bytes] };
            assert.equal(reason === CloseReason.SLOW_READER, after.bytes.length > LIMITS.limitBytes);
            if (reason === CloseReason.OUTPUT_FULL) {
              const others = [...model]
                .filter(([other]) => other !== step.descriptor)
                .map(([, one]) => one.bytes.length);
              const blocks = sum([...others, after.bytes.length].map(blocksMax));
              assert.ok(blocks > LIMITS.poolBytes / BLOCK_BYTES, 'full only when it may be');
            }
            if (reason === 0) model.set(step.descriptor, after);
            else {
              backlog.drop(step.descriptor); // as the caller does when it ends the connection
              model.delete(step.descriptor);
            }
          } else if (waiting !== undefined) {
            const to = new Uint8Array(2 * BLOCK_BYTES);
            const peeked = backlog.peek(step.descriptor, to);
            assert.ok(peeked > 0 || waiting.bytes.length === 0);
            assert.deepEqual([...to.subarray(0, peeked)], waiting.bytes.slice(0, peeked));
            const sent = Math.floor(peeked * step.share);
            waiting.bytes.splice(0, sent);
            waiting.marked -= sent;
            assert.equal(backlog.taken(step.descriptor, sent), waiting.bytes.length > 0);
            if (waiting.bytes.length === 0) model.delete(step.descriptor);
          }
          assert.equal(backlog.waitingBytes, sum([...model.values()].map((one) => one.bytes.length)));
          for (let one = 0; one < DESCRIPTORS; one++) assert.equal(backlog.has(one), model.has(one));
          const overdue: number[] = [];
          backlog.forEachOverdue(now, (one) => overdue.push(one));
          const late = [...model]
            .filter(([, one]) => one.marked > 0 && now - one.since > LIMITS.timeoutMillis)
            .map(([one]) => one);
          for (const one of model.values()) {
            if (one.marked > 0) continue;
            one.since = now;
            one.marked = one.bytes.length;
          }
          assert.deepEqual(overdue.sort(), late.sort());
          const visited: number[] = [];
          backlog.forEachWaiting((one) => visited.push(one));
          assert.deepEqual(visited.sort(), [...model.keys()].sort());
        });
      }),
      { numRuns: 40 },
    );
  });

  it('gives its whole pool again after all was dropped', () => {
    const backlog = new OutputBacklog(LIMITS);
    const block = new Uint8Array(BLOCK_BYTES);
    for (let round = 0; round < 3; round++) {
      let kept = 0;
      while (backlog.keep(kept, block, 0, block.length, 0) === 0) kept++;
      assert.equal(kept, LIMITS.poolBytes / BLOCK_BYTES);
      for (let one = 0; one <= kept; one++) backlog.drop(one);
      assert.equal(backlog.waitingBytes, 0);
    }
  });
});
