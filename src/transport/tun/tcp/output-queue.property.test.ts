/** The output of connections that share a store, against lists of bytes. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { Activity, ActivityTable } from './activity-table.ts';
import { BLOCK_CONTENT_BYTES_MAX, ByteStore, NO_BLOCK, PAGE_BYTES } from './byte-store.ts';
import { OutputQueue } from './output-queue.ts';

const CONNECTIONS = 3;
const STORE_BYTES = 2 * PAGE_BYTES;

const step = fc.record({
  act: fc.constantFrom('write', 'write', 'write', 'claim', 'send', 'send', 'acknowledge', 'again', 'discard'),
  which: fc.nat(CONNECTIONS - 1),
  bytes: fc.constantFrom(1, 14, 100, 112, 113, 300, 496, 497, 1200, BLOCK_CONTENT_BYTES_MAX),
  share: fc.integer({ min: 0, max: 100 }),
  reserveBytes: fc.constantFrom(0, 0, 0, PAGE_BYTES),
});

/** One connection: what was written and is not acknowledged, and how much of it was sent. */
interface Output {
  readonly activity: number;
  bytes: Uint8Array;
  sent: number;
}

class Queues {
  readonly activities = new ActivityTable(CONNECTIONS);
  readonly store = new ByteStore(STORE_BYTES);
  readonly queue = new OutputQueue(this.activities, this.store);
  readonly outputs: readonly Output[] = Array.from({ length: CONNECTIONS }, (_, row) => {
    return { activity: this.activities.take(row), bytes: new Uint8Array(0), sent: 0 };
  });
  #mark = 0;

  /** Writes bytes, each another one than before. @returns whether there was room. */
  write(output: Output, bytes: number, reserveBytes: number): boolean {
    const { queue, store } = this;
    const at = queue.claim(output.activity, bytes, reserveBytes);
    if (at === NO_BLOCK) return false;
    const written = Uint8Array.from({ length: bytes }, () => this.#mark++);
    new Uint8Array(store.view.buffer).set(written, at);
    assert.equal(queue.commit(), output.activity);
    output.bytes = new Uint8Array([...output.bytes, ...written]);
    return true;
  }

  /** Sends bytes that have not been sent. */
  send(output: Output, bytes: number): void {
    const packet = new DataView(new ArrayBuffer(bytes + 3));
    this.queue.copyUnsent(output.activity, bytes, packet, 3);
    assert.deepEqual(bytesOf(packet), output.bytes.slice(output.sent, output.sent + bytes));
    output.sent += bytes;
  }

  /** Sends the oldest bytes again. */
  again(output: Output, bytes: number): void {
    const packet = new DataView(new ArrayBuffer(bytes + 3));
    this.queue.copyOldest(output.activity, bytes, packet, 3);
    assert.deepEqual(bytesOf(packet), output.bytes.slice(0, bytes));
  }

  acknowledge(output: Output, bytes: number): void {
    this.queue.remove(output.activity, bytes);
    output.bytes = output.bytes.slice(bytes);
    output.sent -= bytes;
  }

  discard(output: Output): void {
    this.queue.discard(output.activity);
    output.bytes = new Uint8Array(0);
    output.sent = 0;
  }
}

const bytesOf = (packet: DataView): Uint8Array => new Uint8Array(packet.buffer).slice(3);

it('sends what was written, in order and as often as asked, until it is acknowledged, and then has all room again', () => {
  const seen = { refused: 0, sent: 0, again: 0 };
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100, size: 'max' }), (steps) => {
      const queues = new Queues();
      const { store, activities } = queues;
      for (const { act, which, bytes, share, reserveBytes } of steps) {
        const output = queues.outputs[which] ?? assert.fail('there are as many');
        const part = (of: number): number => Math.floor((of * share) / 100);
        if (act === 'write') {
          if (!queues.write(output, bytes, reserveBytes)) seen.refused++;
          else assert.ok(store.freeBytes >= reserveBytes, 'what is to be left is left');
        } else if (act === 'claim') {
          queues.queue.claim(output.activity, bytes, reserveBytes); // and never committed
        } else if (act === 'send') {
          queues.send(output, part(output.bytes.length - output.sent));
          seen.sent++;
        } else if (act === 'again') {
          queues.again(output, part(output.sent));
          seen.again++;
        } else if (act === 'acknowledge') queues.acknowledge(output, part(output.sent));
        else queues.discard(output);
        for (const { activity, bytes: kept } of queues.outputs)
          assert.equal(activities.get(activity, Activity.OUT_BYTES), kept.length);
      }
      queues.queue.forgetClaim();
      for (const output of queues.outputs) {
        queues.send(output, output.bytes.length - output.sent);
        queues.acknowledge(output, output.bytes.length);
      }
      assert.equal(store.freeBytes, STORE_BYTES);
    }),
    { numRuns: 150 },
  );
  assert.ok(
    Object.values(seen).every((times) => times > 0),
    JSON.stringify(seen),
  );
});
