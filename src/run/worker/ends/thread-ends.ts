/**
 * How a thread creates its end of its connections, one row per transport of `scenario/terms/transports.ts`. Only the
 * transport of the run is loaded, because every thread has its code on its own heap, and there may be hundreds of
 * threads.
 */
import type { Clock } from '../../../base/clock.ts';
import { MonotonicClock } from '../../../measure/monotonic-clock.ts';
import type { TransportName } from '../../../scenario/terms/transports.ts';
import type { PhoneEnd, SwitchEnd, ThreadPlace } from '../thread/thread-end.ts';

/** The parts that a thread creates: first its clock, then the end of its side. */
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
  tun: async () => {
    const { makeTcpClock, makeTcpSwitchEnd } = await import('./tcp-ends.ts');
    const { makeTunPhoneEnd } = await import('./make-tun-phone-end.ts');
    return { makeClock: makeTcpClock, makeSwitchEnd: makeTcpSwitchEnd, makePhoneEnd: makeTunPhoneEnd };
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

/** Loads the code of a transport's ends. Creating an end throws TRANSPORT_UNAVAILABLE if this machine cannot use it. */
export function loadEnds(transport: TransportName): Promise<ThreadEnds> {
  return ENDS[transport]();
}
