import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
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
