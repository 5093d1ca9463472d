/**
 * Makes a thread's end of its connections, as the scenario's transport wants it. Only that
 * transport is loaded: every thread has its code on a heap of its own, and there may be hundreds.
 */
import type { PhoneEnd, SwitchEnd, ThreadPlace } from './thread-end.ts';

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
