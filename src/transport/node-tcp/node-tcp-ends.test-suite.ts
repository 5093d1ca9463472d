/** How tests make both ends of this transport. */
import { type EventEnds, LISTENING } from '../stream/event-world.test-suite.ts';
import { LOOPBACK_CERTIFICATE, LOOPBACK_KEY } from '../stream/loopback-certificate.test-suite.ts';
import { nodeTcpPhoneTransport, nodeTcpSwitchTransport } from './node-tcp-transport.ts';

const anywhere = (): null => null;
const nobody = (): void => {};

export function nodeTcpEnds(isTls: boolean): EventEnds {
  const switchTls = isTls ? { key: LOOPBACK_KEY, cert: LOOPBACK_CERTIFICATE } : null;
  const phoneTls = isTls ? { ca: LOOPBACK_CERTIFICATE, rejectUnauthorized: true } : null;
  return {
    makeSwitch: (settings, nowMicros, wake = nobody) =>
      nodeTcpSwitchTransport({ ...settings, noDelay: true, ...LISTENING, tls: switchTls }, nowMicros, wake),
    makePhones: (settings, nowMicros, wake = nobody) =>
      nodeTcpPhoneTransport({ ...settings, noDelay: true, tls: phoneTls }, anywhere, nowMicros, wake),
  };
}
