/**
 * Profiles the calling thread with V8's own profilers: where its time goes, and what it allocates.
 *
 * A session of the inspector that is connected to its own thread answers within the call, so a thread whose event loop
 * does not run can start and stop it. The module is loaded only by a thread that is profiled.
 */
import type { Session } from 'node:inspector';
import { TrunklineError } from '../base/errors.ts';

/** How often the profilers look. */
export interface ProfileSampling {
  /** Time between two samples of the stack. */
  readonly intervalMicros: number;
  /** Mean number of allocated bytes between two samples of allocations. */
  readonly allocationBytes: number;
}

/**
 * What was found, as the inspector describes it (DevTools protocol, `Profiler.Profile`,
 * `HeapProfiler.SamplingHeapProfile`).
 */
export interface ThreadProfile {
  readonly processor: object;
  readonly allocations: object;
}

/** @throws PROFILER_UNAVAILABLE if this Node was built without the inspector. */
export function checkProfiler(features: { readonly inspector: boolean } = process.features): void {
  if (features.inspector) return;
  throw new TrunklineError(
    'PROFILER_UNAVAILABLE',
    'Expected a Node.js with the inspector, found one that was built without it (configure --without-inspector): use an official build of Node.js.',
  );
}

/** A profile of a thread whose allocations were not sampled. */
const NO_ALLOCATIONS = {
  head: {
    callFrame: { functionName: '(root)', scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 },
    selfSize: 0,
    id: 1,
    children: [],
  },
  samples: [],
};

export class ThreadProfiler {
  readonly #session: Session;
  #hasAllocations = false;

  private constructor(session: Session) {
    this.#session = session;
  }

  /** Starts to profile where the time of the calling thread goes. @throws PROFILER_UNAVAILABLE. */
  static start({ intervalMicros }: ProfileSampling): ThreadProfiler {
    checkProfiler();
    const session = new (process.getBuiltinModule('node:inspector').Session)();
    session.connect();
    const profiler = new ThreadProfiler(session);
    profiler.#ask('Profiler.enable');
    profiler.#discardCompiledCode();
    profiler.#ask('Profiler.setSamplingInterval', { interval: intervalMicros });
    profiler.#ask('Profiler.start');
    return profiler;
  }

  /**
   * Starts to sample what the thread allocates. What is collected before the end counts: it is the garbage one looks
   * for.
   */
  startAllocations({ allocationBytes }: ProfileSampling): void {
    this.#ask('HeapProfiler.startSampling', {
      samplingInterval: allocationBytes,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    });
    this.#hasAllocations = true;
  }

  /** Ends the profiles; that of allocations first, so that it does not contain the other. */
  stop(): ThreadProfile {
    const allocations = this.#hasAllocations ? this.#ask('HeapProfiler.stopSampling') : NO_ALLOCATIONS;
    const processor = this.#ask('Profiler.stop');
    this.#session.disconnect();
    return { processor, allocations };
  }

  /**
   * Lets V8 compile all code again. It knows inlined functions, and a loop that was compiled while it ran (on-stack
   * replacement), only in code that it compiles while it profiles. The loop of a thread is such a loop: without this,
   * most of its time would belong to the function that called it. That code is discarded is a documented part of the
   * start of precise coverage, which ends at once.
   */
  #discardCompiledCode(): void {
    this.#ask('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
    this.#ask('Profiler.stopPreciseCoverage');
  }

  /** @returns the profile in the answer, if there is one. */
  #ask(method: string, parameters: object = {}): object {
    let failure: Error | null = null;
    let profile: object = {};
    this.#session.post(method, parameters, (error, answer) => {
      failure = error;
      profile = (answer as { profile?: object } | undefined)?.profile ?? {};
    });
    if (failure !== null) throw failure;
    return profile;
  }
}
