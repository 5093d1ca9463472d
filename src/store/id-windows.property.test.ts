import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { SERIAL_MASK } from '../base/serial-distance.ts';
import { IdWindows, WindowVerdict } from './id-windows.ts';

const PLACES = 4;

it('remembers the pairs that were used last, and forgets the one that was used longest ago', () => {
  const message = fc.record({ sender: fc.nat(3), accountRow: fc.nat(1) });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 40 }), (messages) => {
      const windows = new IdWindows(PLACES);
      const naive: string[] = [];
      for (const { sender, accountRow } of messages) {
        const judged = { sender, accountRow, id: 5, highest: 0, seen: 0 };
        const name = `${sender} to ${accountRow}`;
        const isKnown = naive.includes(name);
        assert.equal(windows.judge(judged), isKnown ? WindowVerdict.DUPLICATE : WindowVerdict.NEW, name);
        windows.put({ ...judged, highest: 5, seen: 1 });
        if (isKnown) naive.splice(naive.indexOf(name), 1);
        naive.unshift(name);
        naive.length = Math.min(naive.length, PLACES);
      }
    }),
  );
});

it('accepts each of the last 16 ids of a pair once, older ones never, also where ids wrap around', () => {
  const move = fc.oneof(fc.integer({ min: -20, max: 3 }), fc.constantFrom(1, 15, 16, 17, 31, 32, 33, 1000));
  fc.assert(
    fc.property(fc.nat(40), fc.array(move, { maxLength: 60, size: 'max' }), (first, moves) => {
      const windows = new IdWindows(PLACES);
      const accepted = new Set<number>();
      let highest = Number.NEGATIVE_INFINITY;
      for (const ahead of moves) {
        const id = accepted.size === 0 ? first : highest + ahead;
        const judged = { sender: 2, accountRow: 5, id: (SERIAL_MASK - 20 + id) & SERIAL_MASK, highest: 0, seen: 0 };
        const isTooOld = id <= highest - 16;
        const expected = accepted.has(id) ? WindowVerdict.DUPLICATE : WindowVerdict.NEW;
        const verdict = windows.judge(judged);
        assert.equal(verdict, isTooOld ? WindowVerdict.TOO_OLD : expected, `${id} after ${highest}`);
        assert.equal(windows.judge({ ...judged }), verdict, 'judging alone changes nothing');
        if (verdict !== WindowVerdict.NEW) continue;
        windows.put(judged);
        accepted.add(id);
        highest = Math.max(highest, id);
      }
    }),
  );
});

it('never takes the window of one pair for that of another', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(fc.nat(50), fc.nat(50)), { maxLength: 4, selector: String }), (pairs) => {
      const windows = new IdWindows(256);
      pairs.forEach(([sender, accountRow], n) => {
        const judged = { sender, accountRow, id: n, highest: 0, seen: 0 };
        assert.equal(windows.judge(judged), WindowVerdict.NEW);
        windows.put(judged);
      });
      pairs.forEach(([sender, accountRow], n) => {
        const again = { sender, accountRow, id: n, highest: 0, seen: 0 };
        assert.equal(windows.judge(again), WindowVerdict.DUPLICATE);
        assert.equal(windows.judge({ ...again, sender: accountRow + 100, accountRow: sender }), WindowVerdict.NEW);
      });
    }),
  );
});

it('takes 16 bytes for each pair, rounded up to a power of two and to one set', () => {
  assert.deepEqual(
    [1, 4, 5, 8, 9, 1000].map((windowsMax) => new IdWindows(windowsMax).bytes / 16),
    [4, 4, 8, 8, 16, 1024],
  );
});
