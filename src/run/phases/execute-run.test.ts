/** Whole runs of some hundred phones over memory, from the first phase to the result. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseResult } from '../../result/parse-result.ts';
import type { Result } from '../../result/result-schema.ts';
import type { RunEvent } from '../../result/series-schema.ts';
import type { Interval } from '../../verdict/record/interval.ts';
import { smallScenario } from '../sides/small-run.test-suite.ts';
import { PauseRequests } from './control/pause-requests.ts';
import { executeRun } from './execute-run.ts';
import { executeStep } from './execute-step.ts';
import { prepareRun } from './order/prepare-run.ts';

const never = new AbortController().signal;

interface Told {
  readonly phases: string[];
  intervals: number;
  readings: number;
  readonly calibrated: number[];
  readonly events: RunEvent[];
}

/**
 * @param onPhase called as each phase begins. @param onInterval called at the end of each interval, with its phase.
 * @param onEvent called with the name of each event.
 */
async function run(
  settings: readonly string[],
  {
    execute = executeRun,
    interrupted = never,
    pauses = new PauseRequests(),
    onPhase = (_name: string): void => {},
    onInterval = (_phase: string): void => {},
    onEvent = (_name: string): void => {},
  } = {},
): Promise<{ result: Result; told: Told }> {
  const { order } = prepareRun(smallScenario(...settings), 'small.yaml', null);
  const told: Told = { phases: [], intervals: 0, readings: 0, calibrated: [], events: [] };
  const listener = {
    phase: (name: string) => {
      if (told.phases.at(-1) !== name) told.phases.push(name);
      onPhase(name);
    },
    interval: ({ phase }: Interval) => {
      told.intervals++;
      onInterval(phase);
    },
    event: (event: RunEvent) => {
      told.events.push(event);
      onEvent(event.name);
    },
    reading: () => {
      told.readings++;
    },
    calibrated: (messagesPerSecond: number) => told.calibrated.push(messagesPerSecond),
  };
  return { result: await execute(order, listener, interrupted, pauses), told };
}

const pausesOf = ({ events }: Told): string[] =>
  events.map(({ name }) => name).filter((name) => name === 'paused' || name === 'resumed');

describe('a run', () => {
  it('goes through its phases to a result in which every message is found', async () => {
    const { result, told } = await run(['phases.calibrate=true']);
    const phases = ['calibrate', 'ramp', 'settle', 'measure', 'drain'];
    assert.deepEqual(told.phases, phases);
    assert.equal(told.calibrated.length, 1);
    assert.ok((told.calibrated[0] ?? 0) > 0);
    assert.deepEqual(
      result.phases.map(({ name, outcome }) => [name, outcome]),
      phases.map((name) => [name, 'complete']),
    );
    assert.ok(told.intervals > 0 && result.series.atSeconds.length > 0);
    const { series } = result;
    assert.deepEqual(series.events, told.events);
    const marks = series.events.filter(({ name }) => name !== 'level').map(({ name, detail }) => `${name} ${detail}`);
    assert.deepEqual(marks, ['phase ramp', 'phase settle', 'phase measure', 'phase drain']);
    assert.equal(series.events.find(({ name }) => name === 'level')?.detail.endsWith(' connections'), true);
    assert.deepEqual(
      series.threads.map(({ name, role }) => `${role} ${name}`),
      ['shard shard-0', 'shard shard-1', 'lane lane-0', 'lane lane-1'],
    );
    for (const { busyShare, collections, pauseMicros } of series.threads)
      for (const column of [busyShare, collections, pauseMicros]) assert.equal(column.length, series.atSeconds.length);
    assert.ok(series.threads.every(({ busyShare }) => busyShare.some((share) => share !== null && share > 0)));
    assert.ok((series.switchLedgerBytes.at(-1) ?? 0) > 0 && (series.driverLedgerBytes.at(-1) ?? 0) > 0);
    assert.deepEqual([...new Set(series.kernelSocketBytes)], [null], 'no sockets over memory');
    assert.deepEqual([result.connections.held, result.connections.heldAtEnd], [300, 300]);
    assert.deepEqual([result.integrity.isSound, result.integrity.lost], [true, 0]);
    assert.ok(result.integrity.sent > 0);
    assert.ok((result.throughput.measuredSeconds ?? 0) >= 1);
    assert.ok((result.calibration?.messagesPerSecond ?? 0) > 0, 'by a process of its own');
    assert.ok(result.latency.delivery.count > 0 && result.latency.login.count === 300);
    assert.equal(result.validity.isComplete, true);
    assert.deepEqual(parseResult(JSON.stringify(result), 'x'), JSON.parse(JSON.stringify(result)));
  });

  it('that is interrupted while it measures drains, and keeps what it has measured', async () => {
    const interruption = new AbortController();
    const { result } = await run(['phases.calibrate=false', 'phases.measure=10m'], {
      interrupted: interruption.signal,
      onPhase: (name) => {
        if (name === 'measure') setTimeout(() => interruption.abort(), 200);
      },
    });
    const { isComplete, isValid, ended } = result.validity;
    assert.deepEqual({ isComplete, isValid, ended }, { isComplete: false, isValid: false, ended: 'interrupted' });
    assert.deepEqual(result.phases.map(({ name, outcome }) => [name, outcome]).slice(-2), [
      ['measure', 'interrupted'],
      ['drain', 'complete'],
    ]);
    assert.ok((result.throughput.measuredSeconds ?? 0) > 0);
    assert.equal(result.integrity.isSound, true);
  });

  it('that is interrupted before it measures claims nothing about what it did not', async () => {
    const interruption = new AbortController();
    const { result } = await run(['phases.calibrate=false'], {
      interrupted: interruption.signal,
      onPhase: () => interruption.abort(),
    });
    assert.deepEqual([result.validity.ended, result.throughput.messagesPerSecond], ['interrupted', null]);
    assert.equal(result.latency.delivery.p99Micros, null);
  });

  for (const [where, execute] of [
    ['this process', executeRun],
    ['a process of its own', executeStep],
  ] as const) {
    it(`that is paused and resumed in ${where} measures as long as it should, loses nothing, and is not valid`, async () => {
      const pauses = new PauseRequests();
      const pausedMillis = 1500;
      let isAsked = false;
      pauses.request(); // before there is any load: nothing
      const { result, told } = await run(['phases.calibrate=false', 'phases.measure=2s'], {
        execute,
        pauses,
        // By then the window has begun, however slow the machine is: a pause before it would not lengthen it.
        onInterval: (phase) => {
          if (phase !== 'measure' || isAsked) return;
          isAsked = true;
          pauses.request();
        },
        // From its begin on, so that a slow machine makes the pause longer, but never shorter.
        onEvent: (name) => {
          if (name === 'paused') setTimeout(() => pauses.request(), pausedMillis);
        },
      });
      assert.deepEqual(pausesOf(told), ['paused', 'resumed']);
      assert.ok(told.readings >= 6, 'one at each level');
      assert.ok(
        (result.throughput.measuredSeconds ?? 0) >= 2 + (0.9 * pausedMillis) / 1000,
        'the pause is not counted',
      );
      assert.deepEqual([result.integrity.isSound, result.integrity.lost], [true, 0]);
      assert.equal(result.connections.heldAtEnd, 300, 'connections are kept');
      const [first] = result.validity.guards;
      assert.deepEqual([first?.name, first?.verdict], ['load paused', 'invalid']);
      assert.ok((first?.figure ?? 0) >= (0.9 * pausedMillis) / 1000);
      assert.match(first?.sentence ?? '', /^the load was paused for [\d.]+ s, no pause is allowed; run again/);
      assert.equal(result.validity.isValid, false);
      const silent = result.series.phase.filter(
        (name, n) => name === 'measure' && result.series.messagesPerSecond[n] === 0,
      );
      assert.ok(silent.length > 2, 'no message in whole intervals');
      assert.ok((result.latency.delivery.maxMicros ?? 0) < pausedMillis * 1000, 'no latency includes the pause');
    });
  }

  it('that is interrupted in a pause ends it, and says how long it was', async () => {
    const pauses = new PauseRequests();
    const interruption = new AbortController();
    const { result, told } = await run(['phases.calibrate=false', 'phases.measure=10m'], {
      pauses,
      interrupted: interruption.signal,
      onPhase: (name) => {
        if (name === 'measure') setTimeout(() => pauses.request(), 100);
      },
      onEvent: (name) => {
        if (name === 'paused') setTimeout(() => interruption.abort(), 300);
      },
    });
    assert.deepEqual(pausesOf(told), ['paused', 'resumed']);
    assert.equal(result.validity.ended, 'interrupted');
    assert.equal(result.integrity.isSound, true);
    assert.ok((result.validity.guards.find(({ name }) => name === 'load paused')?.figure ?? 0) > 0.2);
  });

  it('runs as well in a process of its own, which says the same and is gone afterwards', async () => {
    const { result, told } = await run(['phases.calibrate=false'], { execute: executeStep });
    assert.deepEqual(told.phases, ['ramp', 'settle', 'measure', 'drain']);
    assert.ok(told.intervals > 0);
    assert.equal(result.integrity.isSound, true);
  });
});
