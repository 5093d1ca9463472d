/** What a ramp came to: memory at each level, and whether all phones logged in. */
import type { MemoryReading } from './side-figures.ts';

export interface RampOutcome {
  readonly readings: readonly MemoryReading[];
  /** Time during which phones arrived, without the pauses for reading memory. */
  readonly arrivingMicros: number;
  /** Whether every phone either logged in or gave up. */
  readonly isComplete: boolean;
  /** What stopped the ramp before; null if nothing did. */
  readonly stopped: { readonly why: 'stuck' | 'reserve' | 'target'; readonly sentence: string } | null;
}
