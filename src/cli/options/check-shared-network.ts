/**
 * Refuses transports with a network of the run, for commands whose own process starts threads of a run, or only one of
 * its sides.
 */
import { TrunklineError } from '../../base/errors.ts';
import { DEFAULT_SOCKET_TRANSPORT, TRANSPORTS, type TransportName } from '../../scenario/terms/transports.ts';

/** @throws ARGUMENT_INVALID; another process of `run` enters that network, and this one must not. */
export function checkSharedNetwork(command: string, transport: TransportName): void {
  if (!TRANSPORTS[transport].hasOwnNetwork) return;
  throw new TrunklineError(
    'ARGUMENT_INVALID',
    `${command}: expected a transport over the network of this machine, found ${transport}, whose network only trunkline run and profile make. ` +
      `Use --set transport=${DEFAULT_SOCKET_TRANSPORT}.`,
  );
}
