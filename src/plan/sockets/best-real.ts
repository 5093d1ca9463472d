/**
 * What `best-real` stands for on a machine: the transport over which it holds the most real connections.
 *
 * Only the machine decides, never the scenario, nor how much memory is free just now, so that all runs on a machine
 * have the same transport and stay comparable. Where memory is short for it, it is even shorter for all others.
 */
import type { MachineLimits } from '../../measure/machine-limits.ts';
import {
  BEST_REAL,
  DEFAULT_SOCKET_TRANSPORT,
  isOverSockets,
  type SocketTransportName,
  TRANSPORT_NAMES,
  TRANSPORTS,
} from '../../scenario/terms/transports.ts';
import { networkChecks } from './network-checks.ts';
import type { PlanCheck } from './plan-check.ts';

export interface BestReal {
  readonly transport: SocketTransportName;
  /** Which was taken and why, in one line; where something is missing, with the first command that gives it. */
  readonly sentence: string;
}

/** Those over which only one end of a connection is in the kernel: it then takes half of the memory. */
const BETTER = TRANSPORT_NAMES.filter(isOverSockets).filter((name) => TRANSPORTS[name].hasOwnNetwork);

export function bestReal(limits: MachineLimits): BestReal {
  const lacks: string[] = [];
  for (const transport of BETTER) {
    const missing = networkChecks(transport, limits).filter(({ verdict }) => verdict !== 'ok');
    if (missing.length === 0)
      return {
        transport,
        sentence: `${BEST_REAL} is ${transport} here: this machine has all that it needs, and a connection takes half of the kernel memory of ${DEFAULT_SOCKET_TRANSPORT}`,
      };
    lacks.push(`for ${transport} this machine lacks ${missing.map(lackOf).join('; ')}`);
  }
  return {
    transport: DEFAULT_SOCKET_TRANSPORT,
    sentence: `${BEST_REAL} is ${DEFAULT_SOCKET_TRANSPORT} here: ${lacks.join('; ')}`,
  };
}

function lackOf({ what, setBy, commands: [command] }: PlanCheck): string {
  return `${what} (${setBy}): ${command}`;
}
