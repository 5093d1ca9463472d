/** Checks of limits on open files: per table, for the machine, and those watched by epoll. */
import { formatCount } from '../../base/units.ts';
import type { MachineLimits } from '../../measure/machine-limits.ts';
import { TRANSPORTS, transportsThat } from '../../scenario/terms/transports.ts';
import { checkLimit, type PlanCheck } from './plan-check.ts';
import type { SocketDemand } from './socket-demand.ts';
import {
  type DescriptorTable,
  kernelEnds,
  laneLoad,
  loadMin,
  ownDescriptors,
  type SocketShape,
} from './socket-shape.ts';

/** Files that other processes on the machine have open during a run; much more than an idle machine has. */
const FILES_OF_OTHERS = 8192;

interface Side {
  readonly name: 'switch' | 'driver';
  readonly thread: 'shard' | 'lane';
  /** Number of threads that the scenario requests. */
  readonly asked: number;
  readonly threads: number;
  readonly table: DescriptorTable;
  /** Open files that a thread would need with only the requested threads. */
  readonly neededAsAsked: number;
}

/** All checks of open files, for the sides that are on this machine. */
export function descriptorChecks(demand: SocketDemand, shape: SocketShape, limits: MachineLimits): PlanCheck[] {
  const sides = localSides(demand, shape);
  const raised = sides.filter((side) => side.threads > side.asked);
  return [
    ...sides.map((side) => tableCheck(demand, shape, side, limits)),
    ...raised.map((side) => addedThreads(side, limits)),
    ...machineChecks(demand, shape, sides, limits),
  ];
}

/**
 * The commands that raise the limit of open files to `files`, in order. Node raises its soft limit to the hard limit by
 * itself, so only the hard limit has to be set.
 */
function openFilesCommands(files: number, limits: MachineLimits): string[] {
  const sysctl = limits.nrOpen !== null && files > limits.nrOpen ? [`sysctl -w fs.nr_open=${files}`] : [];
  if (limits.mayRaiseHardLimit) return [...sysctl, `ulimit -Hn ${files} && ulimit -Sn ${files}`];
  return [
    ...sysctl,
    `echo '* hard nofile ${files}' >> /etc/security/limits.conf   # as root, then log in again`,
    `docker run --ulimit nofile=${files}:${files} …   # in a container; LimitNOFILE=${files} in a systemd unit`,
  ];
}

function localSides(demand: SocketDemand, shape: SocketShape): Side[] {
  const isSwitchHere = shape.sides !== 'driver';
  const isDriverHere = shape.sides !== 'switch';
  const asked = (load: number, threads: number): number => load + ownDescriptors(threads, shape.hasPrivateTables);
  const theSwitch: Side = {
    name: 'switch',
    thread: 'shard',
    asked: demand.shards,
    threads: shape.shards,
    table: shape.shardTable,
    neededAsAsked: asked(loadMin(demand, demand.shards, shape.hasPrivateTables), demand.shards),
  };
  const driver: Side = {
    name: 'driver',
    thread: 'lane',
    asked: demand.lanes,
    threads: shape.lanes,
    table: shape.laneTable,
    neededAsAsked: asked(kernelEnds(demand, 'driver') * laneLoad(demand, demand.lanes), demand.lanes),
  };
  return [...(isSwitchHere ? [theSwitch] : []), ...(isDriverHere ? [driver] : [])];
}

function tableCheck(demand: SocketDemand, shape: SocketShape, side: Side, limits: MachineLimits): PlanCheck {
  const own = `open files of a ${side.thread}`;
  const whole = `open files of the ${side.name}`;
  const room = Math.max(0, (side.table.allowed ?? 0) - ownDescriptors(side.threads, shape.hasPrivateTables));
  const consequence = shape.hasPrivateTables
    ? `each of ${formatCount(side.threads)} threads has its own table with room for ${formatCount(room)} connections, and no number of threads suffices`
    : `all threads of the ${side.name} share one table with room for ${formatCount(room)} connections, so more threads do not help`;
  return checkLimit({
    what: shape.hasPrivateTables ? own : whole,
    setBy: 'ulimit -n',
    ...side.table,
    consequence,
    otherwise: 'refuse',
    commands: () => [
      ...openFilesCommands(shape.hasPrivateTables ? side.neededAsAsked : side.table.needed, limits),
      ...privateTableHint(demand, limits),
    ],
  });
}

function privateTableHint(demand: SocketDemand, limits: MachineLimits): string[] {
  if (limits.platform !== 'linux') return [];
  if (!limits.hasSystemCalls) return ['npm install koffi   # then tcp gives each thread its own table'];
  if (TRANSPORTS[demand.transport].descriptorTables === 'private') return [];
  const others = transportsThat(
    ({ descriptorTables, hasOwnNetwork }) => descriptorTables === 'private' && !hasOwnNetwork,
  );
  return others.map((name) => `--set transport=${name}   # each thread has its own table`);
}

/** More threads than requested change what is measured, which is worth a note but no reason to refuse. */
function addedThreads(side: Side, limits: MachineLimits): PlanCheck {
  return checkLimit({
    what: `open files for ${side.asked} ${side.thread}${side.asked === 1 ? '' : 's'}, as requested`,
    setBy: 'ulimit -n',
    needed: side.neededAsAsked,
    allowed: side.table.allowed,
    consequence: `the ${side.name} gets ${formatCount(side.threads)} ${side.thread}s instead of ${formatCount(side.asked)}`,
    otherwise: 'advise',
    commands: () => openFilesCommands(side.neededAsAsked, limits),
  });
}

function machineChecks(
  demand: SocketDemand,
  shape: SocketShape,
  sides: readonly Side[],
  limits: MachineLimits,
): PlanCheck[] {
  const ends = kernelEnds(demand, shape.sides) * shape.connections;
  const files =
    ends + sides.reduce((sum, side) => sum + ownDescriptors(side.threads, shape.hasPrivateTables), FILES_OF_OTHERS);
  const watches = ends + sides.reduce((sum, side) => sum + 2 * side.threads, 0);
  return [
    checkLimit({
      what: 'open files of the machine',
      setBy: 'fs.file-max',
      needed: files,
      allowed: limits.mayPassFileMax ? Number.POSITIVE_INFINITY : limits.fileMax,
      consequence: 'only processes of root can still open files (ENFILE)',
      otherwise: 'refuse',
      commands: () => [`sysctl -w fs.file-max=${files}`],
    }),
    checkLimit({
      what: 'sockets that epoll watches',
      setBy: 'fs.epoll.max_user_watches',
      needed: watches,
      allowed: limits.epollWatches,
      consequence: 'the kernel refuses to watch more sockets (ENOSPC), for root as well',
      otherwise: 'refuse',
      commands: () => [`sysctl -w fs.epoll.max_user_watches=${watches}`],
    }),
  ];
}
