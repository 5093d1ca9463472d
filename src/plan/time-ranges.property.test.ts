/** What a plan computes from times and rates: time-outs, the range of latencies, the messages due, and bisection. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseScenario } from '../scenario/scenario.ts';
import type { ScenarioSettings } from '../scenario/scenario-schema.ts';
import { RANGE_BITS_MAX, RANGE_BITS_MIN } from '../stats/histogram.ts';
import { heartbeatTimeoutMicros, lingeringShare } from './load/heartbeat-timeout-micros.ts';
import { latencyRangeBits } from './load/latency-range-bits.ts';
import { loadArrivals } from './load/load-curve.ts';
import { largest } from './sizes/largest.ts';

const SCENARIO = `
name: times
description: Phones that come and go
phones: { count: 100k, offline: 0, heartbeat: 60s, session: none }
login: { rate: 10k }
traffic: { rate: 100, payload: 64B }
`;
const settingsOf = (...settings: string[]): ScenarioSettings =>
  parseScenario(SCENARIO, 'times.yaml', settings).settings;
const BASE = settingsOf();

describe('the largest acceptable number', () => {
  it('is the one that trying all of them finds, with few tries', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 40 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (tooMany, share) => {
          const bound = Math.floor(tooMany * share);
          let tries = 0;
          const found = largest(tooMany, (value) => {
            tries++;
            assert.ok(value > 0 && value < tooMany, 'neither none nor too many is asked for');
            return value <= bound;
          });
          assert.equal(found, Math.min(bound, tooMany - 1));
          assert.ok(tries <= 41, `${tries} tries`);
        },
      ),
    );
  });
});

describe('the time-out of a silent phone', () => {
  it('is the one stated, otherwise three heartbeats, and never without heartbeats', () => {
    assert.equal(heartbeatTimeoutMicros(settingsOf('switch.heartbeatTimeout=5s')), 5e6);
    assert.equal(heartbeatTimeoutMicros(BASE), 180e6);
    assert.equal(heartbeatTimeoutMicros(settingsOf('phones.heartbeat=none')), Number.POSITIVE_INFINITY);
  });

  it('leaves half-open connections only where phones vanish, and at most one for each phone', () => {
    const vanish = ['phones.departure=vanish', 'phones.away=20s'];
    assert.equal(lingeringShare(settingsOf('phones.session=1000s', ...vanish)), (180 + 20) / 1000);
    assert.equal(lingeringShare(settingsOf('phones.session=10s', ...vanish)), 1);
    assert.equal(lingeringShare(settingsOf('phones.session=60s', 'phones.heartbeat=none', ...vanish)), 1);
    for (const departure of ['logout', 'drop'])
      assert.equal(lingeringShare(settingsOf('phones.session=60s', `phones.departure=${departure}`)), 0, departure);
    assert.equal(lingeringShare(settingsOf(...vanish)), 0, 'nobody leaves');
    const outages = 'network.outages=[{at: 1s, duration: 1s, cells: 30%}, {at: 3s, duration: 1s, tunnel: 2%}]';
    assert.equal(
      lingeringShare(settingsOf('transport=tun', outages)),
      0.3,
      'those of the largest outage return at once',
    );
    const storms = (list: string): number => lingeringShare(settingsOf(`storms=[${list}]`));
    assert.equal(storms('{at: 1s, share: 80%}'), 0, 'a reset ends both ends');
    const silent = '{at: 1s, share: 30%, notice: silent}, {at: 2s, share: 20%, notice: silent}';
    assert.equal(storms(silent), 0.3, 'half-open until the phones return');
    assert.equal(storms('{at: 1s, addresses: 127.1.0.0/24, notice: silent}'), 1);
  });
});

describe('the range of latencies', () => {
  const seconds = fc.integer({ min: 0, max: 100_000 });

  it('covers all phases with every login attempt, and is at most twice that', () => {
    const times = fc.record({
      settle: seconds,
      measure: seconds,
      drain: seconds,
      timeout: fc.integer({ min: 1, max: 1800 }),
      retry: fc.integer({ min: 1, max: 100_000 }),
    });
    fc.assert(
      fc.property(times, fc.nat(5_000_000), fc.integer({ min: 1, max: 50_000 }), (time, online, rate) => {
        const attempts = 3;
        const bits = latencyRangeBits(
          {
            ...BASE,
            login: { ...BASE.login, rate, attempts, timeout: time.timeout * 1e6, retry: time.retry * 1e6 },
            phases: { ...BASE.phases, settle: time.settle * 1e6, measure: time.measure * 1e6, drain: time.drain * 1e6 },
          },
          online,
        );
        const ramp = 8 * (online / rate);
        const total = 1e6 * (ramp + attempts * (time.timeout + time.retry) + time.settle + time.measure + time.drain);
        assert.ok(bits === RANGE_BITS_MAX || 2 ** bits >= total, `2^${bits} and ${total}`);
        assert.ok(bits === RANGE_BITS_MIN || 2 ** (bits - 1) < total, `2^${bits} and ${total}`);
        assert.ok(bits >= RANGE_BITS_MIN && bits <= RANGE_BITS_MAX && Number.isInteger(bits));
      }),
    );
  });
});

describe('the messages of a scenario', () => {
  it('follow the rate through its stages as adding up small pieces of time does, and then stay at the last rate', () => {
    const stages = fc.array(fc.record({ duration: fc.integer({ min: 0, max: 20 }), target: fc.nat(1000) }), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(fc.nat(1000), stages, fc.nat(90), (rate, list, atSeconds) => {
        const traffic = {
          ...BASE.traffic,
          rate,
          stages: list.map(({ duration, target }) => ({ duration: duration * 1e6, target })),
        };
        const rateAt = (second: number): number => {
          let [start, from] = [0, rate];
          for (const { duration, target } of list) {
            if (second < start + duration) return from + ((target - from) * (second - start)) / duration;
            [start, from] = [start + duration, target];
          }
          return from;
        };
        let naive = 0;
        for (let second = 0; second < atSeconds; second++) naive += rateAt(second + 0.5); // exact for a straight line
        const counted = loadArrivals({ ...BASE, traffic }).countAt(atSeconds * 1e6);
        assert.ok(Math.abs(counted - naive) < 1e-6 * (1 + naive), `${counted} and ${naive}`);
      }),
    );
  });

  it('have a constant rate where there are no stages', () => {
    assert.equal(loadArrivals(BASE).countAt(10e6), 1000);
    assert.equal(loadArrivals({ ...BASE, traffic: { ...BASE.traffic, rate: 0 } }).countAt(10e6), 0);
  });
});
