/** The text that Prometheus reads of an interval in which every figure differs, so that no two can change places. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeInterval } from '../../verdict/record/made-interval.test-suite.ts';
import { EVENTS, KNOWN, RUN } from './made-stream.test-suite.ts';
import { PrometheusMetrics } from './prometheus-metrics.ts';

/** Samples of a scrape by name and labels. */
async function samplesOf(metrics: PrometheusMetrics): Promise<Record<string, number>> {
  const lines = (await metrics.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

const thread = (name: string): string => `{thread="${name}",role="${name.split('-')[0]}"}`;

describe('the metrics of a run', () => {
  it('have each figure of an interval under its own name, in seconds, bytes and ratios', async () => {
    const metrics = new PrometheusMetrics();
    metrics.begin({ ...RUN, isSimulated: true, place: { side: 'base', number: 3, of: 8 } });
    metrics.interval(KNOWN, EVENTS);
    assert.deepEqual(await samplesOf(metrics), {
      'trunkline_run_info{run="20260101T000000Z-smoke-0001",scenario="smoke",transport="tcp",simulated="true",side="base",number="3",of="8"}': 1,
      'trunkline_phase{phase="measure"}': 1,
      trunkline_run_seconds: 12.5,
      trunkline_connections: 1000,
      trunkline_logins_per_second: 10.5,
      trunkline_messages_per_second: 200.1,
      trunkline_deliveries_per_second: 199.9,
      trunkline_group_deliveries_per_second: 40.5,
      trunkline_presence_notices_per_second: 30.5,
      trunkline_storm_drops_per_second: 2.5,
      trunkline_backlog_messages: 3,
      'trunkline_delivery_latency_seconds{quantile="0.5"}': 0.0015,
      'trunkline_delivery_latency_seconds{quantile="0.99"}': 0.025,
      trunkline_steal_ratio: 0.125,
      'trunkline_resident_bytes{part="all"}': 3e8,
      'trunkline_resident_bytes{part="switch"}': 1e8,
      'trunkline_resident_bytes{part="driver"}': 2e8,
      trunkline_kernel_socket_bytes: 5e6,
      'trunkline_ledger_bytes{side="switch"}': 4e6,
      'trunkline_ledger_bytes{side="driver"}': 3e6,
      [`trunkline_thread_busy_ratio${thread('shard-0')}`]: 0.5,
      [`trunkline_thread_busy_ratio${thread('shard-1')}`]: 0.75,
      [`trunkline_thread_busy_ratio${thread('lane-0')}`]: 0.25,
      trunkline_intervals_total: 1,
      [`trunkline_thread_collections_total${thread('shard-0')}`]: 2,
      [`trunkline_thread_collections_total${thread('shard-1')}`]: 0,
      [`trunkline_thread_collections_total${thread('lane-0')}`]: 1,
      [`trunkline_thread_pause_seconds_total${thread('shard-0')}`]: 0.0015,
      [`trunkline_thread_pause_seconds_total${thread('shard-1')}`]: 0,
      [`trunkline_thread_pause_seconds_total${thread('lane-0')}`]: 0.0005,
      'trunkline_events_total{event="phase"}': 1,
      'trunkline_events_total{event="failed"}': 1,
    });
  });

  it('say of each what it is, and that totals only grow', async () => {
    const metrics = new PrometheusMetrics();
    metrics.begin(RUN);
    metrics.interval(KNOWN, EVENTS);
    const names = new Set(Object.keys(await samplesOf(metrics)).map((key) => key.split('{')[0] ?? ''));
    const lines = (await metrics.text()).split('\n');
    for (const name of names) {
      assert.ok(lines.includes(`# TYPE ${name} ${name.endsWith('_total') ? 'counter' : 'gauge'}`), name);
      assert.match(lines.find((line) => line.startsWith(`# HELP ${name} `)) ?? '', /^# HELP \w+ [A-Z].{3,}/, name);
    }
  });

  it('are one text for all readers of an interval, and another one after the next', async () => {
    const metrics = new PrometheusMetrics();
    metrics.interval(madeInterval({ held: 1 }), []);
    const first = metrics.text();
    assert.equal(metrics.text(), first, 'made once');
    metrics.interval(madeInterval({ held: 2 }), []);
    assert.notEqual(metrics.text(), first);
    const { trunkline_connections: connections, trunkline_intervals_total: intervals } = await samplesOf(metrics);
    assert.deepEqual([connections, intervals], [2, 2]);
    const before = metrics.text();
    metrics.begin(RUN);
    assert.notEqual(metrics.text(), before, 'a new run shows at once');
  });
});
