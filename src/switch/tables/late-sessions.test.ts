/** Phones towards which there is no room, on a shard beside phones that read. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FrameType, readSerial } from '../../wire/frames.ts';
import { SmallSwitch } from '../small-switch.test-suite.ts';
import { FullRings } from './full-rings.test-suite.ts';

/** More turns than a hop waits. */
const LONG_TURNS = 1100;
const CLIENTS = 4;
const clients = Array.from({ length: CLIENTS }, (_, n) => n);

/** All clients are on shard 0, in rows of their own numbers; their accounts have their home on shard 1. */
function made(full: FullRings) {
  const small = new SmallSwitch({
    shards: 2,
    accounts: 40,
    messagesPerAccount: 64,
    deliveryWindow: 4,
    mailboxBlocks: 1024,
    heartbeatTimeoutMicros: Number.POSITIVE_INFINITY,
    wrapTransport: (transport, shard) => (shard === 0 ? full.wrap(transport) : transport),
  });
  const accounts = Array.from({ length: 40 }, (_, n) => n).filter((n) => small.homes.shardOf(n) === 1);
  for (const client of clients) small.online(client, accounts[client] ?? 0);
  const work = (turns: number): void => {
    for (let n = 0; n < turns; n++) {
      small.work(0);
      small.work(1);
      small.listen();
    }
  };
  const ids = new Map<number, number>();
  const send = (from: number, to: number): void => {
    const id = (ids.get(from) ?? 0) + 1;
    ids.set(from, id);
    small.say(from, small.message(id, accounts[to] ?? 0));
  };
  /** Sequence numbers, in the order in which they came. */
  const heard = (client: number): number[] =>
    small.frames(client, FrameType.DELIVER).map(({ body }) => readSerial(body, 0));
  const newest = (client: number): number => Math.max(0, ...heard(client));
  const confirm = (client: number): void => small.say(client, small.confirmation(newest(client)));
  return { small, work, send, heard, newest, confirm };
}

describe('a phone whose ring stays full', () => {
  it('stops neither the answers nor the deliveries of others, and gets its messages when there is room', () => {
    const full = new FullRings();
    const { small, work, send, heard, confirm } = made(full);
    const [sender, stuck, other] = [0, 1, 2];
    full.slots.add(stuck);
    for (let n = 0; n < 3; n++) send(sender, stuck);
    work(LONG_TURNS);
    send(sender, other);
    work(20);
    assert.equal(small.frames(sender, FrameType.ACKNOWLEDGED).length, 4, 'every answer has come');
    assert.deepEqual(heard(other), [1]);
    assert.deepEqual(heard(stuck), []);
    assert.ok((small.shards[0]?.untilDueMicros(1e6) ?? 0) <= 2000, 'it is looked at soon again');
    full.slots.clear();
    work(20);
    assert.deepEqual(heard(stuck), [1, 2, 3]);
    confirm(stuck);
    confirm(other);
    small.settle();
    assert.equal(small.frames(sender, FrameType.RECEIPT).length, 4);
    assert.equal(small.shards[0]?.untilDueMicros(1e6), 1e6, 'nothing waits');
  });

  it('gets every message once and in order, whenever there is room and whatever was turned away', () => {
    const client = fc.nat(CLIENTS - 1);
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ kind: fc.constant('send' as const), client, to: client }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('toggle' as const), client }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('confirm' as const), client }) },
      {
        weight: 4,
        arbitrary: fc.record({ kind: fc.constant('work' as const), turns: fc.constantFrom(1, 2, 5, LONG_TURNS) }),
      },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
        const full = new FullRings();
        const { small, work, send, heard, newest, confirm } = made(full);
        const sent = new Map<number, number>();
        for (const one of steps) {
          if (one.kind === 'send') {
            if (one.to === one.client) continue;
            send(one.client, one.to);
            sent.set(one.to, (sent.get(one.to) ?? 0) + 1);
          } else if (one.kind === 'toggle') {
            if (!full.slots.delete(one.client)) full.slots.add(one.client);
          } else if (one.kind === 'confirm') {
            if (newest(one.client) > 0) confirm(one.client);
          } else {
            work(one.turns);
          }
        }
        full.slots.clear();
        for (let n = 0; n < 40; n++) {
          small.settle();
          for (const one of clients) if (newest(one) > 0) confirm(one);
        }
        small.settle();
        for (const one of clients) {
          // What a phone keeps: all that is newer than the newest before. Gaps are receipts.
          let last = 0;
          const kept = heard(one).filter((sequence) => {
            const isNew = sequence > last;
            last = Math.max(last, sequence);
            return isNew;
          });
          assert.equal(kept.length, sent.get(one) ?? 0, `client ${one} keeps ${kept}`);
        }
        assert.equal(
          small.stores.reduce((sum, store) => sum + store.entries, 0),
          0,
          'no mailbox keeps anything',
        );
        assert.equal(
          small.count('receipts'),
          [...sent.values()].reduce((sum, one) => sum + one, 0),
        );
      }),
      { numRuns: 100 },
    );
  });
});
