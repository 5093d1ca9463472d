import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeResult } from '../analysis/comparison/made-results.test-suite.ts';
import { presenceSection } from '../report/html/run/sections/presence-section.ts';
import { presenceLines } from '../report/run/lines/presence-lines.ts';
import { parseScenario } from '../scenario/scenario.ts';
import { presencePart } from './presence-part.ts';
import type { RunRecord } from './record/run-record.ts';
import { type Snapshot, Window } from './record/window.ts';

const SCENARIO = `
name: one
description: one
phones: {count: 100, offline: 0%, heartbeat: none, session: none}
login: {rate: 100}
traffic: {rate: 100, payload: 64B}
`;

function snapshot(atMicros: number, driver: Record<string, number>): Snapshot {
  return { atMicros, driver, switch: {} } as unknown as Snapshot; // it reads nothing else
}

function recordOf(settings: readonly string[], isMeasured = true): RunRecord {
  const driver = {
    watchesSent: 20,
    presenceChanges: 40,
    presenceNotices: 70,
    messagesDelivered: 75,
    groupDeliveries: 25, // counted as deliveries everywhere else
    typingSent: 10,
  };
  const window = new Window(snapshot(0, {}), snapshot(2e6, driver));
  const table = { owner: 'switch', bytes: 9999, isApart: true };
  return {
    order: { plan: { online: 100, settings: parseScenario(SCENARIO, 'one.yaml', settings).settings } },
    measured: isMeasured ? { window } : null,
    heldAtMeasure: 80,
    counters: {
      switch: { subscriptions: 160, presenceCoalesced: 3, presenceShed: 4, typingShed: 5 },
      driver: { watchesRefused: 6 },
    },
    readings: [
      {
        ledger: [
          { ...table, name: 'watches', rowBytes: 16, rowsUsed: 200 },
          { ...table, name: 'watches from other shards', rowBytes: 26, rowsUsed: 200 },
          { ...table, name: 'sessions', rowBytes: 20, rowsUsed: 100 },
        ],
      },
    ],
  } as unknown as RunRecord; // it reads nothing else
}

describe('the section of a result about presence', () => {
  it('compares the notices with those that changes make, and counts memory by the ledger', () => {
    const part = presencePart(recordOf(['presence.watch=2']));
    assert.ok(part !== null);
    // Each of the 40 changes is told to two watchers, of whom 80 % are online; each WATCH has an answer.
    assert.deepEqual([part.expectedNoticesPerSecond, part.noticesPerSecond], [(20 + 40 * 2 * 0.8) / 2, 35]);
    assert.deepEqual([part.noticesPerMessage, part.changesPerSecond, part.typingSentPerSecond], [0.7, 20, 5]);
    assert.deepEqual(
      [part.subscriptions, part.coalesced, part.shed, part.typingShed, part.watchesRefused],
      [160, 3, 4, 5, 6],
    );
    assert.equal(part.bytes, 200 * (16 + 26));
  });

  it('expects notices at the share of phones that watch, of those whose protocol has presence', () => {
    const platforms =
      'platforms=[{name: old, share: 50%, heartbeat: none, session: none, away: 1s, minor: 0}, {name: new, share: 50%, heartbeat: none, session: none, away: 1s}]';
    const expected = (...settings: string[]): number | null | undefined =>
      presencePart(recordOf(['presence.watch=2', ...settings]))?.expectedNoticesPerSecond;
    assert.equal(expected('presence.watchers=10%'), (20 + 40 * 2 * 0.8 * 0.1) / 2);
    assert.equal(expected('presence.watchers=10%', platforms), (20 + 40 * 2 * 0.8 * 0.1 * 0.5) / 2);
  });

  it('is left out without presence, and has no rates without a measurement', () => {
    assert.equal(presencePart(recordOf([])), null);
    const part = presencePart(recordOf(['presence.typing=10%'], false));
    assert.deepEqual(
      [part?.noticesPerSecond, part?.expectedNoticesPerSecond, part?.noticesPerMessage],
      [null, null, null],
    );
  });

  it('is shown in the summary and on the page', () => {
    const result = { ...madeResult(), presence: presencePart(recordOf(['presence.watch=2'])) };
    const text = presenceLines(result).join('\n');
    for (const fact of [
      '35.0/s notices of 42.0/s expected',
      '0.70 per message',
      '160 subscriptions',
      '4 notices deferred',
      '6 watches refused',
      'typing: 5.00/s sent',
    ])
      assert.ok(text.includes(fact), `${fact} in ${text}`);
    const [section] = presenceSection(result);
    assert.match(
      section?.html.text ?? '',
      /p50, p99, max<\/th><td>500 µs, 2\.00 ms, 10\.0 ms</,
      'the latency of notices',
    );
    assert.match(section?.html.text ?? '', /per message delivered<\/th><td>0\.70/);
    assert.deepEqual([presenceLines(madeResult()), presenceSection(madeResult())], [[], []]);
  });
});
