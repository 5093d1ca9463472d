/**
 * A gateway on a small switch against a naive model: which business has which ids open, and what each phone should get.
 * Shards, phones and the gateway work in any order.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { messageDigestHigh, messageDigestLow } from '../base/message-digest.ts';
import { ID_WINDOW } from '../base/serial-distance.ts';
import { ENVELOPE_BYTES, isBusinessPayloadIntact } from '../wire/business-payload.ts';
import { accountNumber, FrameType, payloadStart, readAccountHigh, readAccountLow, readSerial } from '../wire/frames.ts';
import { PresenceState } from '../wire/presence-frames.ts';
import { ANY_BUSINESS, GATEWAY_BUSY, type Gateway, type GatewayListener, type Located } from './gateway.ts';
import { GatewayCounter, type GatewayCounterName } from './gateway-counters.ts';
import { GATEWAY_FULL } from './gateway-questions.ts';
import { AWAY, MESSAGE_ACCEPTED } from './homes/account-home.ts';
import { setPresenceFrame } from './presence/watching-phones.test-suite.ts';
import { SmallSwitch } from './small-switch.test-suite.ts';

const PHONES = 4;
const BUSINESSES = 2;
const SETTINGS = {
  accounts: PHONES,
  businesses: BUSINESSES,
  questionsMax: 64,
  messagesPerAccount: 100,
  inboxBytes: 2 ** 17,
};
/** More than the time after which a question is given up. */
const LONG_MICROS = 80e6;

interface Sent {
  readonly business: number;
  readonly id: number;
  readonly to: number;
  readonly text: string;
}

/** Writes down what the gateway is told, and knows what is open. */
class Model implements GatewayListener {
  readonly small: SmallSwitch;
  readonly gateway: Gateway;
  readonly open = new Map<number, Sent>();
  readonly lookups = new Map<number, number>();
  readonly accepted: Sent[] = [];
  readonly refused: { readonly sent: Sent; readonly code: number }[] = [];
  readonly lost: Sent[] = [];
  readonly found: (Located & { readonly account: number })[] = [];
  readonly lastIds = new Array<number>(BUSINESSES).fill(0);
  #texts = 0;

  constructor(shards: number, changes: Partial<typeof SETTINGS> = {}) {
    this.small = new SmallSwitch({ ...SETTINGS, ...changes, shards });
    this.gateway = this.small.openGateway(this);
  }

  answered(handle: number, code: number): void {
    const sent = this.#take(handle);
    if (code === MESSAGE_ACCEPTED) this.accepted.push(sent);
    else this.refused.push({ sent, code });
  }

  located(handle: number, found: Located): void {
    const account = this.lookups.get(handle);
    assert.ok(account !== undefined && this.lookups.delete(handle), 'an answer is to an open lookup');
    this.found.push({ ...found, account });
  }

  givenUp(handle: number): void {
    if (!this.lookups.delete(handle)) this.lost.push(this.#take(handle));
  }

  count(name: GatewayCounterName): number {
    return this.small.gatewayCounters[GatewayCounter[name]] ?? 0;
  }

  /** Whether a business may use its next id: no open one is 16 or more behind it. */
  mayAsk(business: number): boolean {
    const next = (this.lastIds[business] ?? 0) + 1;
    return [...this.open.values()].every((one) => one.business !== business || next - one.id < ID_WINDOW);
  }

  send(business: number, to: number): void {
    const text = `text ${++this.#texts}`.padEnd(this.#texts % 40, '.');
    const could = business === ANY_BUSINESS ? [0, 1].some((one) => this.mayAsk(one)) : this.mayAsk(business);
    const handle = this.gateway.send(business, to, new TextEncoder().encode(text), this.small.nowMicros);
    if (handle === GATEWAY_BUSY) return;
    assert.equal(handle !== GATEWAY_FULL, could, 'it is refused when its window is full, and only then');
    if (handle < 0) return;
    assert.ok(!this.open.has(handle), 'a handle is of one message at a time');
    const from = this.gateway.businessOf(handle);
    if (business !== ANY_BUSINESS) assert.equal(from, business);
    const id = this.gateway.idOf(handle);
    assert.equal(id, (this.lastIds[from] ?? 0) + 1, 'ids of a business follow each other');
    this.lastIds[from] = id;
    this.open.set(handle, { business: from, id, to, text });
  }

  locate(account: number): void {
    const handle = this.gateway.locate(account);
    assert.equal(handle === GATEWAY_FULL, this.lookups.size === 4);
    if (handle >= 0) this.lookups.set(handle, account);
  }

  #take(handle: number): Sent {
    const sent = this.open.get(handle);
    assert.ok(sent !== undefined && this.open.delete(handle), 'an answer is to an open message');
    return sent;
  }

  /** The messages that a phone has been sent, and it confirms them. */
  received(client: number): { business: number; id: number; text: string }[] {
    const frames = this.small.frames(client, FrameType.DELIVER);
    const newest = frames.at(-1);
    if (newest !== undefined && this.small.isConnected(client)) {
      this.small.say(client, this.small.confirmation(readSerial(newest.body, 0)));
    }
    return frames.map(({ body }) => {
      const sender = this.small.plan.indexOf(accountNumber(readAccountHigh(body, 0), readAccountLow(body, 0)));
      const at = payloadStart(0);
      assert.ok(isBusinessPayloadIntact(body, at, body.byteLength - at, sender, client));
      const text = new TextDecoder().decode(new Uint8Array(body.buffer, at + ENVELOPE_BYTES));
      return { business: sender - PHONES, id: body.getInt32(at + 4, true), text };
    });
  }
}

const phone = fc.integer({ min: 0, max: PHONES - 1 });
const step = fc.oneof(
  fc.record({ do: fc.constant('send' as const), from: fc.constantFrom(ANY_BUSINESS, 0, 1), to: phone }),
  fc.record({ do: fc.constant('locate' as const), account: phone }),
  fc.record({ do: fc.constant('work' as const), who: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ do: fc.constant('confirm' as const), account: phone }),
);

describe('a gateway', () => {
  it('delivers what it accepts, once and in order, and answers every question', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.array(step, { maxLength: 120 }), (shards, steps) => {
        const model = new Model(shards);
        const { small } = model;
        for (const client of [0, 1, 2]) small.online(client, client, client % shards); // phone 3 is away
        for (const one of steps) {
          if (one.do === 'send') model.send(one.from, one.to);
          else if (one.do === 'locate') model.locate(one.account);
          else if (one.do === 'confirm' && one.account < 3) model.received(one.account);
          else if (one.do === 'work' && one.who < shards) small.work(one.who);
          else small.workGateway();
        }
        for (let n = 0; n < 80; n++) {
          small.settle();
          for (const client of [0, 1, 2]) model.received(client);
        }
        assert.deepEqual([model.open.size, model.lookups.size, model.gateway.open], [0, 0, 0]);
        for (const { account, shard } of model.found) assert.equal(shard, account === 3 ? AWAY : account % shards);
        assert.equal(model.count('messagesSent'), model.accepted.length + model.refused.length);
        for (const client of [0, 1, 2]) {
          const got = model.received(client);
          const ought = model.accepted.filter(({ to }) => to === client);
          for (const business of [0, 1]) {
            const ofPair = <T extends { business: number; id: number; text: string }>(list: readonly T[]) =>
              list.filter((one) => one.business === business).map(({ id, text }) => ({ id, text }));
            const expected = ofPair(ought).sort((a, b) => a.id - b.id);
            assert.deepEqual(ofPair(got), expected);
          }
        }
        assert.equal(model.count('receipts'), model.accepted.filter(({ to }) => to !== 3).length, 'a ✓✓ for each');
        const digest = (mix: typeof messageDigestLow): number =>
          model.accepted.reduce((sum, one) => (sum + mix(PHONES + one.business, one.id)) | 0, 0);
        assert.equal(model.count('digestAcknowledgedLow'), digest(messageDigestLow));
        assert.equal(model.count('digestAcknowledgedHigh'), digest(messageDigestHigh));
      }),
      { numRuns: 60 },
    );
  });

  it('says why a message was refused: the mailbox of a phone that is away is full', () => {
    const model = new Model(2, { messagesPerAccount: 3 });
    for (let n = 0; n < 5; n++) model.send(ANY_BUSINESS, 3);
    model.small.settle();
    assert.deepEqual([model.accepted.length, model.refused.length], [3, 2]);
    assert.deepEqual([model.count('rejectedMailboxFull'), model.count('messagesUnanswered')], [2, 0]);
  });

  it('tells since when a session is there, and how much waits for a phone that is away', () => {
    const model = new Model(2);
    model.small.pass(1e6, 10);
    model.small.online(1, 1, 0);
    for (let n = 0; n < 3; n++) model.send(0, 2);
    model.small.settle();
    model.locate(1);
    model.locate(2);
    model.small.settle();
    assert.deepEqual(
      model.found.toSorted((a, b) => a.account - b.account),
      [
        { account: 1, shard: 0, sinceTick: Math.floor(1e6 / 78_125), seenAgoSeconds: 0, waiting: 0 },
        { account: 2, shard: AWAY, sinceTick: 0, seenAgoSeconds: -1, waiting: 3 },
      ],
    );
  });

  it('tells when an account was last seen: not while its phone is away, or says that it is not in use', () => {
    const model = new Model(2);
    const { small } = model;
    for (const client of [0, 1, 2]) small.online(client, client, client % 2);
    const seen = (): (number | undefined)[] => {
      for (const account of [0, 1, 2, 3]) model.locate(account);
      small.settle();
      return [0, 1, 2, 3].map((account) => model.found.findLast((one) => one.account === account)?.seenAgoSeconds);
    };
    assert.deepEqual(seen(), [0, 0, 0, -1], 'phone 3 was never there');
    small.say(0, setPresenceFrame(PresenceState.UNAVAILABLE));
    small.hangUp(1);
    small.settle();
    small.pass(5e6, 2); // shorter than the time-out of a heartbeat
    const [background, away, inUse, never] = seen();
    assert.ok([4, 5].includes(background ?? -1) && background === away, `${background} s and ${away} s ago`);
    assert.deepEqual([inUse, never], [0, -1]);
    small.say(0, setPresenceFrame(PresenceState.AVAILABLE));
    small.online(1, 1, 0);
    assert.deepEqual(seen(), [0, 0, 0, -1]);
  });

  it('gives up what no home answers, and drops an answer that comes after that', () => {
    const model = new Model(2);
    model.send(0, 1);
    model.locate(1);
    model.small.nowMicros += LONG_MICROS;
    model.small.workGateway();
    assert.deepEqual([model.lost.length, model.gateway.open, model.count('lookupsGivenUp')], [1, 0, 1]);
    model.small.settle();
    assert.equal(model.accepted.length, 0, 'the home finds that it is too late');
    assert.equal(model.small.count('questionsExpired'), 2);
    model.send(0, 1);
    model.small.settle();
    assert.equal(model.accepted.length, 1, 'and its place is free again');
  });

  it('gives up what a shard was asked before it started again, and asks its new incarnation from then on', () => {
    const model = new Model(2);
    const { small } = model;
    const homes = [0, 1, 2, 3].map((account) => small.homes.shardOf(account));
    const restarted = homes[0] ?? 0;
    for (let account = 0; account < PHONES; account++) {
      model.send(0, account);
      model.locate(account);
    }
    const own = homes.filter((home) => home === restarted).length;
    assert.ok(own > 0 && own < PHONES, 'both shards are homes');
    small.sayStarted(restarted, 1);
    small.workGateway();
    assert.deepEqual(
      [model.lost.length, model.count('messagesGivenUp'), model.count('lookupsGivenUp')],
      [own, own, own],
    );
    assert.ok(model.lost.every(({ to }) => homes[to] === restarted));
    small.settle();
    const others = model.accepted.filter(({ to }) => homes[to] !== restarted);
    assert.equal(others.length, PHONES - own, 'the other shard answers as before');
    assert.equal(model.accepted.length, others.length, 'a late answer to what was given up counts for nothing');
    model.send(0, 0);
    small.settle();
    assert.deepEqual(
      [model.open.size, model.accepted.length],
      [1, others.length],
      'the old incarnation does not take it',
    );
  });

  it('refuses at once what has no room in the inbox of a home', () => {
    const model = new Model(1, { inboxBytes: 2 ** 13, questionsMax: 36 });
    const text = new Uint8Array(1900);
    const handles = Array.from({ length: 6 }, () => model.gateway.send(ANY_BUSINESS, 1, text, 0));
    assert.ok(handles.includes(GATEWAY_BUSY), String(handles));
    assert.ok(model.count('inboxFull') > 0);
    assert.equal(model.gateway.open, handles.filter((handle) => handle >= 0).length);
  });
});
