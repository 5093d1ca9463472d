/** What a run reports while it is executed. */
import type { MemoryReading } from '../../verdict/record/memory-reading.ts';
import type { PhaseName } from '../../verdict/record/run-record.ts';
import type { IntervalListener } from './intervals/time-series.ts';

/** Receives the progress of a run. A phase after the calibration is an event as well. */
export interface RunListener extends IntervalListener {
  phase(name: PhaseName, detail: string): void;
  /** What the driver can do against a switch that only answers, in messages per second. */
  calibrated(messagesPerSecond: number): void;
  /** A reading of memory at rest, at each level of connections. */
  reading(reading: MemoryReading): void;
}
