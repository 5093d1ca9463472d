/** What a fault of the switch touches, and what a scenario with faults loses by design. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { faultsSchema } from '../../result/sections/faults-schema.ts';
import { parseScenario } from '../../scenario/scenario.ts';
import { faultsPart } from '../faults-part.ts';
import { madeInterval } from './made-interval.test-suite.ts';
import { calmOfFaults, lossNotice, mayLoseMessages, type SwitchFault } from './switch-fault.ts';

const KILL = { at: 0, kill: 'switch' } as const;
const SCENARIO = `
name: faulty
description: faulty
transport: tcp
phones: {count: 100, offline: 0%, heartbeat: none, session: none}
login: {rate: 100}
traffic: {rate: 100, payload: 64B}
`;

const settingsOf = (...settings: string[]) => parseScenario(SCENARIO, 'faulty.yaml', settings).settings;

function fault(atMicros: number, backMicros: SwitchFault['backMicros']): SwitchFault {
  const unknown = { presentMicros: null, restoreMicros: null, restoredEntries: null, acknowledgedMicros: null };
  return { declared: KILL, atMicros, sessions: 100, backMicros, ...unknown };
}

describe('the intervals that no fault touches', () => {
  it('end before each fault, or begin when 99 % of its sessions are back, if they ever are', () => {
    const spans = fc.array(
      fc.record({ at: fc.nat(40), took: fc.option(fc.integer({ min: 1, max: 10 }), { nil: null }) }),
      { maxLength: 4 },
    );
    const property = fc.property(spans, fc.constantFrom(1, 2, 5), (made, seconds) => {
      const intervals = Array.from({ length: 40 / seconds }, (_, n) =>
        madeInterval({ atSeconds: (n + 1) * seconds, seconds }),
      );
      const faults = made.map(({ at, took }) => fault(at * 1e6, [0, 0, took === null ? null : took * 1e6]));
      // Second by second: one is touched if it begins between a fault and the return of its sessions.
      const isTouched = (second: number): boolean =>
        made.some(({ at, took }) => second >= at && (took === null || second < at + took));
      const expected = intervals.filter(({ atSeconds }) =>
        Array.from({ length: seconds }, (_, n) => atSeconds - seconds + n).every((second) => !isTouched(second)),
      );
      assert.deepEqual(
        calmOfFaults(intervals, faults).map(({ atSeconds }) => atSeconds),
        expected.map(({ atSeconds }) => atSeconds),
      );
    });
    fc.assert(property, { numRuns: 500 });
  });
});

describe('a scenario with faults', () => {
  const kill = 'faults=[{at: 1s, kill: switch}]';
  const stop = 'faults=[{at: 1s, stop: switch, for: 1s}]';

  it('loses messages by design only if the switch is killed without fsync, and says what', () => {
    for (const settings of [[], [stop], [kill, 'switch.durability=fsync'], ['switch.durability=async']]) {
      assert.equal(mayLoseMessages(settingsOf(...settings)), false, settings.join(' '));
      assert.equal(lossNotice(settingsOf(...settings)), null, settings.join(' '));
    }
    const inMemory = settingsOf(kill);
    assert.ok(mayLoseMessages(inMemory));
    assert.match(
      lossNotice(inMemory) ?? '',
      /^switch\.durability=\w+: .*loses all messages that wait in its mailboxes/,
    );
    const later = settingsOf(kill, 'switch.durability=async', 'switch.store.loss.time=250ms');
    assert.ok(mayLoseMessages(later));
    assert.match(lossNotice(later) ?? '', /loses acknowledged messages of the last 250 ms and of one sync/);
    assert.match(lossNotice(later) ?? '', /--set switch\.durability=fsync loses none\.$/);
  });
});

describe('the section about faults', () => {
  it('has each time in seconds in its own place, and null where it was not reached', () => {
    const killed: SwitchFault = {
      ...fault(4e6, [1e6, 2e6, null]),
      presentMicros: 3e5,
      restoreMicros: 2e5,
      restoredEntries: 70,
      acknowledgedMicros: 5e5,
    };
    const stopped: SwitchFault = { ...fault(9e6, [null, null, null]), declared: { at: 0, stop: 'switch', for: 1e6 } };
    const part = faultsPart([killed, stopped]);
    assert.ok(faultsSchema.safeParse(part).success);
    assert.deepEqual(
      part.map(({ what: _, ...figures }) => figures),
      [
        {
          ...{ isKill: true, atSeconds: 4, sessions: 100, presentSeconds: 0.3, restoreSeconds: 0.2 },
          ...{ restoredEntries: 70, back50Seconds: 1, back90Seconds: 2, back99Seconds: null, acknowledgedSeconds: 0.5 },
        },
        {
          ...{ isKill: false, atSeconds: 9, sessions: 100, presentSeconds: null, restoreSeconds: null },
          ...{ restoredEntries: null, back50Seconds: null, back90Seconds: null, back99Seconds: null },
          acknowledgedSeconds: null,
        },
      ],
    );
    assert.notEqual(part[0]?.what, part[1]?.what);
  });
});
