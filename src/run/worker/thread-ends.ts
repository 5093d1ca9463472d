/**
 * Makes a thread's end of its connections, as the scenario's transport wants it. Only that
 * transport is loaded: every thread has its code on a heap of its own, and there may be hundreds.
 */
import type { Clock } from '../../base/clock.ts';
import { MonotonicClock } from '../../measure/monotonic-clock.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import type { PhoneEnd, SwitchEnd, ThreadPlace } from './thread-end.ts';

/** The clock of a thread: over tcp one that makes no object when it is looked at. */
export async function makeClock(plan: RunPlan, epochNanos: string): Promise<Clock> {
  if (plan.settings.transport !== 'tcp') return new MonotonicClock(epochNanos);
  return (await import('./tcp-ends.ts')).makeTcpClock(epochNanos);
}

export async function makeSwitchEnd(place: ThreadPlace): Promise<SwitchEnd> {
  switch (place.plan.settings.transport) {
    case 'memory':
      return (await import('./memory-ends.ts')).makeMemorySwitchEnd(place);
    case 'tcp':
      return (await import('./tcp-ends.ts')).makeTcpSwitchEnd(place);
    default:
      return (await import('./stream-ends.ts')).makeStreamSwitchEnd(place);
  }
}

export async function makePhoneEnd(place: ThreadPlace): Promise<PhoneEnd> {
  switch (place.plan.settings.transport) {
    case 'memory':
      return (await import('./memory-ends.ts')).makeMemoryPhoneEnd(place);
    case 'tcp':
      return (await import('./tcp-ends.ts')).makeTcpPhoneEnd(place);
    default:
      return (await import('./stream-ends.ts')).makeStreamPhoneEnd(place);
  }
}
