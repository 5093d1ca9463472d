import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { planOn } from '../../../plan/run-plan.ts';
import { parseScenario } from '../../../scenario/scenario.ts';
import { whyNoSystemCalls } from '../../../transport/tcp/system/system-calls.ts';
import { processorTime } from '../../../verdict/processor-time.ts';
import type { RunRecord } from '../../../verdict/record/run-record.ts';
import { Window } from '../../../verdict/record/window.ts';
import { ProcessSides } from '../../sides/process-sides.ts';
import { thisMachine } from '../order/this-machine.ts';
import { startTraffic } from './measure-traffic.ts';
import { takeSnapshot } from './take-snapshot.ts';

const SCENARIO = `
name: processor-time
description: Some load, so that both sides and their runtimes have something to do
phones: { count: 2k, offline: 0, heartbeat: none, session: none }
login: { rate: 5k }
traffic: { rate: 3k, payload: 64B }
switch: { shards: 1 }
driver: { lanes: 1 }
`;
/** Fields of /proc/PID/stat for user and system time, counted from the state, its third field (proc_pid_stat(5)). */
const [USER_FIELD, SYSTEM_FIELD] = [14 - 3, 15 - 3];
const TICK_MICROS = 10_000;
const MEASURED_MICROS_MIN = 1e6;
const SHARE = 0.03;

/** Processor time of a process as the kernel reports it, in microseconds. */
function seenFromOutside(processId: number | undefined): number {
  const stat = readFileSync(`/proc/${processId}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[USER_FIELD]) + Number(fields[SYSTEM_FIELD])) * TICK_MICROS;
}

describe('processor time of a side', { skip: process.platform !== 'linux' }, () => {
  for (const transport of ['tcp', 'ws'] as const)
    it(`is what the kernel says of its process, within 3 %, over ${transport}`, {
      skip: transport === 'tcp' ? (whyNoSystemCalls() ?? false) : false,
    }, async (test) => {
      const scenario = parseScenario(SCENARIO, 'processor-time.yaml', [`transport=${transport}`]);
      const { plan } = planOn(scenario, thisMachine(), 'both');
      const sides = new ProcessSides(plan, { isCalibration: false, targets: null });
      test.after(() => sides.stop());
      await sides.start();
      await sides.lanes({ kind: 'openLogins', phones: 2000, before: 0, startMicros: sides.clock.nowMicros() });
      await until(async () => sides.driver('held') >= 1900);
      await startTraffic(sides);
      const ids = sides.processIds;
      const outside = () => ({ switch: seenFromOutside(ids.switch), driver: seenFromOutside(ids.driver) });
      // The machine may pause between the two readings of a pair, so the true time is between the inner and the outer
      // window.
      const [outerStart, start, innerStart] = [outside(), await takeSnapshot(sides), outside()];
      await until(async () => {
        const now = outside();
        return (['switch', 'driver'] as const).every((side) => now[side] - innerStart[side] > MEASURED_MICROS_MIN);
      });
      const [innerEnd, end, outerEnd] = [outside(), await takeSnapshot(sides), outside()];

      const window = new Window(start, end);
      const record = {
        order: { plan: sides.plan },
        measured: { window, intervals: [], ended: null },
        threads: sides.threads,
        inspections: new Map(),
      };
      const cpu = processorTime(record as unknown as RunRecord); // the rest of a record is not read
      const messages = window.driver('messagesAcknowledged');
      for (const side of ['switch', 'driver'] as const) {
        const found = (cpu[`${side}MicrosPerMessage`] ?? Number.NaN) * messages;
        const [least, most] = [innerEnd[side] - innerStart[side], outerEnd[side] - outerStart[side]];
        test.diagnostic(`${side}: ${Math.round(found)} µs, from outside ${least} to ${most} µs`);
        assert.ok(found > least * (1 - SHARE) - TICK_MICROS && found < most * (1 + SHARE) + TICK_MICROS);
        const runtime = cpu[`${side}RuntimeMicrosPerMessage`] ?? Number.NaN;
        assert.ok(runtime > 0, 'threads beside shards and lanes took some');
        const prefix = side === 'switch' ? 'shard-' : 'lane-';
        const threads = (window.cpuMicros(prefix) ?? Number.NaN) / messages;
        assert.ok(Math.abs(threads + runtime - found / messages) < 1e-6, 'the rows add up');
      }
      assert.equal(cpu.sharedRuntimeMicrosPerMessage, null);
    });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await pause(20);
}
