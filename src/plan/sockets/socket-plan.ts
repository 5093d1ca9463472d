/**
 * The plan of a run over sockets: from the demand of a scenario and the limits of a machine to threads, ports,
 * addresses and memory, and a list of everything that does not fit, with the commands that help.
 *
 * It is a pure function of both. `doctor` can therefore predict the problems of `run`, and a test can plan for other
 * machines.
 */
import type { MachineLimits } from '../../measure/machine-limits.ts';
import { largest } from '../sizes/largest.ts';
import { addressChecks, type Sources, sourcesOf } from './address-checks.ts';
import { descriptorChecks } from './descriptor-checks.ts';
import { networkChecks } from './network-checks.ts';
import { isProblem, type PlanCheck, type PlanProblem } from './plan-check.ts';
import { bufferCheck, mappingCheck, memoryCheck, ringChecks, threadCheck } from './resource-checks.ts';
import { type Sides, type SocketDemand, withOnline } from './socket-demand.ts';
import { type MemoryShare, socketMemory, totalBytes } from './socket-memory.ts';
import { type SocketShape, shapeSockets } from './socket-shape.ts';

export interface SocketPlan extends SocketShape {
  readonly demand: SocketDemand;
  readonly sources: Sources;
  /** The parts of the memory of this machine, including the reserve. */
  readonly memory: readonly MemoryShare[];
  /** The maximum of connections by memory alone; null if free memory is unknown. */
  readonly connectionsThatFit: number | null;
  /** Every limit, whether met or not. */
  readonly checks: readonly PlanCheck[];
  /** Limits that are not met. A run with one to refuse must not start. */
  readonly problems: readonly PlanProblem[];
}

export interface Capacity {
  readonly connections: number;
  /** The check that refuses a further connection; null if none does. */
  readonly limitedBy: PlanCheck | null;
}

/** Upper limit of the search: more than any machine holds. */
const CONNECTIONS_MAX = 2 ** 30;

/** Plans a run. The plan may have problems; `preflight` refuses it. */
export function planSockets(demand: SocketDemand, limits: MachineLimits, sides: Sides = 'both'): SocketPlan {
  const shape = shapeSockets(demand, limits, sides);
  const sources = sourcesOf(demand, shape, limits);
  const memory = socketMemory(demand, shape);
  const connectionsThatFit = fittingConnections(demand, limits, sides);
  const checks = [
    ...networkChecks(demand.transport, limits),
    ...descriptorChecks(demand, shape, limits),
    memoryCheck(memory, connectionsThatFit, demand, limits),
    ...addressChecks(demand, shape, sources, limits),
    threadCheck(shape, limits),
    mappingCheck(shape, limits),
    ...ringChecks(shape, limits),
    bufferCheck(demand, limits),
  ];
  return { ...shape, demand, sources, memory, connectionsThatFit, checks, problems: checks.filter(isProblem) };
}

/** The maximum of connections that a machine can hold, and the check that prevents more. */
export function socketCapacity(demand: SocketDemand, limits: MachineLimits, sides: Sides = 'both'): Capacity {
  const refusal = (online: number): PlanCheck | undefined =>
    planSockets(withOnline(demand, online), limits, sides).checks.find((check) => check.verdict === 'refuse');
  const connections = largest(CONNECTIONS_MAX, (online) => refusal(online) === undefined);
  return { connections, limitedBy: refusal(connections + 1) ?? null };
}

function fittingConnections(demand: SocketDemand, limits: MachineLimits, sides: Sides): number | null {
  const free = limits.memoryFreeBytes;
  if (free === null) return null;
  const room = Math.min(free, limits.cgroup.memoryBytes ?? Number.POSITIVE_INFINITY);
  return largest(CONNECTIONS_MAX, (online) => {
    const scaled = withOnline(demand, online);
    return totalBytes(socketMemory(scaled, shapeSockets(scaled, limits, sides))) <= room;
  });
}
