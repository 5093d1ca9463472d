/** What a report says of a profiled thread. */
import { allocationCallTree, type CallNode, processorCallTree, weightOf } from './call-trees.ts';
import { type HeavyFunction, heaviestFunctions } from './heaviest-functions.ts';
import type { AllocationProfile, ProcessorProfile } from './parse-profiles.ts';

/** Number of functions in each list. */
export const FUNCTIONS_MAX = 10;

export interface ThreadReport {
  /** `shard-0`, `lane-1`, `main`. */
  readonly thread: string;
  readonly samples: number;
  /** Wall time from the first sample to the end of the profile, and per sample. */
  readonly micros: number;
  readonly microsPerSample: number;
  /** Time in which the thread did not rest; shares of functions are of this. */
  readonly awakeMicros: number;
  readonly asleepMicros: number;
  readonly idleMicros: number;
  readonly collectorMicros: number;
  readonly programMicros: number;
  readonly hottest: readonly HeavyFunction[];
  readonly allocatedBytes: number;
  readonly largest: readonly HeavyFunction[];
  readonly processor: CallNode;
}

export function reportThread(
  thread: string,
  processor: ProcessorProfile,
  allocations: AllocationProfile,
): ThreadReport {
  const tree = processorCallTree(processor);
  const allocated = allocationCallTree(allocations);
  const samples = processor.samples.length;
  const [asleepMicros, idleMicros] = [weightOf(tree, 'asleep'), weightOf(tree, 'idle')];
  return {
    thread,
    samples,
    micros: tree.total,
    microsPerSample: samples === 0 ? 0 : tree.total / samples,
    awakeMicros: tree.total - asleepMicros - idleMicros,
    asleepMicros,
    idleMicros,
    collectorMicros: weightOf(tree, 'collector'),
    programMicros: weightOf(tree, 'program'),
    hottest: heaviestFunctions(tree, FUNCTIONS_MAX),
    allocatedBytes: allocated.total,
    largest: heaviestFunctions(allocated, FUNCTIONS_MAX),
    processor: tree,
  };
}
