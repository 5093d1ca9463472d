/** What a switch with groups and presence says, and counts, is the same whether it reads rows ahead or not. */
import assert from 'node:assert/strict';
import { it, mock } from 'node:test';
import fc from 'fast-check';
import { ManyToOneConsumer } from '../../ring/many-to-one-ring.ts';
import { OneToOneConsumer } from '../../ring/one-to-one-ring.ts';
import { RING_NONE } from '../../ring/ring-layout.ts';
import { FrameType, readSerial } from '../../wire/frames.ts';
import { GroupPlan } from '../../wire/group-plan.ts';
import { PresencePrefetch } from '../presence/presence-prefetch.ts';
import { watchFrame } from '../presence/watching-phones.test-suite.ts';
import { SmallSwitch } from '../small-switch.test-suite.ts';
import { RowPrefetch } from './row-prefetch.ts';

const [PHONES, SHARDS] = [5, 2];
const REDELIVERY_MICROS = 5e6;
const MINOR = 1;
const ROWS = ['session', 'input', 'inputsKnown', 'account', 'recipient', 'recipientsKnown'] as const;
const PRESENCE = ['sessions', 'watchers', 'change', 'departure', 'changesKnown'] as const;
const READS: readonly string[] = [...ROWS, ...PRESENCE];
const plan = new GroupPlan({
  seed: 5,
  firstAccount: PHONES,
  groups: 2,
  lists: 1,
  phones: PHONES,
  sizes: { median: 4, sigma: 0.3, max: PHONES },
});

const phone = fc.nat(PHONES - 1);
const shard = fc.nat(SHARDS - 1);
const step = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      phone,
      to: fc.nat(PHONES + plan.count - 1),
      bytes: fc.integer({ min: 1, max: 300 }),
      // More than are read ahead at once.
      times: fc.integer({ min: 1, max: 20 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('confirm' as const), phone }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('hangUp' as const), phone, logsOut: fc.boolean() }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('watch' as const), phone, to: fc.nat(PHONES - 1), ends: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('logIn' as const), phone, shard }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('work' as const), shard }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('listen' as const), events: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'pass' as const }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** A switch, and what its phones do. Each connection is a client of its own, so that nothing that was heard is lost. */
class Played {
  readonly #small = new SmallSwitch({
    shards: SHARDS,
    accounts: PHONES,
    sessions: 128,
    mailboxBlocks: 1024,
    messagesPerAccount: 64,
    redeliveryMicros: REDELIVERY_MICROS,
    heartbeatTimeoutMicros: Number.POSITIVE_INFINITY,
    groups: { plan, queueMax: 64, recentMax: 256, changesMax: 16 },
  });
  readonly #clients: number[] = [];
  readonly #ids = new Int32Array(PHONES);
  #connections = 0;

  constructor(steps: readonly Step[]) {
    for (let one = 0; one < PHONES; one++) this.#logIn(one, one % SHARDS);
    for (const one of steps) this.#act(one);
    this.#small.pass(2 * REDELIVERY_MICROS, 4);
  }

  /** Every byte that each client has heard, and all that was counted. */
  get outcome(): unknown {
    const heard = [...this.#small.heard].map(([client, frames]) => [
      client,
      frames.map(({ type, body }) => `${type} ${Buffer.from(body.buffer).toString('hex')}`),
    ]);
    const counters = this.#small.shards.map((one) => Array.from(one.counters));
    return { heard, counters, entries: this.#small.stores.map(({ entries }) => entries) };
  }

  #act(one: Step): void {
    const small = this.#small;
    if (one.kind === 'work') small.work(one.shard);
    else if (one.kind === 'listen') small.listen(one.events);
    else if (one.kind === 'pass') small.pass(REDELIVERY_MICROS / 2, 2);
    else if (one.kind === 'logIn') this.#logIn(one.phone, one.shard);
    else this.#say(one);
  }

  #logIn(account: number, at: number): void {
    this.#clients[account] = this.#connections;
    this.#small.online(this.#connections++, account, at, MINOR);
  }

  #say(one: Extract<Step, { kind: 'send' | 'confirm' | 'hangUp' | 'watch' }>): void {
    const small = this.#small;
    const client = this.#clients[one.phone] ?? assert.fail();
    if (!small.isConnected(client)) return;
    if (one.kind === 'hangUp' && one.logsOut) small.say(client, small.empty(FrameType.LOGOUT));
    else if (one.kind === 'hangUp') small.hangUp(client);
    else if (one.kind === 'watch')
      small.say(client, watchFrame(one.ends ? FrameType.UNWATCH : FrameType.WATCH, small.number(one.to)));
    else if (one.kind === 'send') {
      for (let n = 0; n < one.times; n++) {
        const id = (this.#ids[one.phone] ?? 0) + 1;
        this.#ids[one.phone] = id;
        small.say(client, small.message(id, one.to, one.bytes));
      }
    } else {
      const delivered = (small.heard.get(client) ?? []).filter(
        ({ type }) => type === FrameType.DELIVER || type === FrameType.DELIVER_GROUP,
      );
      const newest = delivered.at(-1);
      if (newest !== undefined) small.say(client, small.confirmation(readSerial(newest.body, 0)));
    }
  }
}

/** The outcome where no record is looked at before its turn, and no row is read before it is needed. */
function outcomeWithout(steps: readonly Step[]): unknown {
  const mocks = [
    ...ROWS.map((name) => mock.method(RowPrefetch.prototype, name, () => {})),
    ...PRESENCE.map((name) => mock.method(PresencePrefetch.prototype, name, () => 0)),
    mock.method(OneToOneConsumer.prototype, 'lookAhead', () => RING_NONE),
    mock.method(ManyToOneConsumer.prototype, 'lookAhead', () => RING_NONE),
  ];
  try {
    return new Played(steps).outcome;
  } finally {
    for (const one of mocks) one.mock.restore();
  }
}

it('changes nothing that a phone hears, and nothing that is counted or kept', () => {
  const times = new Map<string, number>();
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }), (steps) => {
      const reads = [
        ...ROWS.map((name) => mock.method(RowPrefetch.prototype, name)),
        ...PRESENCE.map((name) => mock.method(PresencePrefetch.prototype, name)),
      ];
      const { outcome } = new Played(steps);
      for (const [n, name] of READS.entries()) {
        const one = reads[n] ?? assert.fail();
        times.set(name, (times.get(name) ?? 0) + one.mock.callCount());
        one.mock.restore();
      }
      assert.deepEqual(outcome, outcomeWithout(steps));
    }),
    { numRuns: 40 },
  );
  for (const name of READS) assert.ok((times.get(name) ?? 0) > 0, `nothing was read ahead by ${name}`);
});
