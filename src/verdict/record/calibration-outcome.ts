/** The outcome of a calibration of the driver. */
import type { MemoryLine } from './memory-levels.ts';

/** The performance of the driver with a switch that only answers. */
export interface CalibrationOutcome {
  readonly phones: number;
  /** Above 0: the calibration of a driver that gets no answer fails. */
  readonly messagesPerSecond: number;
  readonly laneCpuMicrosPerMessage: number | null;
  readonly rss: MemoryLine | null;
  /** Memory of the switch that is part of `rss`: the table of the transport, which the real switch also has. */
  readonly switchBytesPerConnection: number;
}
