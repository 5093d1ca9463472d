/** The ends of a thread over WebSockets of the ws package. */
import type { RunPlan } from '../../../plan/run-plan.ts';
import { wsPhoneTransport, wsSwitchTransport } from '../../../transport/ws/ws-transport.ts';
import type { PhoneEnd, SwitchEnd, ThreadPlace } from '../thread/thread-end.ts';
import { type StreamTransports, streamPhoneEnd, streamSwitchEnd } from './stream-ends.ts';

const WS: StreamTransports = {
  forSwitch: (plan, settings, nowMicros, wake) =>
    wsSwitchTransport({ ...settings, ...wsSettings(plan), tls: plan.tls?.switch ?? null }, nowMicros, wake),
  forPhones: (plan, settings, sourceOf, nowMicros, wake) =>
    wsPhoneTransport({ ...settings, ...wsSettings(plan), tls: plan.tls?.phones ?? null }, sourceOf, nowMicros, wake),
};

export function makeWsSwitchEnd(place: ThreadPlace): SwitchEnd {
  return streamSwitchEnd(place, WS);
}

export function makeWsPhoneEnd(place: ThreadPlace): PhoneEnd {
  return streamPhoneEnd(place, WS);
}

function wsSettings(plan: RunPlan) {
  const { perMessageDeflate, maxPayload } = plan.settings.ws;
  return { perMessageDeflate, payloadBytesMax: maxPayload };
}
