/**
 * Processor time of both sides per message. A side with a process of its own has all processor time of that process:
 * its shards or lanes, and the runtime, which is the garbage collector, the compiler and the main thread. If both sides
 * share a process, the runtime cannot be attributed: it is separate, and a side has only its threads.
 *
 * With a network of the run, the kernel receives for the switch while a lane writes packets, and that time counts as
 * the lane's: only the sum of both sides is a figure.
 */
import type { Result } from '../result/result-schema.ts';
import type { ThreadSummary } from '../result/sections/processor-schema.ts';
import { TRANSPORTS } from '../scenario/terms/transports.ts';
import type { RunRecord } from './record/run-record.ts';
import type { Window } from './record/window.ts';

type SideTimes = Omit<Result['cpu'], 'threads'>;

/** Processor time of the run; null if it was not measured, or no message was acknowledged. */
export function processorTime(record: RunRecord): Result['cpu'] {
  const window = record.measured?.window;
  const times = sideTimes(window, record.http?.acknowledged ?? 0);
  const { hasOwnNetwork } = TRANSPORTS[record.order.plan.settings.transport];
  return { ...(hasOwnNetwork ? together(times) : times), threads: threadRows(record, window) };
}

const NOT_MEASURED: SideTimes = {
  switchMicrosPerMessage: null,
  driverMicrosPerMessage: null,
  switchRuntimeMicrosPerMessage: null,
  driverRuntimeMicrosPerMessage: null,
  sharedRuntimeMicrosPerMessage: null,
  bothMicrosPerMessage: null,
};

/** @param ofHttp messages that HTTP clients sent: the processor time is of them too. */
function sideTimes(window: Window | undefined, ofHttp: number): SideTimes {
  const messages = (window?.driver('messagesAcknowledged') ?? 0) + ofHttp;
  if (window === undefined || messages === 0) return NOT_MEASURED;
  const [shards, lanes] = [window.cpuMicros('shard-'), window.cpuMicros('lane-')];
  const ofSwitch = window.processMicros('switchMicros');
  const ofDriver = window.processMicros('driverMicros');
  const each = (micros: number | null): number | null => (micros === null ? null : micros / messages);
  return {
    switchMicrosPerMessage: each(ofSwitch ?? shards),
    driverMicrosPerMessage: each(ofDriver ?? lanes),
    switchRuntimeMicrosPerMessage: each(less(ofSwitch, shards)),
    driverRuntimeMicrosPerMessage: each(less(ofDriver, lanes)),
    bothMicrosPerMessage: null,
    sharedRuntimeMicrosPerMessage: each(less(less(window.processMicros('sharedMicros'), shards), lanes)),
  };
}

/** Both sides as one figure. */
function together({ switchMicrosPerMessage: ofSwitch, driverMicrosPerMessage: ofDriver }: SideTimes): SideTimes {
  const bothMicrosPerMessage = ofSwitch === null || ofDriver === null ? null : ofSwitch + ofDriver;
  return { ...NOT_MEASURED, bothMicrosPerMessage };
}

function less(whole: number | null, part: number | null): number | null {
  return whole === null || part === null ? null : whole - part;
}

function threadRows(record: RunRecord, window: Window | undefined): ThreadSummary[] {
  return record.threads.map(({ name, role }) => {
    const inspection = record.inspections.get(name);
    const share = window?.thread(name);
    return {
      name,
      role,
      busyShare: share?.busyShare ?? null,
      waitShare: share?.waitShare ?? null,
      cpuMicros: share?.cpuMicros ?? null,
      heapUsedBytes: inspection?.heapUsedBytes ?? 0,
      collections: inspection?.collections ?? 0,
      pauseMicros: inspection?.pauseMicros ?? 0,
      allocatedBytes: inspection?.allocatedBytes ?? 0,
    };
  });
}
