/** ✓✓ of messages to groups against a list of who is still to report, with authors to whom there is room or not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Passage } from '../homes/session-passages.ts';
import { SWITCH_COUNTERS, SwitchCounter } from '../terms/switch-counters.ts';
import { GroupReceipts } from './group-receipts.ts';
import { RecentMessages } from './recent-messages.ts';

/** Receipts that may wait for room. */
const WAITING_MAX = 1024;

/** An author's session, which has room, has none, or is gone. */
class Authors {
  passage: Passage = Passage.DONE;
  /** Ids of receipts that were sent, and of those that went back to the home. */
  readonly sent: number[] = [];
  readonly returned: number[] = [];

  receipt(address: number, generation: number, account: number, id: number): Passage {
    assert.deepEqual([address, generation], [account + 100, account + 7], "the session of the message's author");
    if (this.passage === Passage.DONE) this.sent.push(id);
    return this.passage;
  }

  returnReceipt(_address: number, _generation: number, _account: number, id: number): void {
    this.returned.push(id);
  }
}

/** The receipts of a home, and a message of an author for each id. */
class Home {
  readonly authors = new Authors();
  readonly counters = new Float64Array(SWITCH_COUNTERS.length);
  readonly #recent = new RecentMessages(2 ** 14);
  readonly receipts = new GroupReceipts(this.#recent, this.authors, this.counters);

  /** The home accepts a message, and counts as the one that has not reported until it is sent to all shards. */
  accept(author: number, id: number): void {
    this.#recent.add(author, id, 1, 3, author + 100, author + 7, 1);
  }

  get dropped(): number {
    return this.counters[SwitchCounter.groupReceiptsDropped] ?? 0;
  }
}

const author = fc.nat(2);
const id = fc.integer({ min: 1, max: 6 });
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('accept' as const), author, id }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('expect' as const), author, id }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('done' as const), author, id, hasRejected: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('room' as const),
      passage: fc.constantFrom(Passage.DONE, Passage.FULL, Passage.GONE),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: 'work' as const }) },
);

describe('the ✓✓ of a message to a group', () => {
  it('is sent once, when all shards have reported, and not if some recipient could not be given it', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
        const home = new Home();
        const { authors, receipts } = home;
        const open = new Map<string, { left: number; hasRejected: boolean }>();
        const waiting: number[] = [];
        const sent: number[] = [];
        const returned: number[] = [];
        let dropped = 0;
        const pass = (one: number): boolean => {
          if (authors.passage === Passage.FULL) return false;
          (authors.passage === Passage.DONE ? sent : returned).push(one);
          return true;
        };
        for (const one of steps) {
          if (one.kind === 'room') authors.passage = one.passage;
          else if (one.kind === 'work') {
            let done = 0;
            while (waiting.length > 0 && pass(waiting[0] ?? 0)) {
              waiting.shift();
              done++;
            }
            assert.equal(receipts.doWork(), done);
          } else {
            const name = `${one.author} ${one.id}`;
            const message = open.get(name);
            if (one.kind === 'accept') {
              if (message !== undefined) continue; // an id is of one message
              home.accept(one.author, one.id);
              open.set(name, { left: 1, hasRejected: false });
            } else if (one.kind === 'expect') {
              if (message === undefined || message.left === 0) continue; // a home sends only what it has accepted
              receipts.expectReport(one.author, one.id);
              message.left++;
            } else {
              receipts.done(one.author, one.id, one.hasRejected);
              if (message === undefined || message.left === 0) continue; // a report of an earlier incarnation
              message.left--;
              message.hasRejected ||= one.hasRejected;
              if (message.left > 0) continue;
              if (message.hasRejected) dropped++;
              else if (!pass(one.id)) waiting.push(one.id);
            }
          }
          assert.equal(receipts.waits, waiting.length > 0);
          assert.deepEqual([authors.sent, authors.returned, home.dropped], [sent, returned, dropped]);
        }
        const all = home.counters[SwitchCounter.groupReceipts] ?? 0;
        assert.equal(all, sent.length + returned.length);
      }),
      { numRuns: 150 },
    );
  });

  it('waits for room in a bounded queue, in order, and is dropped and counted if that is full', () => {
    const home = new Home();
    home.authors.passage = Passage.FULL;
    for (let n = 1; n <= WAITING_MAX + 5; n++) {
      home.accept(0, n);
      home.receipts.done(0, n, false);
    }
    assert.equal(home.dropped, 5);
    assert.equal(home.receipts.doWork(), 0, 'there is no room yet');
    home.authors.passage = Passage.DONE;
    const first = home.receipts.doWork();
    assert.ok(first > 0 && first < WAITING_MAX, 'a bounded number per turn');
    while (home.receipts.waits) assert.ok(home.receipts.doWork() > 0);
    const all = Array.from({ length: WAITING_MAX }, (_, n) => n + 1);
    assert.deepEqual(home.authors.sent, all);
  });
});
