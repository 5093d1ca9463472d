/**
 * The guard that a run was not profiled. Profiled figures contain the cost of the profiler, so such a run is not valid:
 * every command that compares, gates or keeps figures leaves out what is not valid, and none has to know of profiles.
 */
import type { Guard, Result } from '../../result/result-schema.ts';
import { judged } from './guard-reading.ts';

export function profiledGuard({ threads, intervalMicros }: NonNullable<Result['profile']>): Guard {
  return judged(
    {
      name: 'profiled',
      figure: threads.length,
      limit: 0,
      found: `threads that were profiled, with a sample every ${intervalMicros} µs: ${threads.length}`,
      allowed: 'none may be where figures are compared or kept',
      remedy: 'for figures, run the scenario with trunkline run',
    },
    'invalid',
  );
}
