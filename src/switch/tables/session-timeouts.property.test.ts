/** The time-outs of a table of sessions, against a list of when each was last heard. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SessionEvent, SessionState } from './session-state.ts';
import { SessionTable } from './session-table.ts';
import { OVERDUE_NONE, type SessionTimeoutSettings, SessionTimeouts } from './session-timeouts.ts';

const SLOTS = 6;
const TICK_MICROS = 1000;

function settingsOf(heartbeatTimeoutMicros: number, loginTimeoutMicros: number): SessionTimeoutSettings {
  return { heartbeatTimeoutMicros, loginTimeoutMicros, tickMicros: TICK_MICROS };
}

interface Waiting {
  readonly slot: number;
  readonly sinceTick: number;
}

/** Sessions as the switch runs them, and beside them a list of what was heard when. */
class Clocked {
  readonly table = new SessionTable(SLOTS);
  readonly timeouts: SessionTimeouts;
  /** Connections without a login, in the order in which they opened. */
  waiting: Waiting[] = [];
  /** When each online session was last heard. */
  readonly heard = new Map<number, number>();

  constructor(settings: SessionTimeoutSettings) {
    this.timeouts = new SessionTimeouts(settings, this.table);
  }

  /** Opens a connection in a free row, logs in one that waits, or hears an online session. */
  touch(slot: number): void {
    const { table, timeouts, heard } = this;
    if (table.state(slot) === SessionState.FREE) {
      table.open(slot, timeouts.tick);
      timeouts.awaitLogin(slot);
      this.waiting.push({ slot, sinceTick: timeouts.tick });
      return;
    }
    if (table.state(slot) === SessionState.OPEN) {
      table.beginLogin(slot, slot, 0);
      table.step(slot, SessionEvent.ACCEPTED);
      this.#waitNoMore(slot);
      table.setWindow(slot, 7, 1);
      timeouts.awaitHeartbeats(slot);
    } else {
      table.hear(slot, timeouts.tick);
    }
    heard.set(slot, timeouts.tick);
  }

  /** Ends a connection. Its row is free at once, and may be taken again while the wheel still holds it. */
  end(slot: number): void {
    const { table } = this;
    if (table.state(slot) === SessionState.FREE) return;
    if (table.state(slot) === SessionState.OPEN) this.#waitNoMore(slot);
    table.step(slot, SessionEvent.CLOSED);
    table.free(slot);
    this.heard.delete(slot);
  }

  /** Ends what is overdue, as PhoneSessions does. @returns the rows of logins in order, and of sessions. */
  expire(): { logins: number[]; sessions: Set<number> } {
    const { table, timeouts } = this;
    const logins: number[] = [];
    const sessions = new Set<number>();
    for (let slot = timeouts.overdueLogin(); slot !== OVERDUE_NONE; slot = timeouts.overdueLogin()) {
      logins.push(slot);
      this.end(slot);
    }
    for (let slot = timeouts.nextLook(); slot !== OVERDUE_NONE; slot = timeouts.nextLook()) {
      if (table.step(slot, SessionEvent.LOOK) !== SessionState.ONLINE || !timeouts.isSilent(slot)) continue;
      sessions.add(slot);
      this.end(slot);
    }
    return { logins, sessions };
  }

  #waitNoMore(slot: number): void {
    this.timeouts.awaitNoLogin(slot);
    this.waiting = this.waiting.filter((one) => one.slot !== slot);
  }
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('touch' as const), slot: fc.nat(SLOTS - 1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('end' as const), slot: fc.nat(SLOTS - 1) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('time' as const), ticks: fc.nat(20) }) },
  // A shard that was stopped for longer than its wheel is round.
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('time' as const), ticks: fc.integer({ min: 250, max: 600 }) }),
  },
);

describe('time-outs of sessions', () => {
  it('end exactly those that were silent for longer than they may be, whatever the wheel still holds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40_000 }),
        fc.integer({ min: 1, max: 40_000 }),
        fc.array(step, { maxLength: 120, size: 'max' }),
        (heartbeatMicros, loginMicros, steps) => {
          const clocked = new Clocked(settingsOf(heartbeatMicros, loginMicros));
          // A frame that came at the end of its tick may be heard until the time-out has passed after that end.
          const isOver = (sinceTick: number, micros: number): boolean =>
            (clocked.timeouts.tick - sinceTick - 1) * TICK_MICROS >= micros;
          for (const one of steps) {
            if (one.kind === 'touch') clocked.touch(one.slot);
            else if (one.kind === 'end') clocked.end(one.slot);
            else {
              clocked.timeouts.tick += one.ticks;
              const logins = clocked.waiting.filter(({ sinceTick }) => isOver(sinceTick, loginMicros));
              const silent = [...clocked.heard].filter(([, tick]) => isOver(tick, heartbeatMicros));
              const ended = clocked.expire();
              assert.deepEqual(
                ended.logins,
                logins.map(({ slot }) => slot),
              );
              assert.deepEqual(ended.sessions, new Set(silent.map(([slot]) => slot)));
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('never end a session where there is no heartbeat, and still end those who do not log in', () => {
    const clocked = new Clocked(settingsOf(Number.POSITIVE_INFINITY, 5000));
    clocked.touch(0);
    clocked.touch(0);
    clocked.touch(1);
    clocked.timeouts.tick = 60_000;
    assert.deepEqual(clocked.expire(), { logins: [1], sessions: new Set() });
  });

  it('reach as far as 16 bits of ticks: a session is known for silent after three time-outs of the longest kind', () => {
    const timeoutTicks = 2 ** 13;
    for (const stopped of [timeoutTicks + 2, 2 * timeoutTicks, 3 * timeoutTicks]) {
      const clocked = new Clocked(settingsOf((timeoutTicks - 1) * TICK_MICROS, 1e9));
      clocked.touch(3);
      clocked.touch(3);
      clocked.timeouts.tick = stopped;
      assert.deepEqual(clocked.expire().sessions, new Set([3]), `after ${stopped} ticks`);
    }
  });
});
