/**
 * The interface of a stream: where the intervals of runs go while they run. A stream never delays or fails a run. What
 * it cannot pass on at once waits in a bounded queue, and what does not fit there is dropped and counted.
 */
import type { RunEvent } from '../../result/series-schema.ts';
import type { Interval } from '../../verdict/record/interval.ts';

/** Which run of a series it is. */
export interface RunPlace {
  /** `base` or `candidate`; null if the series has only one side. */
  readonly side: string | null;
  /** From 1 on. */
  readonly number: number;
  /** Runs that are planned so far: a gate may add some at each look. */
  readonly of: number;
}

/** The run that the following intervals belong to. */
export interface StreamedRun {
  readonly id: string;
  readonly scenario: string;
  readonly transport: string;
  readonly isSimulated: boolean;
  /** Null for a run that is not part of a series. */
  readonly place: RunPlace | null;
}

export interface Stream {
  /** Called before the first interval of each run. */
  begin(run: StreamedRun): void;
  /** @param events those since the interval before. */
  interval(interval: Interval, events: readonly RunEvent[]): void;
  /** Intervals that were dropped so far; after `close` also those that were still waiting. */
  readonly dropped: number;
  /** Passes on what waits, as far as that is possible at once, and releases everything. Never rejects. */
  close(): Promise<void>;
}

/** Called when a stream meets a fault, with its cause as text. */
export type OnFault = (cause: string) => void;
