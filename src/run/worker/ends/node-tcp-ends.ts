/** The ends of a thread over node:net or node:tls. */
import { nodeTcpPhoneTransport, nodeTcpSwitchTransport } from '../../../transport/node-tcp/node-tcp-transport.ts';
import type { PhoneEnd, SwitchEnd, ThreadPlace } from '../thread/thread-end.ts';
import { type StreamTransports, streamPhoneEnd, streamSwitchEnd } from './stream-ends.ts';

const NODE_TCP: StreamTransports = {
  forSwitch: ({ settings: { sockets }, tls }, settings, nowMicros, wake) =>
    nodeTcpSwitchTransport({ ...settings, noDelay: sockets.noDelay, tls: tls?.switch ?? null }, nowMicros, wake),
  forPhones: ({ settings: { sockets }, tls }, settings, sourceOf, nowMicros, wake) =>
    nodeTcpPhoneTransport(
      { ...settings, noDelay: sockets.noDelay, tls: tls?.phones ?? null },
      sourceOf,
      nowMicros,
      wake,
    ),
};

export function makeNodeTcpSwitchEnd(place: ThreadPlace): SwitchEnd {
  return streamSwitchEnd(place, NODE_TCP);
}

export function makeNodeTcpPhoneEnd(place: ThreadPlace): PhoneEnd {
  return streamPhoneEnd(place, NODE_TCP);
}
