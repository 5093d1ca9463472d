/** Addresses as `HOST:PORT`, with brackets around a host that contains colons. */
import { TrunklineError } from '../../base/errors.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

const ADDRESS = /^(?:\[([^\]\s]+)\]|([^:\s]+)):(\d{1,5})$/;
export const PORT_MAX = 65_535;

/** @param portMin 0 if any free port is acceptable. @throws ARGUMENT_INVALID */
export function parseAddress(flag: string, text: string, portMin: 0 | 1): Address {
  const match = ADDRESS.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > PORT_MAX || port < portMin) {
    throw new TrunklineError(
      'ARGUMENT_INVALID',
      `${flag}: expected HOST:PORT such as 127.0.0.1:8765 or [::1]:8765, found "${text}".`,
    );
  }
  return { host: match[1] ?? match[2] ?? '', port };
}

/** Formats an address such that {@link parseAddress} can parse it. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
