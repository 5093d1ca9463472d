import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeResult } from '../analysis/comparison/made-results.test-suite.ts';
import { eventLines } from '../report/run/disturbances/event-lines.ts';
import type { EventResult } from '../result/sections/events-schema.ts';
import { parseScenario } from '../scenario/scenario.ts';
import { eventsPart } from './events-part.ts';
import { disturbanceMarks } from './record/declared-disturbances.ts';
import { madeInterval } from './record/made-interval.test-suite.ts';

const TRAFFIC_SECONDS = 3;
const SETTLE_SECONDS = 10;

/** What a run finds whose rates are a function of the time since the start of the measurement. */
function partOf(
  events: string,
  rateAt: (seconds: number) => number,
  { settings: more = [] as readonly string[], seconds = 100, hasTraffic = true } = {},
): EventResult[] {
  const text = `
name: one
description: one
phones: {count: 100, offline: 0%, heartbeat: none, session: none}
login: {rate: 100}
traffic: {rate: 100, payload: 64B}
phases: {settle: ${SETTLE_SECONDS}s, measure: 100s}
events: ${events}
`;
  const { settings } = parseScenario(text, 'one.yaml', more);
  const startSeconds = TRAFFIC_SECONDS + SETTLE_SECONDS;
  const intervals = Array.from({ length: startSeconds + seconds }, (_, n) => {
    const middle = n + 0.5 - startSeconds;
    const rate = middle < 0 ? 1e6 : rateAt(middle);
    const phase = middle < 0 ? 'settle' : 'measure';
    return madeInterval({ atSeconds: n + 1, phase, messagesPerSecond: rate, deliveriesPerSecond: 2 * rate });
  });
  return eventsPart(settings, intervals, hasTraffic ? disturbanceMarks(settings, TRAFFIC_SECONDS * 1e6) : []);
}

const GOAL = '{name: goal, at: 40s, rise: 5s, duration: 30s, messages: +35%}';
/** A slope of five seconds up to 135 at 45 s, and down again from 65 s to 70 s. */
const goalAt = (seconds: number): number =>
  100 + 35 * Math.min(1, Math.max(0, Math.min(seconds - 40, 70 - seconds) / 5));

describe('the section of a result about events', () => {
  it('has the rates in the half minute before an event, and at its height alone', () => {
    const rateAt = (seconds: number): number => (seconds < 10 ? 5000 : goalAt(seconds));
    assert.deepEqual(partOf(`[${GOAL}]`, rateAt), [
      {
        name: 'goal',
        atSeconds: TRAFFIC_SECONDS + SETTLE_SECONDS + 40,
        changeShare: 0.35,
        messagesBeforePerSecond: 100,
        messagesPerSecond: 135,
        deliveriesBeforePerSecond: 200,
        deliveriesPerSecond: 270,
      },
    ]);
  });

  it('leaves other events out of the time before one, is in order of time, and finds it beside a curve and storms', () => {
    const late = '{name: late, at: 75s, rise: 0s, duration: 5s, messages: -50%}';
    const rateAt = (seconds: number): number => (seconds >= 75 && seconds < 80 ? 50 : goalAt(seconds));
    const settings = [`curve.hours=[${new Array(24).fill('100%')}]`, 'storms=[{at: 1s, share: 1%}]'];
    for (const more of [[], settings]) {
      const found = partOf(`[${late}, ${GOAL}]`, rateAt, { settings: more });
      assert.deepEqual(
        found.map(({ name, messagesBeforePerSecond, messagesPerSecond }) => [
          name,
          messagesBeforePerSecond,
          messagesPerSecond,
        ]),
        [
          ['goal', 100, 135],
          ['late', 100, 50],
        ],
      );
    }
  });

  it('has no rates where there was no such time, and no events before there was traffic', () => {
    const [begins] = partOf('[{name: begins, at: 0s, rise: 0s, duration: 9s, messages: +10%}]', () => 70);
    assert.deepEqual([begins?.messagesBeforePerSecond, begins?.deliveriesPerSecond], [null, 140]);
    const [brief] = partOf('[{name: brief, at: 20s, rise: 1s, duration: 2s, messages: +10%}]', () => 70);
    assert.deepEqual([brief?.messagesBeforePerSecond, brief?.messagesPerSecond], [70, null]);
    const [cutOff] = partOf(`[${GOAL}]`, goalAt, { seconds: 20 });
    assert.deepEqual([cutOff?.deliveriesBeforePerSecond, cutOff?.deliveriesPerSecond], [200, null]);
    assert.deepEqual(partOf(`[${GOAL}]`, goalAt, { hasTraffic: false }), []);
    assert.deepEqual(partOf('[]', goalAt), []);
  });

  it('of some countries changes the messages by the share of their phones', () => {
    const event = GOAL.replace('+35%', '+200%, countries: [India, United Kingdom]');
    const [found] = partOf(`[${event}]`, goalAt, { settings: ['countries=whatsapp-2014'] });
    assert.equal(found?.changeShare.toFixed(9), (2 * (0.2 + 0.06)).toFixed(9));
  });

  it('says in the summary what was intended, and what came', () => {
    const [line] = eventLines({ ...madeResult(), events: partOf(`[${GOAL}]`, goalAt) });
    assert.equal(
      line,
      'goal at 53.0 s, +35.0 % messages: ✓ 100/s before it, 135/s at its height; deliveries 200/s, then 270/s (+35.0 %)',
    );
    const [brief] = eventLines({
      ...madeResult(),
      events: partOf('[{name: brief, at: 0s, rise: 0s, duration: 1s, messages: -10%}]', () => 7),
    });
    assert.match(
      brief ?? '',
      /−10\.0 % messages: ✓ not measured before it, .* deliveries not measured, then 14\.0\/s$/,
    );
  });
});
