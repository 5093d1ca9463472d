/** Hops through an inbox, against a list of the calls that they stand for. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { ManyToOneConsumer, ManyToOneProducer } from '../ring/many-to-one-ring.ts';
import { RING_NONE, RingMemory, ringBytes } from '../ring/ring-layout.ts';
import {
  DELIVER_FIRST,
  DELIVER_WORDS,
  dispatchHop,
  HopKind,
  Hops,
  type HopTarget,
  inboxReserveBytes,
  ROUTE_WORDS,
} from './hops.ts';
import { SWITCH_COUNTERS } from './switch-counters.ts';

const INBOX_BYTES = 2 ** 13;
const QUESTIONS_MAX = 8;
const INCARNATION = 5;

type Call = readonly [name: string, ...fields: (number | boolean | string)[]];

/** Hears hops, and takes deliveries and receipts only while it has room. */
class Hearer implements HopTarget {
  readonly calls: Call[] = [];
  hasRoom = true;
  login(...fields: number[]): void {
    this.calls.push(['login', ...fields]);
  }
  loginAnswer(...fields: number[]): void {
    this.calls.push(['loginAnswer', ...fields]);
  }
  route(a: number, b: number, c: number, d: number, e: number, view: DataView, at: number, bytes: number): void {
    this.calls.push(['route', a, b, c, d, e, payloadOf(view, at, bytes)]);
  }
  answer(...fields: number[]): void {
    this.calls.push(['answer', ...fields]);
  }
  deliver(
    a: number,
    b: number,
    c: number,
    d: number,
    view: DataView,
    at: number,
    bytes: number,
    isFirst: boolean,
  ): boolean {
    if (this.hasRoom) this.calls.push(['deliver', a, b, c, d, payloadOf(view, at, bytes), isFirst]);
    return this.hasRoom;
  }
  delivered(...fields: number[]): void {
    this.calls.push(['delivered', ...fields]);
  }
  receipt(...fields: number[]): boolean {
    if (this.hasRoom) this.calls.push(['receipt', ...fields]);
    return this.hasRoom;
  }
  receiptHome(...fields: number[]): void {
    this.calls.push(['receiptHome', ...fields]);
  }
  replace(...fields: number[]): void {
    this.calls.push(['replace', ...fields]);
  }
  closed(...fields: number[]): void {
    this.calls.push(['closed', ...fields]);
  }
  resume(...fields: number[]): void {
    this.calls.push(['resume', ...fields]);
  }
  started(...fields: number[]): boolean {
    if (this.hasRoom) this.calls.push(['started', ...fields]);
    return this.hasRoom;
  }
}

/** Hops of four fields at most, and how many their kind has. */
const SHORT: readonly (readonly [name: string, kind: number, fields: number])[] = [
  ['login', HopKind.LOGIN, 3],
  ['delivered', HopKind.DELIVERED, 2],
  ['receipt', HopKind.RECEIPT, 4],
  ['receiptHome', HopKind.RECEIPT_HOME, 4],
  ['replace', HopKind.REPLACE, 2],
  ['closed', HopKind.CLOSED, 4],
  ['resume', HopKind.RESUME, 3],
  ['started', HopKind.STARTED, 2],
];

function payloadOf(view: DataView, at: number, bytes: number): string {
  return Array.from({ length: bytes }, (_, n) => view.getUint8(at + n)).join();
}

const field = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const step = fc.oneof(
  fc.record({
    what: fc.constant('say' as const),
    which: fc.nat(SHORT.length - 1),
    fields: fc.array(field, { minLength: 4, maxLength: 4 }),
  }),
  fc.record({
    what: fc.constantFrom('route' as const, 'deliver' as const),
    fields: fc.array(field, { minLength: 5, maxLength: 5 }),
    bytes: fc.nat(2037),
    isFirst: fc.boolean(),
  }),
  fc.record({ what: fc.constant('answer' as const), fields: fc.array(field, { minLength: 6, maxLength: 6 }) }),
  fc.record({ what: fc.constant('take' as const), most: fc.nat(20), hasRoom: fc.boolean() }),
);

it('are the calls that they stand for, in their order, and answers find room whatever else has filled the inbox', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
      const memory = RingMemory.ofBytes(ringBytes(INBOX_BYTES));
      const inbox = new ManyToOneConsumer(memory, 0, INBOX_BYTES);
      const woken: number[] = [];
      const hops = new Hops(
        memory,
        [new ManyToOneProducer(memory, 0, INBOX_BYTES)],
        inboxReserveBytes(QUESTIONS_MAX),
        [INCARNATION],
        new Float64Array(SWITCH_COUNTERS.length),
        (shard) => woken.push(shard),
      );
      const hearer = new Hearer();
      const said: Call[] = [];
      let answersUntaken = 0;
      const take = (most: number): void => {
        for (let n = 0; n < most; n++) {
          const at = inbox.next();
          if (at === RING_NONE) break;
          assert.ok(hops.isFor(0, at));
          const kind = dispatchHop(memory, at, hearer);
          if (kind === 0) break;
          if (kind === HopKind.LOGIN_ANSWER) answersUntaken--;
          inbox.take();
        }
        inbox.release();
      };
      for (const one of steps) {
        if (one.what === 'take') {
          hearer.hasRoom = one.hasRoom;
          take(one.most);
        } else if (one.what === 'say') {
          const [name, kind, fields] = SHORT[one.which] ?? ['', 0, 0];
          const [a = 0, b = 0, c = 0, d = 0] = one.fields;
          if (hops.say(0, kind, a, b, c, d)) said.push([name, ...one.fields.slice(0, fields)]);
        } else if (one.what === 'answer') {
          if (answersUntaken === QUESTIONS_MAX) continue; // no more questions are open than that
          const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = one.fields;
          hops.sayAnswer(0, HopKind.LOGIN_ANSWER, a, b, c, d, e, f);
          answersUntaken++;
          said.push(['loginAnswer', ...one.fields]);
        } else {
          const isRoute = one.what === 'route';
          const words = isRoute ? ROUTE_WORDS : DELIVER_WORDS;
          const word = hops.begin(0, isRoute ? HopKind.ROUTE : HopKind.DELIVER, words, one.bytes);
          if (word < 0) continue;
          const last = isRoute ? one.bytes : one.isFirst ? one.bytes | DELIVER_FIRST : one.bytes;
          const fields = one.fields.slice(0, words - 1);
          hops.words.set([...fields, last], word);
          for (let n = 0; n < one.bytes; n++) hops.view.setUint8((word + words) * 4 + n, n & 0xff);
          hops.end(0);
          const payload = Array.from({ length: one.bytes }, (_, n) => n & 0xff).join();
          said.push(isRoute ? ['route', ...fields, payload] : ['deliver', ...fields, payload, one.isFirst]);
        }
      }
      hearer.hasRoom = true;
      take(1000);
      assert.deepEqual(hearer.calls, said);
      hops.flush();
      assert.deepEqual(woken, said.length > 0 ? [0] : [], 'once, however much was said');
    }),
    { numRuns: 200 },
  );
});
