/** How tests make both ends of this transport. */
import { type EventEnds, LISTENING } from '../stream/event-world.test-suite.ts';
import { LOOPBACK_CERTIFICATE, LOOPBACK_KEY } from '../stream/loopback-certificate.test-suite.ts';
import { wsPhoneTransport, wsSwitchTransport } from './ws-transport.ts';

const anywhere = (): null => null;
const nobody = (): void => {};
export const PAYLOAD_BYTES_MAX = 65_536;

export function wsEnds(isTls: boolean, perMessageDeflate = false): EventEnds {
  const common = { perMessageDeflate, payloadBytesMax: PAYLOAD_BYTES_MAX };
  const switchTls = isTls ? { key: LOOPBACK_KEY, cert: LOOPBACK_CERTIFICATE } : null;
  const phoneTls = isTls ? { ca: LOOPBACK_CERTIFICATE, rejectUnauthorized: true } : null;
  return {
    makeSwitch: (settings, nowMicros, wake = nobody) =>
      wsSwitchTransport({ ...settings, ...common, ...LISTENING, tls: switchTls }, nowMicros, wake),
    makePhones: (settings, nowMicros, wake = nobody) =>
      wsPhoneTransport({ ...settings, ...common, tls: phoneTls }, anywhere, nowMicros, wake),
  };
}
