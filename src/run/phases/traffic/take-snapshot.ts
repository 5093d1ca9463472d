/**
 * Reads the figures of both sides at one instant: counters, latencies, processor time. A window is between two of
 * these.
 */
import { machineCpu } from '../../../measure/machine-cpu.ts';
import { processCpuMicros } from '../../../measure/process-cpu-micros.ts';
import type { Snapshot } from '../../../verdict/record/window.ts';
import type { RunSides } from '../../sides/run-sides.ts';

export async function takeSnapshot(threads: RunSides): Promise<Snapshot> {
  await threads.refresh('all');
  const { driver, switch: switchCounters } = threads.counters();
  return {
    atMicros: threads.clock.nowMicros(),
    driver,
    switch: switchCounters,
    latencies: threads.latencies(),
    platformLatencies: threads.platformLatencies(),
    cpu: threads.cpu(),
    processCpu: threads.processCpu(),
    controllerMicros: processCpuMicros(),
    machine: machineCpu(),
  };
}
