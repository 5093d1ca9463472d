/** What a scenario asks of a machine's sockets: its settings, read for planning and nothing else. */
import type { ScenarioSettings } from '../scenario/scenario-schema.ts';
import type { SocketTransportName } from '../scenario/transports.ts';
import { lingeringShare } from './heartbeat-timeout.ts';
import { latencyRangeBits } from './latency-range.ts';

/** Which ends of the connections are on this machine. */
export type Sides = 'both' | 'switch' | 'driver';

export interface SocketDemand {
  readonly transport: SocketTransportName;
  readonly phones: number;
  /** Phones that connect. */
  readonly online: number;
  /** Connections beyond those, as a share: phones that vanished and came back before the switch noticed. */
  readonly lingeringShare: number;
  /** Mean time for which a phone stays connected, infinite for ever. */
  readonly sessionMicros: number;
  /** Threads of each side, at least. */
  readonly shards: number;
  readonly lanes: number;
  readonly placement: ScenarioSettings['switch']['placement'];
  readonly mailboxBlocks: number;
  readonly inboxBytes: number;
  readonly messagesInFlight: number;
  /** Of the histograms of each lane. */
  readonly latencyRangeBits: number;
  readonly sockets: ScenarioSettings['sockets'];
}

/** Reads a scenario for planning. @param transport the one that is planned for, whatever the scenario names. */
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
    latencyRangeBits: latencyRangeBits(settings, online),
    sockets: settings.sockets,
  };
}

/** The same demand for another number of connections; the share of phones that are offline stays. */
export function withOnline(demand: SocketDemand, online: number): SocketDemand {
  const phonesForEach = demand.online === 0 ? 1 : demand.phones / demand.online;
  return { ...demand, online, phones: Math.ceil(online * phonesForEach) };
}

/** Connections that are open at once, those included that nobody has missed yet. */
export function openConnections(demand: SocketDemand, online = demand.online): number {
  return Math.ceil(online * (1 + demand.lingeringShare));
}
