import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { ID_WINDOW, SERIAL_MASK } from '../../base/serial-distance.ts';
import { nextState, SessionEvent, SessionState } from './session-state.ts';
import { GENERATIONS, IdStatus, PhoneKind, SessionTable } from './session-table.ts';

/** What the window is meant to know, with sets of whole numbers. */
class NaiveWindow {
  readonly #seen = new Set<number>();
  readonly #pending = new Set<number>();
  #highest = 0;

  admit(id: number): number {
    if (id <= this.#highest - ID_WINDOW) return IdStatus.TOO_OLD;
    if (this.#pending.has(id)) return IdStatus.DUPLICATE_UNANSWERED;
    if (this.#seen.has(id)) return IdStatus.DUPLICATE;
    const highest = Math.max(this.#highest, id);
    if ([...this.#pending].some((one) => one <= highest - ID_WINDOW)) return IdStatus.TOO_MANY_UNANSWERED;
    this.#highest = highest;
    this.#seen.add(id);
    this.#pending.add(id);
    return IdStatus.NEW;
  }

  answer(id: number, accepted: boolean): void {
    this.#pending.delete(id);
    if (!accepted) this.#seen.delete(id);
  }

  /** Whether no id of the window was taken. */
  get isEmpty(): boolean {
    return ![...this.#seen].some((id) => id > this.#highest - ID_WINDOW);
  }

  get pending(): number[] {
    return [...this.#pending];
  }
}

it('judges ids as sets of them would, also around the end of serial numbers', () => {
  const step = fc.record({ ahead: fc.integer({ min: -20, max: 6 }), answers: fc.nat(2), accepted: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 200, size: 'max' }),
      fc.constantFrom(0, SERIAL_MASK - 30),
      fc.boolean(),
      (steps, base, watches) => {
        const table = new SessionTable(3);
        table.open(1, 0);
        table.setWindow(1, base, 0);
        if (watches) table.setWatches(1);
        const naive = new NaiveWindow();
        let highest = 0;
        for (const { ahead, answers, accepted } of steps) {
          const id = highest + ahead;
          // Ids have gone round to 0 and none was taken: no account looks different that has sent nothing yet.
          const isAsNew = base !== 0 && ((base + highest) & SERIAL_MASK) === 0 && naive.isEmpty;
          if (id > 0 && !isAsNew) {
            const verdict = table.admit(1, (base + id) & SERIAL_MASK);
            assert.equal(verdict, naive.admit(id), `id ${id}, highest ${highest}`);
            if (verdict === IdStatus.NEW) highest = Math.max(highest, id);
          }
          for (const pending of naive.pending.slice(0, answers)) {
            table.answer(1, (base + pending) & SERIAL_MASK, accepted);
            naive.answer(pending, accepted);
          }
          assert.equal(table.hasUnanswered(1), naive.pending.length > 0);
        }
        assert.equal(table.mayWatch(1), watches);
        assert.equal(table.state(0), SessionState.FREE, 'neighbours are untouched');
        assert.equal(table.state(2), SessionState.FREE);
      },
    ),
  );
});

it('takes any id as the first of an account, and judges the following ones by it', () => {
  const day = 86_400;
  const seconds2026 = 1_764_028_800 & SERIAL_MASK; // more than 2^29, so it looks older than 0
  const first = fc.oneof(fc.nat(SERIAL_MASK), fc.integer({ min: seconds2026, max: seconds2026 + 3650 * day }));
  fc.assert(
    fc.property(first, fc.boolean(), (id, accepted) => {
      const table = new SessionTable(1);
      table.open(0, 0);
      table.setWindow(0, 0, 0);
      assert.equal(table.admit(0, id), IdStatus.NEW);
      assert.equal(table.highest(0), id);
      assert.equal(table.admit(0, id), IdStatus.DUPLICATE_UNANSWERED);
      table.answer(0, id, accepted);
      assert.equal(table.admit(0, id), accepted ? IdStatus.DUPLICATE : IdStatus.NEW);
      assert.equal(table.admit(0, (id - ID_WINDOW) & SERIAL_MASK), IdStatus.TOO_OLD);
      assert.equal(table.admit(0, (id + 1) & SERIAL_MASK), IdStatus.NEW);
    }),
  );
});

it('gives each new session of a row another generation, and knows the old one as gone', () => {
  const table = new SessionTable(1);
  const seen = new Set<number>();
  for (let n = 0; n < GENERATIONS; n++) {
    table.open(0, n);
    seen.add(table.generation(0));
    assert.equal(table.isCurrent(0, table.generation(0)), true);
    assert.equal(table.isCurrent(0, (table.generation(0) + GENERATIONS - 1) % GENERATIONS), false);
    table.step(0, SessionEvent.CLOSED);
    table.free(0);
    assert.equal(table.isCurrent(0, table.generation(0)), false, 'a free row holds no session');
  }
  assert.equal(seen.size, GENERATIONS);
});

/** What each kind of client speaks and wants. */
const CLIENTS = [
  { kind: PhoneKind.MINOR_0, speaksMinor1: false, isLaterMinor: false, wantsReceipts: false, wantsReads: false },
  {
    kind: PhoneKind.MINOR_0_RECEIPTS,
    speaksMinor1: false,
    isLaterMinor: false,
    wantsReceipts: true,
    wantsReads: false,
  },
  { kind: PhoneKind.MINOR_1, speaksMinor1: true, isLaterMinor: false, wantsReceipts: false, wantsReads: false },
  {
    kind: PhoneKind.MINOR_1_RECEIPTS,
    speaksMinor1: true,
    isLaterMinor: false,
    wantsReceipts: true,
    wantsReads: false,
  },
  { kind: PhoneKind.MINOR_1_READS, speaksMinor1: true, isLaterMinor: false, wantsReceipts: true, wantsReads: true },
  { kind: PhoneKind.LATER, speaksMinor1: true, isLaterMinor: true, wantsReceipts: false, wantsReads: false },
  { kind: PhoneKind.LATER_RECEIPTS, speaksMinor1: true, isLaterMinor: true, wantsReceipts: true, wantsReads: false },
  { kind: PhoneKind.LATER_READS, speaksMinor1: true, isLaterMinor: true, wantsReceipts: true, wantsReads: true },
];

function toldOf(table: SessionTable): Omit<(typeof CLIENTS)[number], 'kind'> {
  return {
    speaksMinor1: table.speaksMinor1(0),
    isLaterMinor: table.isLaterMinor(0),
    wantsReceipts: table.wantsReceipts(0),
    wantsReads: table.wantsReads(0),
  };
}

it('keeps the fields of a row apart', () => {
  fc.assert(
    fc.property(
      fc.subarray([SessionEvent.ACCEPTED, SessionEvent.CLOSE, SessionEvent.CLOSED]),
      fc.nat(0xffff),
      fc.constantFrom(...CLIENTS),
      fc.nat(2 ** 29),
      (events, tick, { kind, ...client }, account) => {
        const table = new SessionTable(1);
        table.open(0, tick);
        const generation = table.generation(0);
        table.beginLogin(0, account, kind);
        table.hear(0, tick + 5);
        let state: number = SessionState.LOGGING_IN;
        for (const event of events) {
          assert.equal(table.step(0, event), state);
          state = nextState(state, event);
        }
        assert.deepEqual(
          [table.state(0), table.silentTicks(0, tick + 9), toldOf(table), table.account(0), table.generation(0)],
          [state, 4, client, account, generation],
        );
      },
    ),
  );
});
