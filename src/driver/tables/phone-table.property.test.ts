import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { isLeaving, NO_CONNECTION, PhoneState, PhoneTable } from './phone-table.ts';

const ROWS = 5;

interface Phone {
  connection: number;
  state: number;
  number: number;
  sequence: number;
  owes: boolean;
}

const serial = fc.oneof(fc.constantFrom(0, 1, 2 ** 30 - 1), fc.nat(2 ** 30 - 1));
const change = fc.oneof(
  fc.record({
    what: fc.constant('connection' as const),
    value: fc.oneof(fc.constantFrom(-1, 2 ** 31 - 2), fc.nat(2 ** 31 - 2)),
  }),
  fc.record({ what: fc.constant('state' as const), value: fc.constantFrom(...Object.values(PhoneState)) }),
  fc.record({ what: fc.constant('number' as const), value: serial }),
  fc.record({ what: fc.constant('sequence' as const), value: serial }),
  fc.record({ what: fc.constant('owes' as const), value: fc.nat(1) }),
);
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

const SETTERS = {
  connection: 'setConnection',
  state: 'setState',
  number: 'setLastNumber',
  sequence: 'setLastSequence',
} as const;

/** Makes the same change to the table and to the object. */
function make(table: PhoneTable, row: number, phone: Phone, one: Change): void {
  const { what, value } = one;
  if (what === 'owes') {
    table.setOwesAnswer(row, value === 1);
    phone.owes = value === 1;
  } else {
    table[SETTERS[what]](row, value);
    phone[what] = value;
  }
}

it('keeps each field of each phone, whatever is written to the fields beside it', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(ROWS - 1), change), { maxLength: 100, size: 'max' }), (changes) => {
      const table = new PhoneTable(ROWS);
      const phones = Array.from({ length: ROWS }, (): Phone => {
        return {
          connection: NO_CONNECTION,
          state: PhoneState.IDLE,
          number: 0,
          sequence: 0,
          owes: false,
        };
      });
      for (const [row, one] of changes) {
        make(table, row, phones[row] as Phone, one); // inside the table
        const found = phones.map((_, n) => ({
          connection: table.connection(n),
          state: table.state(n),
          number: table.lastNumber(n),
          sequence: table.lastSequence(n),
          owes: table.owesAnswer(n),
        }));
        assert.deepEqual(found, phones);
      }
    }),
  );
});

it('tells the states in which a phone waits to hang up', () => {
  const leaving = Object.entries(PhoneState).filter(([, state]) => isLeaving(state));
  assert.deepEqual(
    leaving.map(([name]) => name),
    ['LEAVING', 'LEAVING_FOR_GOOD'],
  );
});
