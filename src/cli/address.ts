/** Places as people write them: `HOST:PORT`, with brackets around an address that has colons itself. */
import { TrunklineError } from '../base/errors.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

const ADDRESS = /^(?:\[([^\]\s]+)\]|([^:\s]+)):(\d{1,5})$/;
const PORT_MOST = 65_535;
/** Nobody but this machine reaches these (RFC 1122, RFC 4291, and the one mapped into the other). */
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/i;

/** @param portLeast 0 where any free port will do. @throws ARGUMENT_INVALID */
export function parseAddress(flag: string, text: string, portLeast: 0 | 1): Address {
  const match = ADDRESS.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > PORT_MOST || port < portLeast) {
    throw new TrunklineError(
      'ARGUMENT_INVALID',
      `${flag}: expected HOST:PORT such as 127.0.0.1:8765 or [::1]:8765, found "${text}".`,
    );
  }
  return { host: match[1] ?? match[2] ?? '', port };
}

/** Whether only this machine can reach an address (not a name). */
export function isLoopback(address: string): boolean {
  return LOOPBACK.test(address);
}

/** As {@link parseAddress} reads it. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
