/** The same phones doing the same on switches of one to four shards: they must not see a difference. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { FrameType } from '../wire/frames.ts';
import { SmallSwitch } from './small-switch.test-suite.ts';

const CLIENTS = 5;
const ACCOUNTS = 4;
const UNKNOWN_ACCOUNT = 99;

const client = fc.nat(CLIENTS - 1);
const account = fc.oneof(
  { weight: 20, arbitrary: fc.nat(ACCOUNTS - 1) },
  { weight: 1, arbitrary: fc.constant(UNKNOWN_ACCOUNT) },
);
const shard = fc.nat(11);
const kind = <K extends string>(name: K): fc.Arbitrary<K> => fc.constant(name);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: kind('logIn'), client, account, shard }) },
  // Ids come again, are skipped, and are older than the window.
  { weight: 10, arbitrary: fc.record({ kind: kind('send'), client, id: fc.integer({ min: 1, max: 40 }), account }) },
  { weight: 4, arbitrary: fc.record({ kind: kind('confirm'), client, sequence: fc.nat(12) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('ping'), client }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('hangUp'), client }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('logOut'), client }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Does the steps, each until nothing is on its way. @returns what each client has heard, by type and in order. */
function play(shards: number, steps: readonly Step[]): string[] {
  const small = new SmallSwitch({
    shards,
    accounts: ACCOUNTS,
    mailboxBlocks: 1024,
    messagesPerAccount: 6,
    inputsPerTurn: 64,
    ringBytes: 2 ** 15,
  });
  const heard: string[] = [];
  const note = (who: number, what: string): void => {
    const frames = small.heard.get(who) ?? [];
    const types = Object.values(FrameType).map((type) => frames.filter((frame) => frame.type === type));
    const bodies = types.map((group) => {
      const inOrder = group.map(({ body }) => Buffer.from(body.buffer).toString('hex'));
      // Receipts of messages from earlier sessions of the account come through its mailbox: their order is not
      // promised.
      return (group[0]?.type === FrameType.RECEIPT ? inOrder.sort() : inOrder).join(' ');
    });
    heard.push(`client ${who} until it ${what}: ${bodies.join(' | ')} ${small.closedFor.get(who) ?? ''}`);
  };
  for (const one of steps) {
    if (one.kind === 'logIn') {
      if (small.isThere(one.client)) continue;
      note(one.client, 'came again');
      small.online(one.client, one.account, one.shard % shards);
    } else if (small.isConnected(one.client)) {
      if (one.kind === 'send') small.say(one.client, small.message(one.id, one.account));
      else if (one.kind === 'confirm') small.say(one.client, small.confirmation(one.sequence));
      else if (one.kind === 'ping') small.say(one.client, small.empty(FrameType.PING));
      else if (one.kind === 'logOut') small.say(one.client, small.empty(FrameType.LOGOUT));
      else small.hangUp(one.client);
    }
    small.settle();
  }
  for (let who = 0; who < CLIENTS; who++) note(who, 'saw the end');
  return heard;
}

it('phones see the same frames, however many shards there are and whichever they connect to', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 80, size: 'max' }), (steps) => {
      const alone = play(1, steps);
      for (const shards of [2, 3, 4]) assert.deepEqual(play(shards, steps), alone, `with ${shards} shards`);
    }),
    { numRuns: 40 },
  );
});
