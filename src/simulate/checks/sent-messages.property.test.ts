/** Lists that are sorted by themselves, against a map. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type SentMessage, SentMessages } from './sent-messages.ts';

const PHONES = 3;
const step = fc.record({
  sender: fc.integer({ min: 0, max: PHONES - 1 }),
  skip: fc.integer({ min: 1, max: 40 }),
  /** Which of the messages so far is removed; none beyond them. */
  removes: fc.integer({ min: 0, max: 20 }),
});

function message(sender: number, number: number): SentMessage {
  const flags = { isAcknowledged: false, isRefused: false, isForgotten: false, isSentAgain: false };
  return {
    sender,
    number,
    id: number,
    recipient: 0,
    digest: 0,
    digestAgain: 0,
    copies: 1,
    members: 1,
    shown: 0,
    shownTo: null,
    ...flags,
  };
}

describe('unfinished messages', () => {
  it('are found as long as they are not removed', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const messages = new SentMessages(PHONES);
        const model = new Map<string, SentMessage>();
        const highest = new Array<number>(PHONES).fill(0);
        for (const { sender, skip, removes } of steps) {
          const number = (highest[sender] ?? 0) + skip;
          assert.equal(messages.isNew(sender, number), true);
          const sent = message(sender, number);
          messages.add(sent);
          model.set(`${sender} ${number}`, sent);
          highest[sender] = number;
          const [name, removed] = [...model][removes] ?? [];
          if (name === undefined || removed === undefined) continue;
          assert.equal(messages.remove(removed), true);
          assert.equal(messages.remove(removed), false, 'it is not there twice');
          model.delete(name);
        }
        for (let sender = 0; sender < PHONES; sender++) {
          for (let number = 1; number <= (highest[sender] ?? 0); number++) {
            assert.equal(messages.isNew(sender, number), false);
            assert.equal(messages.find(sender, number), model.get(`${sender} ${number}`));
          }
        }
        assert.deepEqual(new Set(messages.all()), new Set(model.values()));
      }),
    );
  });
});
