/** Checks of addresses and ports: source addresses, destinations, and accept queues. */

import { portCount } from '../../base/port-range.ts';
import { formatCount } from '../../base/units.ts';
import { Population } from '../../driver/terms/population.ts';
import type { MachineLimits } from '../../measure/machine-limits.ts';
import { isOnLoopback } from '../../scenario/keys/transport/sockets-keys.ts';
import { TRANSPORTS } from '../../scenario/terms/transports.ts';
import { BLOCK_SOURCES, BLOCKS_MAX } from '../../transport/tun/device/device-addresses.ts';
import { SOURCES_PER_LANE_MAX } from '../../wire/source-address.ts';
import { checkLimit, type PlanCheck } from './plan-check.ts';
import type { SocketDemand } from './socket-demand.ts';
import type { SocketShape } from './socket-shape.ts';

export interface Sources {
  /**
   * `spread`: over 127.0.0.0/8, by `wire/source-address.ts`; `kernel`: the address that the route determines; `block`:
   * over a block of addresses for each lane, in a network of the run.
   */
  readonly mode: 'spread' | 'kernel' | 'block';
  readonly addressesPerLane: number;
  readonly addresses: number;
  /** Maximum of connections from one address to one destination. */
  readonly connectionsPerSource: number;
}

const PORT_MAX = 65_535;
/** Lower ports are those of well-known services. */
const PORT_MIN = 1024;
/**
 * Time for which a closed connection keeps its ports (TCP_TIMEWAIT_LEN in the kernel) before they can be used again.
 */
const TIME_WAIT_MICROS = 60e6;
const REUSE_MICROS = 1e6;
/** With more connections from one address the kernel takes long to find a free port. */
const FAST_PORTS = 2000;

/** The addresses from which the phones connect. */
export function sourcesOf(demand: SocketDemand, shape: SocketShape, limits: MachineLimits): Sources {
  const { host, portsPerSource } = demand.sockets;
  const { hasOwnNetwork } = TRANSPORTS[demand.transport];
  if (hasOwnNetwork || (isOnLoopback(host) && limits.platform === 'linux')) {
    const rows = new Population(demand.online, demand.online, shape.lanes).rowsPerLane;
    const addressesPerLane = Math.ceil(rows / portsPerSource);
    return {
      mode: hasOwnNetwork ? 'block' : 'spread',
      addressesPerLane,
      addresses: shape.lanes * addressesPerLane,
      connectionsPerSource: Math.min(portsPerSource, rows),
    };
  }
  const isShared = shape.listen === 'shared';
  const connectionsPerSource = isShared ? demand.online : Math.ceil(demand.online / shape.shards);
  return { mode: 'kernel', addressesPerLane: 1, addresses: 1, connectionsPerSource };
}

/** All checks of addresses and ports. */
export function addressChecks(
  demand: SocketDemand,
  shape: SocketShape,
  sources: Sources,
  limits: MachineLimits,
): PlanCheck[] {
  if (sources.mode === 'block') return blockChecks(demand, shape, sources);
  const ofDriver =
    shape.sides === 'switch' ? [] : [portCheck(demand, sources, limits), ...addressCheck(demand, sources)];
  const ofSwitch = shape.sides === 'driver' ? [] : [...listenPortCheck(demand, shape), backlogCheck(demand, limits)];
  const together = shape.sides === 'both' ? [crowdCheck(demand, shape, limits), ...synCheck(demand, limits)] : [];
  return [...ofDriver, ...ofSwitch, ...together];
}

/** In a network of the run phones choose their ports themselves, and queues are as long as it sets them. */
function blockChecks(demand: SocketDemand, shape: SocketShape, sources: Sources): PlanCheck[] {
  return [
    checkLimit({
      what: 'lanes with a block of addresses',
      setBy: '10.0.0.0/8',
      needed: shape.lanes,
      allowed: BLOCKS_MAX,
      consequence: 'the network of the run has no more blocks',
      otherwise: 'refuse',
      commands: () => [`--set driver.lanes=${BLOCKS_MAX}`],
    }),
    checkLimit({
      what: 'source addresses of a lane',
      setBy: 'its block of 10.0.0.0/8',
      needed: sources.addressesPerLane,
      allowed: BLOCK_SOURCES,
      consequence: 'the block of a lane has no more addresses',
      otherwise: 'refuse',
      commands: () => [`--set sockets.portsPerSource=${Math.max(FAST_PORTS, 2 * demand.sockets.portsPerSource)}`],
    }),
    ...listenPortCheck(demand, shape),
  ];
}

function portCheck(demand: SocketDemand, sources: Sources, limits: MachineLimits): PlanCheck {
  const wait = (limits.timeWaitReuse ?? 0) > 0 ? REUSE_MICROS : TIME_WAIT_MICROS;
  const waitingShare = Number.isFinite(demand.sessionMicros) ? wait / demand.sessionMicros : 0;
  const portsEach = 1 + demand.lingeringShare + waitingShare;
  const needed = Math.ceil(sources.connectionsPerSource * portsEach);
  const allowed = limits.ports === null ? null : portCount(limits.ports);
  const fitting = Math.min(FAST_PORTS, Math.floor((allowed ?? 0) / portsEach));
  const isSpread = sources.mode === 'spread';
  return checkLimit({
    what: isSpread ? 'ports of a source address' : 'ports to one destination',
    setBy: 'net.ipv4.ip_local_port_range',
    needed,
    allowed,
    consequence: `after so many connections ${isSpread ? 'from one address' : 'to one port of the switch'} no port is left (EADDRNOTAVAIL)`,
    otherwise: 'refuse',
    commands: () => [
      ...(needed <= PORT_MAX - PORT_MIN + 1
        ? [`sysctl -w net.ipv4.ip_local_port_range="${PORT_MIN} ${PORT_MAX}"`]
        : []),
      isSpread
        ? `--set sockets.portsPerSource=${Math.max(1, fitting)}   # more source addresses, fewer ports of each`
        : '--set sockets.listen=each --set switch.shards=…   # more destinations; or drive from more machines',
    ],
  });
}

function addressCheck(demand: SocketDemand, sources: Sources): PlanCheck[] {
  if (sources.mode === 'kernel') return [];
  return [
    checkLimit({
      what: 'source addresses of a lane',
      setBy: '127.0.0.0/8',
      needed: sources.addressesPerLane,
      allowed: SOURCES_PER_LANE_MAX,
      consequence: 'the loopback network has no more addresses',
      otherwise: 'refuse',
      commands: () => [`--set sockets.portsPerSource=${Math.max(FAST_PORTS, 2 * demand.sockets.portsPerSource)}`],
    }),
  ];
}

function listenPortCheck(demand: SocketDemand, shape: SocketShape): PlanCheck[] {
  if (demand.sockets.port === 0) return [];
  const last = demand.sockets.port + (shape.listen === 'each' ? shape.shards - 1 : 0);
  return [
    checkLimit({
      what: 'last port of the switch',
      setBy: 'TCP',
      needed: last,
      allowed: PORT_MAX,
      consequence: `each of ${formatCount(shape.shards)} shards listens on a port of its own, from sockets.port on`,
      otherwise: 'refuse',
      commands: () => [`--set sockets.port=${PORT_MAX - shape.shards + 1}`],
    }),
  ];
}

function backlogCheck(demand: SocketDemand, limits: MachineLimits): PlanCheck {
  return checkLimit({
    what: 'backlog of a listener',
    setBy: 'net.core.somaxconn',
    needed: demand.sockets.backlog,
    allowed: limits.somaxconn,
    consequence: 'the kernel silently reduces the backlog',
    otherwise: 'advise',
    commands: () => [`sysctl -w net.core.somaxconn=${demand.sockets.backlog}`],
  });
}

/** All lanes may be opening connections at the same time; each shard gets its share of them. */
function crowdCheck(demand: SocketDemand, shape: SocketShape, limits: MachineLimits): PlanCheck {
  const backlog = Math.min(demand.sockets.backlog, limits.somaxconn ?? Number.POSITIVE_INFINITY);
  const crowd = Math.ceil((shape.lanes * demand.sockets.connecting) / shape.shards);
  const fitting = Math.max(1, Math.floor((backlog * shape.shards) / shape.lanes));
  return checkLimit({
    what: 'connections waiting to be accepted by a shard',
    setBy: 'sockets.backlog',
    needed: crowd,
    allowed: backlog,
    consequence: 'the backlog overflows, and dropped connections are tried again after a second',
    otherwise: 'advise',
    commands: () => [`--set sockets.connecting=${fitting}`],
  });
}

/** With SYN cookies, the default, a full SYN backlog drops no connection. */
function synCheck(demand: SocketDemand, limits: MachineLimits): PlanCheck[] {
  if (limits.synCookies !== 0) return [];
  const needed = Math.ceil((demand.sockets.connecting * 4) / 3);
  return [
    checkLimit({
      what: 'connections half open',
      setBy: 'net.ipv4.tcp_max_syn_backlog',
      needed,
      allowed: limits.synBacklog,
      consequence: 'without SYN cookies the kernel drops connections from new addresses beyond three quarters of it',
      otherwise: 'advise',
      commands: () => [`sysctl -w net.ipv4.tcp_max_syn_backlog=${Math.max(needed, demand.sockets.backlog)}`],
    }),
  ];
}
