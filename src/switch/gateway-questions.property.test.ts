/** The open questions of a gateway against lists of what is open. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ID_WINDOW } from '../base/serial-distance.ts';
import { GATEWAY_FULL, GatewayQuestions } from './gateway-questions.ts';

const BUSINESSES = 3;
const LOOKUPS = 2;

const business = fc.nat(BUSINESSES - 1);
const home = fc.nat(2);
const pick = fc.nat(100);
const step = fc.oneof(
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('send' as const), business, home }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('sendAny' as const), home }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('lookUp' as const), home }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('answer' as const), pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('late' as const), pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('homeEnds' as const), home }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('timeOut' as const), age: fc.nat(20) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Open {
  readonly handle: number;
  /** Undefined for a lookup. */
  readonly business: number | undefined;
  readonly slot: number;
  readonly id: number;
  readonly home: number;
  readonly tick: number;
}

/** The table beside a list of what is open, which knows for each business how its ids go on. */
class Model {
  readonly questions = new GatewayQuestions(BUSINESSES, LOOKUPS);
  open: Open[] = [];
  readonly #lastIds = new Array<number>(BUSINESSES).fill(0);
  readonly #closed: Open[] = [];
  #lastLookup = 0;
  #turn = 0;
  #tick = 0;

  act(one: Step): void {
    this.#tick++;
    if (one.kind === 'send') this.#send(one.business, one.home);
    else if (one.kind === 'sendAny') this.#sendAny(one.home);
    else if (one.kind === 'lookUp') this.#lookUp(one.home);
    else if (one.kind === 'answer') this.#answer(one.pick);
    else if (one.kind === 'late') this.#answerLate(one.pick);
    else if (one.kind === 'homeEnds')
      this.#end(
        (question) => question.home === one.home,
        (ended) => this.questions.endTo(one.home, ended),
      );
    else
      this.#end(
        ({ tick }) => tick <= this.#tick - one.age,
        (ended) => this.questions.endAskedBy(this.#tick - one.age, ended),
      );
    assert.equal(this.questions.open, this.open.length);
  }

  /** No id of a business is 16 or more ahead of an unanswered one. */
  #mayAsk(from: number): boolean {
    const next = (this.#lastIds[from] ?? 0) + 1;
    return this.open.every(({ business: other, id }) => other !== from || next - id < ID_WINDOW);
  }

  #send(from: number, to: number): void {
    assert.equal(this.questions.hasPlace(from), this.#mayAsk(from), `business ${from}`);
    if (!this.#mayAsk(from)) return;
    const id = (this.#lastIds[from] ?? 0) + 1;
    assert.equal(this.questions.nextId(from), id);
    const handle = this.questions.addMessage(from, to, this.#tick);
    assert.ok(!this.open.some((other) => other.handle === handle), 'a handle is of one question at a time');
    assert.ok(this.questions.isMessage(handle));
    assert.deepEqual([this.questions.businessOf(handle), this.questions.idOf(handle)], [from, id]);
    this.#lastIds[from] = id;
    this.open.push({ handle, business: from, slot: from, id, home: to, tick: this.#tick });
  }

  #sendAny(to: number): void {
    const inTurn = Array.from({ length: BUSINESSES }, (_, n) => (this.#turn + n) % BUSINESSES);
    const expected = inTurn.find((one) => this.#mayAsk(one)) ?? GATEWAY_FULL;
    const from = this.questions.nextBusiness();
    assert.equal(from, expected, 'each in turn, but for those that may not ask');
    if (from === GATEWAY_FULL) return;
    this.#turn = (from + 1) % BUSINESSES;
    this.#send(from, to);
  }

  #lookUp(to: number): void {
    const handle = this.questions.nextLookup;
    const lookups = this.open.filter((one) => one.business === undefined);
    assert.equal(handle === GATEWAY_FULL, lookups.length === LOOKUPS);
    if (handle === GATEWAY_FULL) return;
    assert.ok(!this.open.some((other) => other.handle === handle), 'a handle is of one question at a time');
    assert.ok(!this.questions.isMessage(handle));
    const slot = this.questions.slotOf(handle);
    assert.ok(slot >= BUSINESSES && slot < BUSINESSES + LOOKUPS, 'behind those of the businesses');
    const id = this.questions.nextLookupId;
    assert.equal(id, ++this.#lastLookup);
    this.questions.addLookup(to, this.#tick);
    this.open.push({ handle, business: undefined, slot, id, home: to, tick: this.#tick });
  }

  #take({ business: from, slot, id }: Open): number {
    return from === undefined ? this.questions.takeLookup(slot, id) : this.questions.takeMessage(slot, id);
  }

  #answer(at: number): void {
    const one = this.open[at % Math.max(1, this.open.length)];
    if (one === undefined) return;
    // As a lookup is not a message, what answers the one does not end the other.
    assert.equal(
      one.business === undefined
        ? this.questions.takeMessage(one.slot, one.id)
        : this.questions.takeLookup(one.slot, one.id),
      -1,
    );
    assert.equal(this.#take(one), one.handle);
    this.open = this.open.filter((other) => other !== one);
    this.#closed.push(one);
  }

  #answerLate(at: number): void {
    const one = this.#closed[at % Math.max(1, this.#closed.length)];
    if (one !== undefined) assert.equal(this.#take(one), -1, 'it is not open any more');
  }

  #end(isOver: (one: Open) => boolean, end: (ended: (handle: number) => void) => void): void {
    const ended: number[] = [];
    end((handle) => ended.push(handle));
    const over = this.open.filter(isOver);
    assert.deepEqual(ended.toSorted(), over.map(({ handle }) => handle).toSorted());
    this.open = this.open.filter((one) => !isOver(one));
    this.#closed.push(...over);
  }
}

describe('the open questions of a gateway', () => {
  it('are those that were asked and neither answered nor given up, within the window of each business', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
        const model = new Model();
        for (const one of steps) model.act(one);
      }),
      { numRuns: 200 },
    );
  });

  it('are at most 16 for each business, none of them 16 or more ahead of the oldest', () => {
    const questions = new GatewayQuestions(1, 0);
    assert.equal(questions.places, ID_WINDOW);
    for (let n = 1; n <= ID_WINDOW; n++) assert.equal(questions.idOf(questions.addMessage(0, 0, 0)), n);
    assert.ok(!questions.hasPlace(0), '16 are open');
    assert.equal(questions.takeMessage(0, 3), 3);
    assert.ok(!questions.hasPlace(0), 'the next one would be 16 ahead of the first');
    assert.equal(questions.takeMessage(0, 1), 1);
    assert.ok(questions.hasPlace(0));
  });
});
