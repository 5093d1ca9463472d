import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { IN_FLIGHT_NONE, InFlightTable } from './in-flight-table.ts';
import { isPayloadIntact, payloadDueHigh, payloadDueWord, payloadId, writePayload } from './payload.ts';

it('keeps what awaits an acknowledgement as a map would, and only forgets what awaits a mere receipt', () => {
  const step = fc.record({
    row: fc.nat(6),
    id: fc.integer({ min: 1, max: 9 }),
    what: fc.constantFrom('enter', 'acknowledge', 'receive', 'remove'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
      const table = new InFlightTable(32);
      const awaited = new Map<string, number>();
      const receipts = new Set<string>();
      steps.forEach(({ row, id, what }, n) => {
        const key = `${row} ${id}`;
        const place = table.find(row, id);
        if (awaited.has(key)) assert.notEqual(place, IN_FLIGHT_NONE, `${key} awaits its acknowledgement`);
        if (what === 'enter') {
          if (awaited.has(key) || receipts.has(key)) return;
          if (table.enter(row, id, n, 0, 0) !== IN_FLIGHT_NONE) awaited.set(key, n);
        } else if (place === IN_FLIGHT_NONE) {
          receipts.delete(key);
        } else if (what === 'acknowledge' && awaited.has(key)) {
          assert.equal(table.ageMicros(place, 1000, 0), 1000 - (awaited.get(key) ?? 0));
          table.acknowledged(place);
          awaited.delete(key);
          receipts.add(key);
        } else if (what === 'receive' && receipts.has(key)) {
          table.received(place);
          receipts.delete(key);
          assert.equal(table.find(row, id), IN_FLIGHT_NONE);
        } else if (what === 'remove') {
          table.remove(place);
          awaited.delete(key);
          receipts.delete(key);
        }
        assert.equal(table.unanswered, awaited.size);
      });
    }),
  );
});

it('refuses when all places of a hash are taken by what awaits an acknowledgement', () => {
  const table = new InFlightTable(8);
  for (let id = 1; id <= 8; id++) assert.notEqual(table.enter(1, id, 0, 0, 0), IN_FLIGHT_NONE);
  assert.equal(table.enter(1, 9, 0, 0, 0), IN_FLIGHT_NONE);
  table.acknowledged(table.find(1, 3));
  assert.notEqual(table.enter(1, 9, 0, 0, 0), IN_FLIGHT_NONE, 'a mere receipt gives way');
});

it('writes payloads in which any changed bit, sender or length is noticed', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 16, max: 200 }),
      fc.nat(2 ** 30),
      fc.integer({ min: 1, max: 2 ** 30 - 1 }),
      fc.integer(),
      fc.nat(2 ** 16 - 1),
      fc.nat(),
      (bytes, sender, id, due, high, flip) => {
        const view = new DataView(new ArrayBuffer(bytes + 8));
        writePayload(view, 4, bytes, sender, id, due, high);
        assert.equal(isPayloadIntact(view, 4, bytes, sender), true);
        assert.deepEqual([payloadDueWord(view, 4), payloadDueHigh(view, 4), payloadId(view, 4)], [due, high, id]);
        assert.equal(isPayloadIntact(view, 4, bytes, sender + 1), false);
        const at = 4 + (flip % bytes);
        view.setUint8(at, view.getUint8(at) ^ (1 << (flip % 8)));
        assert.equal(isPayloadIntact(view, 4, bytes, sender), false);
      },
    ),
  );
});
