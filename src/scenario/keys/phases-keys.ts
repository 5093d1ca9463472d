/** The keys of the phases of a run: their durations, and the calibration before them. */
import { z } from 'zod';
import { count, durationMicros } from '../terms/scalars.ts';

export const phasesKeys = z.strictObject({
  calibrate: z
    .boolean()
    .prefault(true)
    .describe('Whether the driver is first measured alone, against a switch that only answers'),
  calibration: durationMicros({ min: 200_000 }).prefault('3s').describe('Time for which the driver is measured alone'),
  calibrationPhones: count({ min: 64 })
    .prefault('1M')
    .describe('Maximum of phones in the calibration, which also measures the memory of the driver per phone'),
  levels: count({ min: 6, max: 32 }).prefault(6).describe('Number of levels of connections at which memory is read'),
  bin: durationMicros({ min: 50_000, max: 10e6 }).prefault('1s').describe('Interval of the time series'),
  settle: durationMicros({ min: 0 })
    .prefault('30s')
    .describe(
      'Time within which the load must become steady; where phones disconnect and return, it lasts at least until the first are back',
    ),
  measure: durationMicros({ min: 500_000 }).prefault('15s').describe('Duration of the measurement'),
  drain: durationMicros({ min: 0 })
    .prefault('20s')
    .describe(
      'Time within which all messages in flight must arrive; where phones disconnect and return, the longest time for which one is away is added, since messages wait for it',
    ),
});
