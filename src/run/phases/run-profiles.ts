/**
 * The profiles of a run: which threads are profiled, from when to when, and where the files go. A profiled run says so
 * in its result.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { ProfileSampling } from '../../measure/thread-profiler.ts';
import type { Result } from '../../result/result-schema.ts';
import type { PhaseName } from '../../verdict/record/run-record.ts';
import type { RunSides } from '../sides/run-sides.ts';

type RunProfile = NonNullable<Result['profile']>;
export type ProfiledPhase = RunProfile['phase'];

export interface ProfileOrder {
  readonly phase: ProfiledPhase;
  readonly sampling: ProfileSampling;
  /** Names of threads, in which `*` stands for any characters; null for all. */
  readonly threads: readonly string[] | null;
  /** The folder for the files. */
  readonly folder: string;
  /** See WARM_UP_MILLIS, which is the default. */
  readonly warmUpMillis?: number;
}

/** Most threads that are profiled. Each costs processor time, memory, and a section of the report. */
export const PROFILED_THREADS_MAX = 12;

/**
 * V8 compiles all code again when a profile starts. Within this time it has compiled what a measured load runs, which
 * allocates more until then.
 */
const WARM_UP_MILLIS = 1000;
/**
 * Meanwhile threads were slower than the load, and messages waited. The measurement begins when none has been late for
 * a second: 200,000 messages per second took seven seconds. After the limit the guards tell what is left.
 */
const CATCH_UP_MILLIS_MAX = 20_000;
const LOOK_MILLIS = 250;
const LOOKS_ON_TIME = 4;
/** Fewer are not late: each lane has some that are just due. */
const LATE_MESSAGES_MIN = 100;

const FIRST: Readonly<Record<ProfiledPhase, PhaseName>> = { ramp: 'ramp', measure: 'measure', all: 'ramp' };
const LAST: Readonly<Record<ProfiledPhase, PhaseName>> = { ramp: 'ramp', measure: 'measure', all: 'measure' };

export class RunProfiles {
  /** What was profiled; null before the phase has begun. */
  profile: RunProfile | null = null;
  /** Whether the files were written. */
  areKept = false;
  readonly order: ProfileOrder;
  #isRunning = false;

  constructor(order: ProfileOrder) {
    this.order = order;
  }

  /** Takes over how they ended in the process of a step, which has profiled by the same order. */
  endedInStep(profile: RunProfile | null, areKept: boolean): void {
    this.profile = profile;
    this.areKept = areKept;
  }

  /** Called before each phase. @throws PROFILER_UNAVAILABLE. */
  async begin(phase: PhaseName, sides: RunSides): Promise<void> {
    const { phase: wanted, sampling, threads } = this.order;
    if (phase !== FIRST[wanted]) return;
    await sides.refresh('all');
    const chosen = busiest(matching(sides.profilable, threads), sides);
    const others = sides.profilable.filter((name) => !chosen.includes(name));
    this.profile = { phase: wanted, ...sampling, threads: chosen, otherThreads: others };
    this.#isRunning = true;
    await sides.startProfiles(chosen, 'processor', sampling);
    const warmUpMillis = wanted === 'measure' ? (this.order.warmUpMillis ?? WARM_UP_MILLIS) : 0;
    await pause(warmUpMillis);
    await sides.startProfiles(chosen, 'allocations', sampling);
    if (warmUpMillis > 0) await caughtUp(sides);
  }

  /** Called after each phase. @throws OUTPUT_UNWRITABLE. */
  async end(phase: PhaseName, sides: RunSides): Promise<void> {
    if (phase === LAST[this.order.phase]) await this.stop(sides);
  }

  /** Ends the profiles if they are still running, and writes the files. @throws OUTPUT_UNWRITABLE. */
  async stop(sides: RunSides): Promise<void> {
    if (!this.#isRunning || this.profile === null) return;
    this.#isRunning = false;
    await sides.stopProfiles(this.profile.threads, this.order.folder);
    this.areKept = true;
  }
}

/** The names that match one of the patterns. */
export function matching(names: readonly string[], patterns: readonly string[] | null): string[] {
  if (patterns === null) return [...names];
  const expressions = patterns.map((pattern) => {
    const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`);
  });
  return names.filter((name) => expressions.some((expression) => expression.test(name)));
}

/**
 * The threads with the most processor time so far, in their own order; main threads, whose time is not known, come
 * last.
 */
function busiest(names: readonly string[], sides: RunSides): string[] {
  if (names.length <= PROFILED_THREADS_MAX) return [...names];
  const cpu = sides.cpu();
  const micros = (name: string): number => cpu.get(name)?.cpuMicros ?? 0;
  const chosen = new Set([...names].sort((a, b) => micros(b) - micros(a)).slice(0, PROFILED_THREADS_MAX));
  return names.filter((name) => chosen.has(name));
}

/** Waits until no message is late, for at most CATCH_UP_MILLIS_MAX. */
async function caughtUp(sides: RunSides): Promise<void> {
  let looksOnTime = 0;
  for (let waited = 0; waited < CATCH_UP_MILLIS_MAX && looksOnTime < LOOKS_ON_TIME; waited += LOOK_MILLIS) {
    await pause(LOOK_MILLIS);
    await sides.refresh('counters');
    looksOnTime = sides.driver('messagesBacklog') < LATE_MESSAGES_MIN ? looksOnTime + 1 : 0;
  }
}
