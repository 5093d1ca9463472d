/**
 * Reads the figures of both sides at one instant: counters, latencies, processor time. A window is between two of
 * these.
 */
import { machineCpu } from '../../../measure/machine-cpu.ts';
import { processCpuMicros } from '../../../measure/process-cpu-micros.ts';
import type { Snapshot } from '../../../verdict/record/window.ts';
import type { RunSides } from '../../sides/run-sides.ts';

export async function takeSnapshot(sides: RunSides): Promise<Snapshot> {
  await sides.refresh('all');
  const { driver, switch: switchCounters } = sides.counters();
  return {
    atMicros: sides.clock.nowMicros(),
    driver,
    switch: switchCounters,
    latencies: sides.latencies(),
    platformLatencies: sides.platformLatencies(),
    cpu: sides.cpu(),
    processCpu: sides.processCpu(),
    controllerMicros: processCpuMicros(),
    machine: machineCpu(),
  };
}
