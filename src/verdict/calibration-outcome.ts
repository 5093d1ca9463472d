/** What a calibration of the driver found out. */
import type { MemoryLine } from './memory-levels.ts';

/** What the driver does alone, with a switch that only answers. */
export interface CalibrationOutcome {
  readonly phones: number;
  /** Above 0: a driver that gets no answer at all fails its calibration. */
  readonly messagesPerSecond: number;
  readonly laneCpuMicrosPerMessage: number | null;
  readonly rss: MemoryLine | null;
  /** Switch memory that is in `rss`: the transport's table, which the real switch has as well. */
  readonly switchBytesPerConnection: number;
}
