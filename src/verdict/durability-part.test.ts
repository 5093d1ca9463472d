import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeResult } from '../analysis/comparison/made-results.test-suite.ts';
import { durabilitySection } from '../report/html/run/sections/durability-section.ts';
import { durabilityLines } from '../report/run/lines/durability-lines.ts';
import { readFigure } from '../result/read-figure.ts';
import { parseScenario } from '../scenario/scenario.ts';
import { Histogram } from '../stats/histogram.ts';
import { durabilityPart } from './durability-part.ts';
import type { RunRecord } from './record/run-record.ts';
import { LOG_FIGURES, type LogFigureName, type StoreFigures, type StoreRecord } from './record/store-figures.ts';
import { type Snapshot, Window } from './record/window.ts';

const SCENARIO = `
name: one
description: one
phones: {count: 100, offline: 0%, heartbeat: none, session: none}
login: {rate: 100}
traffic: {rate: 100, payload: 64B}
`;

function figures(made: Partial<Record<LogFigureName, number>>, commits: readonly number[]): StoreFigures {
  const commitLatency = Histogram.ofRange(27);
  for (const micros of commits) commitLatency.record(micros);
  const none = Object.fromEntries(LOG_FIGURES.map((name) => [name, 0])) as Record<LogFigureName, number>;
  return { totals: { ...none, ...made }, commitLatency: commitLatency.counts };
}

const SLOW = Array.from({ length: 500 }, () => 90_000);
const FAST = Array.from({ length: 1000 }, () => 2000);
const STORE: StoreRecord = {
  folder: '/tmp/a <b>',
  isTemporary: true,
  syncTimes: [900, 1000, 5000],
  before: figures({ commits: 500, records: 600, writtenBytes: 1e6, storeBytes: 1e6 }, SLOW),
  after: figures(
    {
      ...{ commits: 1500, records: 20_600, writtenBytes: 3e6, storeBytes: 2e6 },
      ...{ longestSyncMicros: 70_000, fullDisks: 2, restoredEntries: 50, restoreMicros: 250_000 },
    },
    [...SLOW, ...FAST],
  ),
};

function recordOf(store: StoreRecord | null, ...settings: string[]): RunRecord {
  const snapshot = (atMicros: number, messagesAcknowledged: number): Snapshot =>
    ({ atMicros, driver: { messagesAcknowledged }, switch: {} }) as unknown as Snapshot; // it reads nothing else
  return {
    store,
    order: { plan: { settings: parseScenario(SCENARIO, 'one.yaml', settings).settings } },
    measured: { window: new Window(snapshot(0, 0), snapshot(2e6, 10_000)) },
  } as unknown as RunRecord; // it reads nothing else
}

const FSYNC = 'switch.durability=fsync';

describe('the section of a result about the store', () => {
  it('is of the measured window, and not of what came before it', () => {
    const part = durabilityPart(recordOf(STORE, FSYNC));
    assert.ok(part !== null);
    const { commitsPerSecond, recordsPerCommit, writtenBytesPerMessage, commitP50Micros, commitP99Micros } = part;
    assert.deepEqual([commitsPerSecond, recordsPerCommit, writtenBytesPerMessage], [500, 20, 200]);
    for (const micros of [commitP50Micros, commitP99Micros])
      assert.ok(Math.abs((micros ?? 0) - 2000) < 50, `${micros}`);
    assert.deepEqual([part.diskSyncP50Micros, part.diskSyncP99Micros], [1000, 5000]);
    assert.deepEqual([part.storeBytes, part.restoredEntries, part.restoreSeconds], [2e6, 50, 0.25]);
    assert.equal(part.mayLose, null, 'with fsync nothing');
  });

  it('says what async may lose', () => {
    const part = durabilityPart(recordOf(STORE, 'switch.durability=async', 'switch.store.loss.time=1s'));
    assert.deepEqual(part?.mayLose, { seconds: 1, bytesPerShard: 8 * 2 ** 20 });
    assert.match(
      durabilityLines({ ...madeResult(), durability: part }).join('\n'),
      /may lose the messages of the last 1\.00 s and of one sync/,
    );
  });

  it('says how many deliveries came from mailboxes in memory, and nothing without deliveries', () => {
    const shareOf = (deliveries: number, deliveriesFromFile: number): number | null => {
      const { order, store } = recordOf(STORE, FSYNC);
      const snapshot = (factor: number): Snapshot =>
        ({
          atMicros: 0,
          driver: {},
          switch: { deliveries: factor * deliveries, deliveriesFromFile: factor * deliveriesFromFile },
        }) as unknown as Snapshot; // it reads nothing else
      const measured = { window: new Window(snapshot(1), snapshot(2)) };
      return durabilityPart({ order, store, measured } as unknown as RunRecord)?.cacheHitShare ?? null;
    };
    assert.deepEqual([shareOf(1000, 20), shareOf(1000, 0), shareOf(0, 0)], [0.98, 1, null]);
    const durability = durabilityPart(recordOf(STORE, FSYNC));
    assert.ok(durability !== null);
    const result = { ...madeResult(), durability: { ...durability, cacheHitShare: 0.98 } };
    assert.match(durabilityLines(result).join('\n'), /98\.?0? ?% of deliveries came from mailboxes in memory/);
    assert.doesNotMatch(
      durabilityLines({ ...result, durability }).join('\n'),
      /of deliveries/,
      'not known without deliveries',
    );
  });

  it('has no figures that were not measured', () => {
    const part = durabilityPart(recordOf({ ...STORE, after: null, syncTimes: [] }, FSYNC));
    assert.deepEqual(
      [part?.commitsPerSecond, part?.commitP99Micros, part?.storeBytes, part?.diskSyncP50Micros, part?.restoreSeconds],
      [null, null, null, null, null],
    );
    assert.match(durabilityLines({ ...madeResult(), durability: part ?? null }).join('\n'), /– commits\/s/);
  });

  it('is missing where messages are kept in memory only', () => {
    assert.equal(durabilityPart(recordOf(null)), null);
    assert.deepEqual([durabilityLines(madeResult()), durabilitySection(madeResult())], [[], []]);
  });

  it('is read by metrics, and shown with the name of the folder as text', () => {
    const result = { ...madeResult(), durability: durabilityPart(recordOf(STORE, FSYNC)) };
    const value = (metric: 'durability.recordsPerCommit' | 'durability.writtenBytesPerMessage') =>
      readFigure(result, { metric, aggregation: 'value', percent: 0 });
    assert.deepEqual([value('durability.recordsPerCommit'), value('durability.writtenBytesPerMessage')], [20, 200]);
    const lines = durabilityLines(result).join('\n');
    assert.match(lines, /temporary folder "\/tmp\/a <b>" \(removed\)/);
    assert.match(lines, /50 records read back at the start, in 250 ms/);
    assert.match(lines, /the disk was full 2 times/);
    assert.doesNotMatch(lines, /for ever/);
    const html = durabilitySection(result)[0]?.html.text ?? '';
    assert.ok(html.includes('&lt;b&gt;') && !html.includes('<b>'), html);
  });

  it('says what it keeps for ever, and what to do', () => {
    const { before, after } = STORE;
    assert.ok(before !== null && after !== null);
    const totals = { ...after.totals, untrackedRecords: 1 };
    const durability = durabilityPart(recordOf({ ...STORE, after: { ...after, totals } }, FSYNC));
    assert.equal(durability?.untrackedRecords, 1, 'as of now, not since the measurement began');
    const result = { ...madeResult(), durability };
    for (const text of [durabilityLines(result).join('\n'), durabilitySection(result)[0]?.html.text ?? ''])
      assert.match(text, /1 record of groups stays in the store for ever.* 16,777,216 members .*Begin a new store/);
  });
});
