/** The rows of connections, against objects in a list. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { ConnectionTable, NONE, RowFlag, TcpState } from './connection-table.ts';

const ROWS = 5;
const WINDOW_SHIFT_MAX = 14;

/** A row as an object. */
interface Row {
  state: number;
  flags: number;
  token: number;
  sendNext: number;
  receiveNext: number;
  activity: number;
  window: number;
  windowShift: number;
  segmentBytesMax: number;
  roundTrip: number;
  remote: number;
}

const BLANK: Row = {
  ...{ state: TcpState.CLOSED, flags: 0, token: 0, sendNext: 0, receiveNext: 0, activity: NONE },
  ...{ window: 0, windowShift: 0, segmentBytesMax: 0, roundTrip: 0, remote: 0 },
};

/** How each number of a row is set in the table. */
const SET: { readonly [Name in keyof Row]: (table: ConnectionTable, row: number, value: number) => void } = {
  state: (table, row, value) => table.setState(row, value),
  flags: (table, row, value) => table.setFlag(row, value),
  token: (table, row, value) => table.setToken(row, value),
  sendNext: (table, row, value) => table.setSendNext(row, value),
  receiveNext: (table, row, value) => table.setReceiveNext(row, value),
  activity: (table, row, value) => table.setActivity(row, value),
  window: (table, row, value) => table.setWindow(row, value),
  windowShift: (table, row, value) => table.setWindowShift(row, value),
  segmentBytesMax: (table, row, value) => table.setSegmentBytesMax(row, value),
  roundTrip: (table, row, value) => table.setRoundTrip(row, value),
  remote: (table, row, value) => table.setRemote(row, value),
};

const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const half = fc.nat(0xffff);
const VALUES: { readonly [Name in keyof Row]: fc.Arbitrary<number> } = {
  state: fc.constantFrom(...Object.values(TcpState)),
  flags: fc.constantFrom(...Object.values(RowFlag)),
  token: word,
  sendNext: word,
  receiveNext: word,
  activity: fc.nat(1e6),
  window: half,
  windowShift: fc.nat(WINDOW_SHIFT_MAX),
  segmentBytesMax: half,
  roundTrip: word,
  remote: fc.nat(1e6),
};
const NAMES = Object.keys(SET) as (keyof Row)[]; // its own keys

const change = fc.constantFrom(...NAMES).chain((name) => fc.record({ name: fc.constant(name), value: VALUES[name] }));
const step = fc.record({ act: fc.constantFrom('take', 'give', 'set', 'set', 'set'), which: fc.nat(), change });

/** What the table says of a row, beside what it should say. */
function assertRow(table: ConnectionTable, row: number, expected: Row): void {
  const { flags, window, windowShift, ...plain } = expected;
  const found = {
    state: table.state(row),
    token: table.token(row),
    sendNext: table.sendNext(row),
    receiveNext: table.receiveNext(row),
    activity: table.activity(row),
    segmentBytesMax: table.segmentBytesMax(row),
    roundTrip: table.roundTrip(row),
    remote: table.remote(row),
  };
  assert.deepEqual(found, plain);
  assert.equal(table.windowBytes(row), window * 2 ** windowShift);
  for (const flag of Object.values(RowFlag)) assert.equal(table.has(row, flag), (flags & flag) !== 0);
}

it('keeps each number of each connection apart, and gives out the row that has been free for the longest time', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
      const table = new ConnectionTable(ROWS);
      const free = Array.from({ length: ROWS }, (_, row) => row);
      const used = new Map<number, Row>();
      for (const { act, which, change: one } of steps) {
        const [row, held] = [...used][which % Math.max(1, used.size)] ?? [NONE, BLANK];
        if (act === 'take') {
          const taken = table.take();
          assert.equal(taken, free.shift() ?? NONE);
          if (taken !== NONE) used.set(taken, { ...BLANK });
        } else if (row === NONE) continue;
        else if (act === 'give') {
          table.give(row);
          assert.equal(table.state(row), TcpState.CLOSED);
          used.delete(row);
          free.push(row);
        } else {
          SET[one.name](table, row, one.value);
          held[one.name] = one.name === 'flags' ? held.flags | one.value : one.value;
        }
        assert.equal(table.used, used.size);
        for (const [other, expected] of used) assertRow(table, other, expected);
      }
    }),
    { numRuns: 200 },
  );
});
