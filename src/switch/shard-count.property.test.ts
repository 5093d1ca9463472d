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

/**
 * What phones hear. Receipts of messages from earlier sessions of an account come through its mailbox. Their order is
 * not promised, so a session that ends, or confirms nothing more, may have heard one or another of them: each session
 * says how many it heard, and each account which of them its sessions heard together.
 */
class Hearing {
  readonly #small: SmallSwitch;
  readonly #accounts = new Map<number, number>();
  readonly #receipts = new Map<number, string[]>();
  readonly #sessions: string[] = [];

  constructor(small: SmallSwitch) {
    this.#small = small;
  }

  online(who: number, asAccount: number, atShard: number): void {
    this.#note(who, 'came again');
    this.#accounts.set(who, asAccount);
    this.#small.online(who, asAccount, atShard);
  }

  /** What each client and each account has heard, by type and in order. */
  end(): string[] {
    for (const who of this.#accounts.keys()) this.#note(who, 'saw the end');
    const ofAccounts = [...this.#receipts].sort(([one], [other]) => one - other);
    return [...this.#sessions, ...ofAccounts.map(([of, ids]) => `receipts of account ${of}: ${ids.sort().join(' ')}`)];
  }

  #note(who: number, what: string): void {
    const types = Object.values(FrameType).map((type) => {
      const bodies = this.#small.frames(who, type).map(({ body }) => Buffer.from(body.buffer).toString('hex'));
      if (type !== FrameType.RECEIPT) return bodies.join(' ');
      const of = this.#accounts.get(who) ?? UNKNOWN_ACCOUNT;
      this.#receipts.set(of, [...(this.#receipts.get(of) ?? []), ...bodies]);
      return `${bodies.length} receipts`;
    });
    const reason = this.#small.closedFor.get(who) ?? '';
    this.#sessions.push(`client ${who} until it ${what}: ${types.join(' | ')} ${reason}`);
  }
}

/** Each account has a last session, which confirms what it hears until there is nothing more to hear. */
function drain(small: SmallSwitch, hearing: Hearing, shards: number): void {
  for (let of = 0; of < ACCOUNTS; of++) hearing.online(CLIENTS + of, of, of % shards);
  for (let heard = -1, now = 0; now !== heard; ) {
    heard = now;
    now = 0;
    for (let who = CLIENTS; who < CLIENTS + ACCOUNTS; who++) {
      const last = small.frames(who, FrameType.DELIVER).at(-1);
      if (last !== undefined) small.say(who, small.confirmation(last.body.getUint32(0, true)));
      small.settle();
    }
    for (let who = CLIENTS; who < CLIENTS + ACCOUNTS; who++) now += small.heard.get(who)?.length ?? 0;
  }
}

/** Does the steps, each until nothing is on its way. @returns what was heard. */
function play(shards: number, steps: readonly Step[]): string[] {
  const small = new SmallSwitch({
    shards,
    accounts: ACCOUNTS,
    mailboxBlocks: 1024,
    messagesPerAccount: 6,
    inputsPerTurn: 64,
    ringBytes: 2 ** 15,
  });
  const hearing = new Hearing(small);
  for (const one of steps) {
    if (one.kind === 'logIn') {
      if (small.isThere(one.client)) continue;
      hearing.online(one.client, one.account, one.shard % shards);
    } else if (small.isConnected(one.client)) {
      if (one.kind === 'send') small.say(one.client, small.message(one.id, one.account));
      else if (one.kind === 'confirm') small.say(one.client, small.confirmation(one.sequence));
      else if (one.kind === 'ping') small.say(one.client, small.empty(FrameType.PING));
      else if (one.kind === 'logOut') small.say(one.client, small.empty(FrameType.LOGOUT));
      else small.hangUp(one.client);
    }
    small.settle();
  }
  drain(small, hearing, shards);
  for (const store of small.stores) assert.equal(store.usedBlocks, 0);
  return hearing.end();
}

/** Two receipts of earlier sessions wait behind a message that is not confirmed, where only one of them has room. */
const RECEIPTS_WAIT: Step[] = [
  { kind: 'logIn', client: 3, account: 3, shard: 0 },
  { kind: 'send', client: 3, id: 1, account: 1 },
  { kind: 'logIn', client: 0, account: 3, shard: 1 },
  { kind: 'send', client: 0, id: 2, account: 1 },
  { kind: 'logIn', client: 1, account: 3, shard: 0 },
  { kind: 'logIn', client: 0, account: 1, shard: 0 },
  { kind: 'send', client: 0, id: 1, account: 3 },
  { kind: 'confirm', client: 0, sequence: 2 },
];

it('phones see the same frames, however many shards there are and whichever they connect to', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 80, size: 'max' }), (steps) => {
      const alone = play(1, steps);
      for (const shards of [2, 3, 4]) assert.deepEqual(play(shards, steps), alone, `with ${shards} shards`);
    }),
    { numRuns: 40, examples: [[RECEIPTS_WAIT]] },
  );
});
