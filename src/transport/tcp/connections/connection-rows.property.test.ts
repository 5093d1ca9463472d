/**
 * The rows of connections against a model that keeps an object for each: packed fields do not spill into each other.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { HeldSockets } from '../sockets/held-sockets.ts';
import { ConnectionRows, ConnectionState } from './connection-rows.ts';

const PLACES = 6;
const { FREE, CONNECTING, OPEN, CLOSING, FAILING, CLOSED, VANISHED, DEAD } = ConnectionState;

interface Row {
  state: number;
  reason: number;
  isAgain: boolean;
  uses: number;
}

/** Sockets that only record that they were closed. */
class ClosedSockets {
  readonly closed: number[] = [];
  settles = 0;

  close(place: number): void {
    this.closed.push(place);
  }

  settle(): void {
    this.settles++;
  }

  get held(): HeldSockets {
    return this as unknown as HeldSockets; // rows close sockets and do nothing else with them
  }
}

const place = fc.nat(PLACES - 1);
const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ take: place, state: fc.constantFrom(CONNECTING, OPEN) }) },
  {
    weight: 4,
    arbitrary: fc.record({ set: place, state: fc.constantFrom(OPEN, CLOSING, FAILING, CLOSED, VANISHED) }),
  },
  { weight: 4, arbitrary: fc.record({ explain: place, reason: fc.nat(31) }) },
  { weight: 4, arbitrary: fc.record({ markAgain: place }) },
  { weight: 3, arbitrary: fc.record({ takeAgain: place, isLate: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ give: place }) },
  { weight: 1, arbitrary: fc.constant('closeDead' as const) },
);
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

function act(rows: ConnectionRows, model: Row[], sockets: ClosedSockets, step: Action): void {
  if (step === 'closeDead') {
    const before = sockets.closed.length;
    rows.closeDead(sockets.held);
    const dead = model.flatMap(({ state }, n) => (state === DEAD ? [n] : []));
    assert.deepEqual(sockets.closed.slice(before).sort(), dead, 'each dead socket is closed once');
    for (const row of model) if (row.state === DEAD) row.state = FREE;
  } else if ('take' in step) {
    const row = model[step.take] as Row; // inside the model, here and below
    if (row.state !== FREE) return;
    rows.take(step.take, step.state);
    Object.assign(row, { state: step.state, reason: 0, isAgain: false, uses: row.uses + 1 });
  } else if ('set' in step) {
    const row = model[step.set] as Row;
    if (row.state === FREE || row.state === DEAD) return;
    rows.setState(step.set, step.state);
    row.state = step.state;
  } else if ('explain' in step) {
    rows.setReason(step.explain, step.reason);
    (model[step.explain] as Row).reason = step.reason;
  } else if ('markAgain' in step) {
    const row = model[step.markAgain] as Row;
    assert.equal(rows.markAgain(step.markAgain), !row.isAgain, 'an event is asked for again once');
    row.isAgain = true;
  } else if ('takeAgain' in step) {
    const row = model[step.takeAgain] as Row;
    const generation = rows.generation(step.takeAgain) - Number(step.isLate);
    const isStill = !step.isLate && row.state !== FREE;
    assert.equal(rows.takeAgain(step.takeAgain, generation), isStill, 'an event of an earlier use is left out');
    if (isStill) row.isAgain = false;
  } else {
    const row = model[step.give] as Row;
    if (row.state === FREE || row.state === DEAD) return;
    rows.give(step.give);
    row.state = DEAD;
  }
}

describe('rows of connections', () => {
  it('keep state, reason, again and generation apart, and close each socket once', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 150, size: 'max' }), (script) => {
        const rows = new ConnectionRows(PLACES);
        const sockets = new ClosedSockets();
        const model = Array.from({ length: PLACES }, () => ({
          state: FREE as number,
          reason: 0,
          isAgain: false,
          uses: 0,
        }));
        for (const step of script) {
          act(rows, model, sockets, step);
          model.forEach((row, n) => {
            assert.equal(rows.state(n), row.state);
            assert.equal(rows.reason(n), row.reason);
            assert.equal(rows.generation(n), row.uses, 'a use of a place has a generation of its own');
            assert.equal(rows.isStill(n, row.uses, row.state), true);
            assert.equal(rows.isStill(n, row.uses + 1, row.state), false);
          });
          assert.equal(rows.used, model.filter(({ state }) => state !== FREE && state !== DEAD).length);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('close every socket at the end, those included that were given back before, and tell of progress', () => {
    const places = 10_000;
    const rows = new ConnectionRows(places);
    const sockets = new ClosedSockets();
    for (let n = 0; n < places; n += 2) rows.take(n, OPEN);
    for (let n = 0; n < 100; n += 2) rows.give(n);
    let signs = 0;
    rows.closeAll(sockets.held, () => signs++);
    assert.deepEqual(
      [...sockets.closed].sort((a, b) => a - b),
      Array.from({ length: places / 2 }, (_, n) => 2 * n),
    );
    assert.equal(rows.used, 0);
    assert.ok(signs >= 1, 'millions take a while');
  });

  it('tell more uses of a place apart than fit the smallest columns', () => {
    const rows = new ConnectionRows(1);
    const sockets = new ClosedSockets();
    const generations = new Set<number>();
    for (let n = 0; n < 70_000; n++) {
      rows.take(0, OPEN);
      generations.add(rows.generation(0));
      rows.give(0);
      rows.closeDead(sockets.held);
    }
    assert.equal(generations.size, 70_000);
  });

  it('are given back once', () => {
    const rows = new ConnectionRows(1);
    rows.take(0, OPEN);
    rows.give(0);
    assert.throws(() => rows.give(0), /given back once/);
    assert.throws(() => rows.take(0, OPEN), /free row/);
  });
});
