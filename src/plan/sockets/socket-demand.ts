/** What a scenario needs of the sockets of a machine: its settings, as far as planning needs them. */
import type { ScenarioSettings } from '../../scenario/scenario-schema.ts';
import type { SocketTransportName } from '../../scenario/terms/transports.ts';
import { lingeringShare } from '../load/heartbeat-timeout-micros.ts';
import { latencyRangeBits } from '../load/latency-range-bits.ts';
import { sessionWheelsBytes } from '../load/session-wheels.ts';

/** Which ends of the connections are on this machine. */
export type Sides = 'both' | 'switch' | 'driver';

export interface SocketDemand {
  readonly transport: SocketTransportName;
  readonly phones: number;
  /** Phones that connect. */
  readonly online: number;
  /** Connections in addition to these, as a share: phones that vanished and returned before the switch noticed. */
  readonly lingeringShare: number;
  /** Mean time for which a phone stays connected; infinite for the whole run. */
  readonly sessionMicros: number;
  /** Minimum of threads per side. */
  readonly shards: number;
  readonly lanes: number;
  readonly placement: ScenarioSettings['switch']['placement'];
  readonly mailboxBlocks: number;
  readonly inboxBytes: number;
  readonly messagesInFlight: number;
  readonly groups: ScenarioSettings['groups'];
  readonly presence: ScenarioSettings['presence'];
  /** Limits of the switch on it. */
  readonly watches: ScenarioSettings['switch']['presence'];
  /** Range of the latency histograms of each lane: see latency-range-bits. */
  readonly latencyRangeBits: number;
  /** See RunShape. */
  readonly platforms: number;
  /** In each lane. */
  readonly sessionWheelsBytes: number;
  readonly sockets: ScenarioSettings['sockets'];
}

/** Reads a scenario for planning. @param transport the planned transport, whatever the scenario names. */
export function socketDemand(settings: ScenarioSettings, transport: SocketTransportName): SocketDemand {
  const { phones, driver } = settings;
  const online = Math.floor(phones.count * (1 - phones.offline));
  return {
    transport,
    phones: phones.count,
    online,
    lingeringShare: lingeringShare(settings),
    sessionMicros: phones.session,
    shards: settings.switch.shards,
    lanes: driver.lanes,
    placement: settings.switch.placement,
    mailboxBlocks: settings.switch.mailbox.blocks,
    inboxBytes: settings.switch.inbox,
    messagesInFlight: driver.messagesInFlight,
    groups: settings.groups,
    presence: settings.presence,
    watches: settings.switch.presence,
    latencyRangeBits: latencyRangeBits(settings, online),
    platforms: settings.platforms.length,
    sessionWheelsBytes: sessionWheelsBytes(settings),
    sockets: settings.sockets,
  };
}

/** The same demand for another number of connections. The share of offline phones is unchanged. */
export function withOnline(demand: SocketDemand, online: number): SocketDemand {
  const phonesForEach = demand.online === 0 ? 1 : demand.phones / demand.online;
  return { ...demand, online, phones: Math.ceil(online * phonesForEach) };
}

/** Connections that are open at the same time, including those of vanished phones that the switch has not noticed. */
export function openConnections(demand: SocketDemand, online = demand.online): number {
  // The phones are an integer: only the share is rounded up. 24,450 × 1.1 is above 26,895 as doubles.
  return online + Math.ceil(online * demand.lingeringShare);
}
