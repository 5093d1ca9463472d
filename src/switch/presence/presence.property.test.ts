import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FrameType } from '../../wire/frames.ts';
import { PresenceState } from '../../wire/presence-frames.ts';
import { SmallSwitch } from '../small-switch.test-suite.ts';
import { noticesOf, rowsUsed, setPresenceFrame, watchesOf, watchFrame } from './watching-phones.test-suite.ts';

const ACCOUNTS = 5;

const account = fc.nat(ACCOUNTS - 1);
const act = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('login' as const), account, shard: fc.nat(2) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('hangUp' as const, 'vanish' as const, 'logout' as const), account }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constantFrom('watch' as const, 'unwatch' as const), account, other: account }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('set' as const), account, state: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('shed' as const), is: fc.boolean() }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('work' as const),
      shard: fc.nat(2),
      turns: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('settle' as const) }) },
);

/** A client that knows what it did since its login was accepted. */
class Watcher {
  /** What it watches. */
  readonly watched = new Set<number>();
  state: number = PresenceState.AVAILABLE;
}

/** Lets clients of a switch act at random, and compares what they have heard in the end with what is so. */
class Model {
  readonly small: SmallSwitch;
  readonly #shards: number;
  readonly #watchers = new Map<number, Watcher>();
  /** The client of each account's newest login. */
  readonly #newest = new Map<number, number>();
  #clients = 0;

  constructor(shards: number, inboxBytes: number) {
    this.#shards = shards;
    this.small = new SmallSwitch({
      shards,
      accounts: ACCOUNTS,
      inboxBytes,
      sessions: 64,
      watchMax: ACCOUNTS,
      questionsMax: 16,
      inputsPerTurn: 32,
      heartbeatTimeoutMicros: 4e6,
    });
  }

  logIn(of: number, shard: number): void {
    const client = this.#clients++;
    this.small.connect(client, shard % this.#shards);
    this.small.settle();
    this.small.say(client, this.small.login(of));
    this.#newest.set(of, client);
    this.#watchers.set(client, new Watcher());
  }

  /** The client of an account that may speak: its login is accepted. */
  speaker(of: number): number | undefined {
    const client = this.#newest.get(of);
    if (client === undefined || !this.small.isConnected(client)) return undefined;
    return this.small.frames(client, FrameType.LOGIN_RESULT).length > 0 ? client : undefined;
  }

  act(one: ReturnType<typeof act.generate>['value']): void {
    const { small } = this;
    if (one.kind === 'login') this.logIn(one.account, one.shard);
    else if (one.kind === 'work') for (let n = 0; n < one.turns; n++) small.work(one.shard % this.#shards);
    else if (one.kind === 'settle') small.settle();
    else if (one.kind === 'shed') for (const shard of small.shards) shard.presence.shedPresence = one.is;
    else this.#say(one);
  }

  #say(one: Exclude<ReturnType<typeof act.generate>['value'], { kind: 'login' | 'work' | 'settle' | 'shed' }>): void {
    const { small } = this;
    const client = this.speaker(one.account);
    const watcher = this.#watchers.get(client ?? -1);
    if (client === undefined || watcher === undefined) return;
    if (one.kind === 'watch' || one.kind === 'unwatch') {
      if (one.other === one.account) return;
      const isWatch = one.kind === 'watch';
      small.say(client, watchFrame(isWatch ? FrameType.WATCH : FrameType.UNWATCH, small.number(one.other)));
      if (isWatch) watcher.watched.add(one.other);
      else watcher.watched.delete(one.other);
    } else if (one.kind === 'set') {
      small.say(client, setPresenceFrame(one.state));
      watcher.state = one.state;
    } else if (one.kind === 'hangUp') small.hangUp(client);
    else if (one.kind === 'vanish') small.vanish(client);
    else small.say(client, small.empty(FrameType.LOGOUT));
  }

  /** The end: nobody sheds, those who fell silent are noticed, the others stay. */
  rest(): void {
    for (const shard of this.small.shards) shard.presence.shedPresence = false;
    this.small.settle();
    for (let n = 0; n < 6; n++) {
      for (let of = 0; of < ACCOUNTS; of++) {
        const client = this.speaker(of);
        if (client !== undefined) this.small.say(client, this.small.empty(FrameType.PING));
      }
      this.small.pass(1e6, 2);
    }
  }

  check(): void {
    let watches = 0;
    for (let of = 0; of < ACCOUNTS; of++) {
      const client = this.speaker(of);
      if (client === undefined) continue;
      const watcher = this.#watchers.get(client);
      watches += watcher?.watched.size ?? 0;
      for (const other of watcher?.watched ?? []) {
        const speaker = this.speaker(other);
        const truth = speaker === undefined ? PresenceState.UNAVAILABLE : this.#watchers.get(speaker)?.state;
        const last = noticesOf(this.small, client)
          .filter((notice) => notice.account === other)
          .at(-1);
        assert.equal(last?.state, truth, `what ${of} knows of ${other}`);
      }
    }
    assert.equal(watchesOf(this.small), watches);
    const distant = this.#shards === 1 ? 0 : rowsUsed(this.small, 'watches from other shards');
    assert.equal(rowsUsed(this.small, 'watches'), watches + distant, 'a row for both where they are on the same shard');
    assert.equal(this.small.count('subscriptions'), watches);
    assert.ok(
      this.small.stores.every((store) => store.entries === 0),
      'no mailbox has an entry',
    );
    for (const shard of this.small.shards) assert.equal(shard.untilDueMicros(1000), 1000, 'nothing waits');
  }
}

describe('presence, whoever comes, goes, watches and works when', () => {
  for (const [name, shards, inboxBytes] of [
    ['on one shard', 1, 2 ** 16],
    ['on three shards', 3, 2 ** 16],
    ['on three shards with small inboxes', 3, 2 ** 13],
  ] as const) {
    it(`is in the end what it is, for each phone that watches, ${name}`, () => {
      fc.assert(
        fc.property(fc.array(act, { minLength: 10, maxLength: 60, size: 'max' }), (acts) => {
          const model = new Model(shards, inboxBytes);
          for (const one of acts) model.act(one);
          model.rest();
          model.check();
        }),
        { numRuns: 40 },
      );
    });
  }
});
