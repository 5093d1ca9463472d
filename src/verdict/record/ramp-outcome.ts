/** The outcome of a ramp: memory at each level, and whether all phones logged in. */
import type { MemoryReading } from './memory-reading.ts';

export interface RampOutcome {
  readonly readings: readonly MemoryReading[];
  /** Time in which phones connected, without the pauses for memory readings. */
  readonly arrivingMicros: number;
  /** Whether every phone either logged in or gave up. */
  readonly isComplete: boolean;
  /** What stopped the ramp early; null if nothing did. */
  readonly stopped: { readonly why: 'stuck' | 'reserve' | 'target'; readonly sentence: string } | null;
}
