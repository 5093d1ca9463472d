/**
 * How a thread makes its end of its connections: a row for each transport of `scenario/transports.ts`. Only the transport
 * of the run is loaded: every thread has its code on a heap of its own, and there may be hundreds.
 */
import type { Clock } from '../../base/clock.ts';
import { MonotonicClock } from '../../measure/monotonic-clock.ts';
import type { TransportName } from '../../scenario/transports.ts';
import type { PhoneEnd, SwitchEnd, ThreadPlace } from './thread-end.ts';

/** What a thread makes in order: its clock, then either end. */
export interface ThreadEnds {
  makeClock(epochNanos: string): Clock;
  makeSwitchEnd(place: ThreadPlace): SwitchEnd;
  makePhoneEnd(place: ThreadPlace): PhoneEnd;
}

const makeClock = (epochNanos: string): Clock => new MonotonicClock(epochNanos);

const ENDS: Readonly<Record<TransportName, () => Promise<ThreadEnds>>> = {
  memory: async () => {
    const { makeMemorySwitchEnd, makeMemoryPhoneEnd } = await import('./memory-ends.ts');
    return { makeClock, makeSwitchEnd: makeMemorySwitchEnd, makePhoneEnd: makeMemoryPhoneEnd };
  },
  tcp: async () => {
    const { makeTcpClock, makeTcpSwitchEnd, makeTcpPhoneEnd } = await import('./tcp-ends.ts');
    return { makeClock: makeTcpClock, makeSwitchEnd: makeTcpSwitchEnd, makePhoneEnd: makeTcpPhoneEnd };
  },
  'node-tcp': async () => {
    const { makeNodeTcpSwitchEnd, makeNodeTcpPhoneEnd } = await import('./node-tcp-ends.ts');
    return { makeClock, makeSwitchEnd: makeNodeTcpSwitchEnd, makePhoneEnd: makeNodeTcpPhoneEnd };
  },
  ws: async () => {
    const { makeWsSwitchEnd, makeWsPhoneEnd } = await import('./ws-ends.ts');
    return { makeClock, makeSwitchEnd: makeWsSwitchEnd, makePhoneEnd: makeWsPhoneEnd };
  },
};

/** Loads what makes the ends of a transport; making them throws TRANSPORT_UNAVAILABLE where this machine cannot. */
export function loadEnds(transport: TransportName): Promise<ThreadEnds> {
  return ENDS[transport]();
}
