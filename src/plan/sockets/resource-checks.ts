/** Checks of the resources of threads and buffers: threads of the machine, mappings of a process, memory. */
import { formatShort, roundDown } from '../../base/units.ts';
import type { MachineLimits } from '../../measure/machine-limits.ts';
import { checkLimit, MEMORY_LIMIT, type PlanCheck } from './plan-check.ts';
import type { SocketDemand } from './socket-demand.ts';
import { type MemoryShare, totalBytes } from './socket-memory.ts';
import type { SocketShape } from './socket-shape.ts';

/** Threads of a Node process that are not workers: its own, those of V8, and those for files and name lookups. */
const THREADS_OF_PROCESS = 16;
/**
 * Mappings of a worker thread (70 were measured with a heap of 5 MB) and of a process without workers (100 were
 * measured).
 */
const MAPS_OF_THREAD = 100;
const MAPS_OF_PROCESS = 1000;
/** Queues of a ring with 256 operations and 512 completions: 3 and 4 pages. */
const RING_BYTES = 7 * 4096;
/** A message on its way is in the buffer of one socket, in at most one page of its own. */
const PAGES_OF_MESSAGE = 1;

/** Threads of all processes of a run. */
export function threadCheck(shape: SocketShape, limits: MachineLimits): PlanCheck {
  const processes = shape.sides === 'both' ? 3 : 2;
  const workers = (shape.sides === 'driver' ? 0 : shape.shards) + (shape.sides === 'switch' ? 0 : shape.lanes);
  const needed = workers + processes * THREADS_OF_PROCESS;
  const bounds: [setBy: string, allowed: number | null, command: string][] = [
    ['kernel.threads-max', limits.threads, `sysctl -w kernel.threads-max=${4 * needed}`],
    ['kernel.pid_max', limits.pidMax, `sysctl -w kernel.pid_max=${Math.max(32_768, 4 * needed)}`],
    [
      'pids.max',
      limits.cgroup.pids,
      `docker run --pids-limit ${2 * needed} …   # TasksMax=${2 * needed} in a systemd unit`,
    ],
    ['ulimit -u', limits.userThreads, `ulimit -u ${2 * needed}`],
  ];
  const [first, ...others] = bounds.filter(([, allowed]) => allowed !== null);
  const tightest = others.reduce((lowest, bound) => ((bound[1] ?? 0) < (lowest?.[1] ?? 0) ? bound : lowest), first);
  return checkLimit({
    what: 'threads',
    setBy: tightest?.[0] ?? 'kernel.threads-max',
    needed,
    allowed: tightest?.[1] ?? null,
    consequence: 'a thread cannot be started (EAGAIN)',
    otherwise: 'refuse',
    commands: () => (tightest === undefined ? [] : [tightest[2]]),
  });
}

/** Mappings of the side with the most threads. */
export function mappingCheck(shape: SocketShape, limits: MachineLimits): PlanCheck {
  const shards = shape.sides === 'driver' ? 0 : shape.shards;
  const lanes = shape.sides === 'switch' ? 0 : shape.lanes;
  const needed = MAPS_OF_PROCESS + Math.max(shards, lanes) * MAPS_OF_THREAD;
  return checkLimit({
    what: 'mappings of a process',
    setBy: 'vm.max_map_count',
    needed,
    allowed: limits.mapCount,
    consequence: 'a thread that needs memory ends the process although memory is free',
    otherwise: 'refuse',
    commands: () => [`sysctl -w vm.max_map_count=${2 * needed}`],
  });
}

/** Memory of io_uring: the queues of its rings, which count as locked since Linux 6.14. */
export function ringChecks(shape: SocketShape, limits: MachineLimits): PlanCheck[] {
  const { ringPlaces } = shape;
  if (ringPlaces === null) return [];
  const ringsOf = (threads: number, connections: number): number => threads * Math.ceil(connections / ringPlaces);
  const shards = shape.sides === 'driver' ? 0 : ringsOf(shape.shards, shape.connectionsPerShardMax);
  const lanes = shape.sides === 'switch' ? 0 : ringsOf(shape.lanes, shape.connectionsPerLaneMax);
  const needed = (shards + lanes) * RING_BYTES;
  const check = checkLimit({
    what: 'locked memory of rings',
    setBy: 'ulimit -l',
    unit: 'bytes',
    needed,
    allowed: limits.lockedBytes,
    consequence: 'another table of io_uring cannot be created (ENOMEM)',
    otherwise: 'refuse',
    commands: () => [
      `ulimit -Hl ${Math.ceil(needed / 1024)} && ulimit -Sl ${Math.ceil(needed / 1024)}`,
      '--set sockets.hold=descriptors',
    ],
  });
  return [check];
}

/** Memory, including the reserve. @param fitting connections that would fit; null if unknown. */
export function memoryCheck(
  memory: readonly MemoryShare[],
  fitting: number | null,
  demand: SocketDemand,
  limits: MachineLimits,
): PlanCheck {
  const room = Math.min(limits.memoryFreeBytes ?? Number.NaN, limits.cgroup.memoryBytes ?? Number.POSITIVE_INFINITY);
  const phones = fitting === null || demand.online === 0 ? 0 : Math.floor((fitting / demand.online) * demand.phones);
  return checkLimit({
    what: MEMORY_LIMIT,
    setBy: 'MemFree + Cached + Buffers',
    unit: 'bytes',
    needed: totalBytes(memory),
    allowed: Number.isNaN(room) ? null : room,
    consequence: `the out-of-memory killer would end it; about ${formatShort(fitting ?? 0)} connections would fit`,
    otherwise: 'refuse',
    commands: () =>
      phones > 0
        ? [`--set phones.count=${roundDown(phones)}`]
        : ['--set switch.mailbox.blocks=… switch.inbox=… smaller'],
  });
}

/** Pages of TCP buffers: an idle connection has none, a message on its way has one. */
export function bufferCheck(demand: SocketDemand, limits: MachineLimits): PlanCheck {
  const needed = demand.messagesInFlight * PAGES_OF_MESSAGE;
  return checkLimit({
    what: 'pages of TCP buffers',
    setBy: 'net.ipv4.tcp_mem',
    needed,
    allowed: limits.tcpMemoryPages?.[1] ?? null,
    consequence: 'with all messages in flight that the scenario allows, TCP comes under memory pressure and slows down',
    otherwise: 'advise',
    commands: () => [
      `sysctl -w net.ipv4.tcp_mem="${needed} ${2 * needed} ${4 * needed}"`,
      `--set driver.messagesInFlight=${limits.tcpMemoryPages?.[1] ?? needed}`,
    ],
  });
}
