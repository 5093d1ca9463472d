import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { mixPair } from '../../base/pseudo-random.ts';
import { IN_FLIGHT_NONE, InFlightTable, LOGIN_ID } from './in-flight-table.ts';

const PLACES = 32;
const PROBES = 8;

interface Entry {
  readonly row: number;
  readonly id: number;
  readonly due: number;
  attempts: number;
  awaitsAcknowledgement: boolean;
  awaitsReceipt: boolean;
}

/** The same table as a list of objects, looked through from end to end. */
class NaiveTable {
  readonly slots = new Array<Entry | undefined>(PLACES).fill(undefined);
  #sweptTo = 0;

  enter(row: number, id: number, due: number, attempts: number): number {
    const window = Array.from({ length: PROBES }, (_, probe) => (mixPair(row, id) + probe) & (PLACES - 1));
    const place =
      window.find((one) => this.slots[one] === undefined) ??
      window.find((one) => this.slots[one]?.awaitsAcknowledgement === false) ??
      IN_FLIGHT_NONE;
    if (place === IN_FLIGHT_NONE) return place;
    this.slots[place] = { row, id, due, attempts, awaitsAcknowledgement: true, awaitsReceipt: true };
    return place;
  }

  find(row: number, id: number): number {
    return this.slots.findIndex((entry) => entry?.row === row && entry.id === id);
  }

  /** Drops an entry that awaits nothing any more. */
  settle(place: number): void {
    const entry = this.slots[place];
    if (entry?.awaitsAcknowledgement === false && !entry.awaitsReceipt) this.slots[place] = undefined;
  }

  get unanswered(): number {
    return this.slots.filter((entry) => entry?.awaitsAcknowledgement && entry.id !== LOGIN_ID).length;
  }

  awaits(row: number, id: number): boolean {
    return this.slots[this.find(row, id)]?.awaitsAcknowledgement === true;
  }

  /** Places within the next so many that await an acknowledgement. */
  sweep(places: number): number[] {
    const looked = Array.from({ length: places }, (_, n) => (this.#sweptTo + 1 + n) % PLACES);
    this.#sweptTo = (this.#sweptTo + places) % PLACES;
    return looked.filter((place) => this.slots[place]?.awaitsAcknowledgement);
  }
}

function sweptBy(table: InFlightTable, places: number): number[] {
  table.sweep(places);
  const found: number[] = [];
  for (let place = table.nextAwaiting(); place !== IN_FLIGHT_NONE; place = table.nextAwaiting()) found.push(place);
  return found;
}

/** Does the same to both, where it makes sense for the entry at a place. */
function change(table: InFlightTable, naive: NaiveTable, place: number, what: string): void {
  const entry = naive.slots[place];
  if (entry === undefined) return;
  if (what === 'acknowledge' && entry.awaitsAcknowledgement && entry.id !== LOGIN_ID) {
    table.acknowledged(place);
    entry.awaitsAcknowledgement = false;
  } else if (what === 'receive') {
    table.received(place);
    entry.awaitsReceipt = false;
  } else if (what === 'attempt') {
    table.addAttempt(place);
    entry.attempts++;
  } else if (what === 'remove') {
    table.remove(place);
    naive.slots[place] = undefined;
  }
  naive.settle(place);
}

it('does what a list of entries would do: who finds a place, who gives way, who is found, who is overdue', () => {
  const step = fc.record({
    row: fc.nat(6),
    id: fc.integer({ min: LOGIN_ID, max: 9 }),
    what: fc.constantFrom('enter', 'enter', 'enter', 'acknowledge', 'acknowledge', 'receive', 'attempt', 'remove'),
    sweep: fc.nat(PLACES + 5),
  });
  const seen = { refused: 0, gaveWay: 0 };
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
      const table = new InFlightTable(PLACES);
      const naive = new NaiveTable();
      let gaveWay = 0;
      steps.forEach(({ row, id, what, sweep }, now) => {
        const place = naive.find(row, id);
        assert.equal(table.find(row, id), place);
        if (what === 'enter' && place === IN_FLIGHT_NONE) {
          const before = naive.slots.filter((entry) => entry !== undefined).length;
          const entered = naive.enter(row, id, now, 0);
          assert.equal(table.enter(row, id, now, 0, 0), entered);
          if (entered === IN_FLIGHT_NONE) seen.refused++;
          else if (naive.slots.filter((entry) => entry !== undefined).length === before) gaveWay++;
        } else if (place !== IN_FLIGHT_NONE) {
          assert.equal(table.ageMicros(place, now, 0), now - (naive.slots[place]?.due ?? 0));
          assert.equal(table.attempts(place), naive.slots[place]?.attempts);
          assert.deepEqual([table.row(place), table.id(place)], [row, id]);
          change(table, naive, place, what);
        }
        assert.equal(table.unanswered, naive.unanswered);
        if (id !== LOGIN_ID) assert.equal(table.awaits(row, id), naive.awaits(row, id));
        if (naive.unanswered === 0) assert.ok(!table.mayAwait(row), 'counts that have returned to zero');
        assert.deepEqual(sweptBy(table, sweep), naive.sweep(sweep));
      });
      seen.gaveWay += gaveWay;
      for (let n = 0; n < gaveWay; n++) assert.ok(table.receivedWithoutEntry(), 'the receipt of one that gave way');
      assert.ok(!table.receivedWithoutEntry(), 'and of no more');
    }),
  );
  assert.ok(seen.refused > 0 && seen.gaveWay > 0, `all branches were reached: ${JSON.stringify(seen)}`);
});

it('knows when the present attempt of a login began, and when the first was due', () => {
  const table = new InFlightTable(PLACES);
  const place = table.enter(3, LOGIN_ID, 5000, 0, 2);
  table.setBegun(place, 2 ** 31 - 10, 77); // and the clock goes round
  assert.equal(table.begunAgoMicros(place, (2 ** 31 + 90) | 0), 100);
  assert.equal(table.ageMicros(place, 11_000, 1), 2 ** 32 + 6000);
});

it('refuses when all places of a hash are taken by what awaits an acknowledgement', () => {
  const table = new InFlightTable(8);
  for (let id = 1; id <= 8; id++) assert.notEqual(table.enter(1, id, 0, 0, 0), IN_FLIGHT_NONE);
  assert.equal(table.enter(1, 9, 0, 0, 0), IN_FLIGHT_NONE);
  table.acknowledged(table.find(1, 3));
  assert.notEqual(table.enter(1, 9, 0, 0, 0), IN_FLIGHT_NONE, 'a mere receipt gives way');
});
