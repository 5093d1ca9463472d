/** Whole runs of some hundred phones over memory, from the first phase to the result. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseResult } from '../../result/parse-result.ts';
import type { Result, RunEvent } from '../../result/result-schema.ts';
import { smallScenario } from '../sides/small-run.test-suite.ts';
import { executeRun } from './execute-run.ts';
import { executeStep } from './execute-step.ts';
import { prepareRun } from './prepare-run.ts';

const never = new AbortController().signal;

interface Told {
  readonly phases: string[];
  intervals: number;
  readonly events: RunEvent[];
}

/** @param onPhase called as each phase begins. */
async function run(
  settings: readonly string[],
  { execute = executeRun, interrupted = never, onPhase = (_name: string): void => {} } = {},
): Promise<{ result: Result; told: Told }> {
  const { order } = prepareRun(smallScenario(...settings), 'small.yaml', null);
  const told: Told = { phases: [], intervals: 0, events: [] };
  const listener = {
    phase: (name: string) => {
      if (told.phases.at(-1) !== name) told.phases.push(name);
      onPhase(name);
    },
    interval: () => {
      told.intervals++;
    },
    event: (event: RunEvent) => told.events.push(event),
  };
  return { result: await execute(order, listener, interrupted), told };
}

describe('a run', () => {
  it('goes through its phases to a result in which every message is found', async () => {
    const { result, told } = await run(['phases.calibrate=true']);
    const phases = ['calibrate', 'ramp', 'settle', 'measure', 'drain'];
    assert.deepEqual(told.phases, phases);
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

  it('runs as well in a process of its own, which says the same and is gone afterwards', async () => {
    const { result, told } = await run(['phases.calibrate=false'], { execute: executeStep });
    assert.deepEqual(told.phases, ['ramp', 'settle', 'measure', 'drain']);
    assert.ok(told.intervals > 0);
    assert.equal(result.integrity.isSound, true);
  });
});
