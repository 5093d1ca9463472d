/** The text of the metrics against the rows that it is read from. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { GATEWAY_COUNTERS, GATEWAY_GAUGES, GatewayCounter } from '../../switch/gateway-counters.ts';
import { SWITCH_COUNTERS, SWITCH_GAUGES, SwitchCounter } from '../../switch/terms/switch-counters.ts';
import { GatewayMetrics } from './gateway-metrics.ts';

/** Two shards and a gateway, all of whose counters are 0. */
function made() {
  const shards = [new Float64Array(SWITCH_COUNTERS.length), new Float64Array(SWITCH_COUNTERS.length)];
  const gateway = new Float64Array(GATEWAY_COUNTERS.length);
  return { shards, gateway, metrics: new GatewayMetrics({ shards, gateway }) };
}

const lineOf = (text: string, name: string): string => text.split('\n').find((line) => line.startsWith(name)) ?? '';

/** The names that a file of counters marks as gauges. */
function markedIn(file: string): string[] {
  const lines = readFileSync(`src/switch/${file}`, 'utf8').split('\n');
  return lines.flatMap((line) => /^ {2}'(\w+)', \/\/ gauge/.exec(line)?.[1] ?? []);
}

describe('the metrics of a switch', () => {
  it('are sums over all shards at the time of the question, also of what has decreased', async () => {
    const { shards, metrics } = made();
    const set = (shard: number, name: 'sessions' | 'messagesAccepted', value: number): void => {
      (shards[shard] ?? new Float64Array())[SwitchCounter[name]] = value;
    };
    set(0, 'sessions', 7);
    set(1, 'sessions', 5);
    set(1, 'messagesAccepted', 1e9);
    const before = await metrics.text();
    assert.equal(lineOf(before, 'trunkline_switch_sessions '), 'trunkline_switch_sessions 12');
    set(0, 'sessions', 1);
    set(0, 'messagesAccepted', 1);
    const after = await metrics.text();
    assert.equal(lineOf(after, 'trunkline_switch_sessions '), 'trunkline_switch_sessions 6');
    const accepted = lineOf(after, 'trunkline_switch_messages_accepted_total ');
    assert.equal(accepted, 'trunkline_switch_messages_accepted_total 1000000001');
  });

  it('say of everything that may decrease that it is a gauge, and of all else that it is a total', async () => {
    const { metrics } = made();
    const text = await metrics.text();
    assert.deepEqual(markedIn('terms/switch-counters.ts'), [...SWITCH_GAUGES]);
    assert.deepEqual(markedIn('gateway-counters.ts'), [...GATEWAY_GAUGES]);
    const typed = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]));
    const nameOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    for (const name of SWITCH_COUNTERS) {
      const [full, type] = SWITCH_GAUGES.has(name) ? [nameOf(name), 'gauge'] : [`${nameOf(name)}_total`, 'counter'];
      assert.equal(typed.get(`trunkline_switch_${full}`), type, name);
    }
    for (const name of GATEWAY_COUNTERS) {
      const [full, type] = GATEWAY_GAUGES.has(name) ? [nameOf(name), 'gauge'] : [`${nameOf(name)}_total`, 'counter'];
      const expected = name.startsWith('digest') ? undefined : type;
      assert.equal(typed.get(`trunkline_http_${full}`), expected, name);
    }
  });

  it('tell how long requests took, by operation and status', async () => {
    const { gateway, metrics } = made();
    gateway[GatewayCounter.openRequests] = 3;
    metrics.answered('sendMessage', 201, 0.003);
    metrics.answered('sendMessage', 201, 0.3);
    metrics.answered('none', 404, 60);
    const text = await metrics.text();
    const bucket = (limit: string, operation: string, status: number): string => {
      const name = `trunkline_http_request_seconds_bucket{le="${limit}",operation="${operation}",status="${status}"} `;
      return lineOf(text, name).slice(name.length);
    };
    assert.deepEqual(
      ['0.002', '0.005', '0.2', '0.5', '+Inf'].map((limit) => bucket(limit, 'sendMessage', 201)),
      ['0', '1', '1', '2', '2'],
    );
    assert.deepEqual([bucket('5', 'none', 404), bucket('+Inf', 'none', 404)], ['0', '1']);
    assert.equal(lineOf(text, 'trunkline_http_open_requests '), 'trunkline_http_open_requests 3');
    assert.match(metrics.contentType, /^text\/plain/);
  });
});
