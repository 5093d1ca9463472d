/** TLS of both sides: the files that it needs, and the transports that support it. */
import { createSecureContext } from 'node:tls';
import { causeOf } from '../../base/cause-of.ts';
import { TrunklineError } from '../../base/errors.ts';
import { TRANSPORTS, type TransportName, transportsThat } from '../../scenario/terms/transports.ts';
import type { PhoneTls, SwitchTls } from '../../transport/stream/tls-settings.ts';
import { readFlagText } from './read-text.ts';

export interface SwitchTlsArguments {
  readonly 'tls-cert': string | undefined;
  readonly 'tls-key': string | undefined;
}

export interface PhoneTlsArguments {
  readonly tls: boolean;
  readonly 'tls-ca': string | undefined;
  readonly 'tls-insecure': boolean;
}

/** @throws FILE_UNREADABLE or TLS_INVALID */
export function switchTls(args: SwitchTlsArguments, transport: TransportName): SwitchTls | null {
  const { 'tls-cert': certPath, 'tls-key': keyPath } = args;
  if (certPath === undefined && keyPath === undefined) return null;
  checkTransport(transport);
  if (certPath === undefined || keyPath === undefined) {
    throw new TrunklineError('TLS_INVALID', 'Expected both --tls-cert and --tls-key, found one of them.');
  }
  const cert = readFlagText('--tls-cert', certPath);
  const key = readFlagText('--tls-key', keyPath);
  checkPem('--tls-cert and --tls-key', () => createSecureContext({ cert, key }));
  return { cert, key };
}

/** @throws FILE_UNREADABLE or TLS_INVALID */
export function phoneTls(args: PhoneTlsArguments, transport: TransportName): PhoneTls | null {
  const { tls, 'tls-ca': caPath, 'tls-insecure': isInsecure } = args;
  if (!tls && caPath === undefined && !isInsecure) return null;
  checkTransport(transport);
  const ca = caPath === undefined ? null : readFlagText('--tls-ca', caPath);
  if (ca !== null) checkPem('--tls-ca', () => createSecureContext({ ca }));
  return { ca, rejectUnauthorized: !isInsecure };
}

function checkTransport(transport: TransportName): void {
  if (TRANSPORTS[transport].hasTls) return;
  const others = transportsThat(({ hasTls }) => hasTls).map((name) => `--transport ${name}`);
  throw new TrunklineError(
    'TLS_INVALID',
    `The transport ${transport} has no TLS: add ${others.join(' or ')}, or put a proxy that terminates TLS in front.`,
  );
}

function checkPem(flag: string, use: () => unknown): void {
  try {
    use();
  } catch (error) {
    const cause = causeOf(error);
    throw new TrunklineError('TLS_INVALID', `${flag}: expected a matching certificate and key in PEM: ${cause}.`);
  }
}
