import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SWITCH_COUNTERS, SwitchCounter } from '../../switch/terms/switch-counters.ts';
import { LOG_FIGURES, type StoreFigures } from '../../verdict/record/store-figures.ts';
import { EarlierSwitch } from './earlier-switch.ts';
import type { SideSample } from './side-messages.ts';

function sample(accepted: number, sessions: number, cpuMicros: number): SideSample {
  const counters = new Float64Array(SWITCH_COUNTERS.length);
  counters[SwitchCounter.loginsAccepted] = accepted;
  counters[SwitchCounter.sessions] = sessions;
  const thread = { name: 'shard-0', role: 'shard' as const, cpuMicros, collections: 1, pauseMicros: 2 };
  return {
    counters,
    sockets: new Float64Array(0),
    gateway: new Float64Array(0),
    inboxRefusals: 3,
    rssBytes: 1e6,
    processCpuMicros: 2 * cpuMicros,
    interval: {
      deliveryP50Micros: null,
      deliveryP99Micros: null,
      sendDelayP99Micros: null,
      switchLedgerBytes: 5,
      driverLedgerBytes: null,
      threads: [thread],
    },
    more: { latencies: {}, platformLatencies: [], cpu: new Map([['shard-0', { cpuMicros, waitMicros: 1 }]]) },
  };
}

function figures(value: number): StoreFigures {
  const totals = Object.fromEntries(LOG_FIGURES.map((name) => [name, value])) as StoreFigures['totals'];
  return { totals, commitLatency: Uint32Array.of(value, 0) };
}

describe('what switches had counted before they were killed', () => {
  it('is nothing before the first is killed', () => {
    const first = sample(10, 5, 100);
    const earlier = new EarlierSwitch();
    assert.equal(earlier.with(first), first);
    assert.deepEqual(earlier.withStore(figures(3)), figures(3));
    assert.equal(earlier.withStore(null), null);
  });

  it('is added to what the present one counts, over any number of them; gauges are as they are now', () => {
    const earlier = new EarlierSwitch();
    earlier.ended(earlier.with(sample(10, 5, 100)), earlier.withStore(figures(4)));
    earlier.ended(earlier.with(sample(20, 6, 200)), earlier.withStore(figures(9)));
    const now = earlier.with(sample(1, 1, 10));
    assert.deepEqual(
      [now.counters[SwitchCounter.loginsAccepted], now.counters[SwitchCounter.sessions], now.rssBytes],
      [31, 1, 1e6],
    );
    assert.deepEqual([now.inboxRefusals, now.processCpuMicros], [9, 620]);
    assert.deepEqual(now.more?.cpu.get('shard-0'), { cpuMicros: 310, waitMicros: 3 });
    const [thread] = now.interval?.threads ?? [];
    assert.deepEqual([thread?.cpuMicros, thread?.collections, thread?.pauseMicros], [310, 3, 6]);
    const store = earlier.withStore(figures(2));
    assert.deepEqual([store?.totals.commits, store?.totals.longestSyncMicros], [15, 9]);
    assert.deepEqual([store?.totals.storeBytes, store?.totals.untrackedRecords], [2, 2], 'as of now');
    assert.equal(store?.totals.restoredEntries, 4, 'what the run began with');
    assert.equal(store?.commitLatency[0], 15);
  });
});
