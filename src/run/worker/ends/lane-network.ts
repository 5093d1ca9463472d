/** The networks of a lane's phones, from the plan: which link each phone has, and what is counted of each. */
import type { Clock } from '../../../base/clock.ts';
import { namedCounters } from '../../../base/counters.ts';
import { mixPair } from '../../../base/pseudo-random.ts';
import { PlatformShares } from '../../../driver/people/platforms.ts';
import { Population } from '../../../driver/terms/population.ts';
import type { RunPlan } from '../../../plan/run-plan.ts';
import type { NetworkLinkSettings } from '../../../scenario/keys/transport/network-keys.ts';
import type { ScenarioSettings } from '../../../scenario/scenario-schema.ts';
import { hasNetwork } from '../../../scenario/terms/has-network.ts';
import { Histogram, histogramLength } from '../../../stats/histogram.ts';
import { NETWORK_COUNTERS, type NetworkLink, NO_NETWORK } from '../../../transport/tun/network/network-link.ts';
import { NetworkPort, type NetworkSettings } from '../../../transport/tun/network/network-port.ts';
import type { PacketPort } from '../../../transport/tun/packets/packet-port.ts';
import type { LinkReading } from '../../../verdict/record/network-reading.ts';
import { Outages } from '../../../wire/outages.ts';

const LINK_STREAM = 0x4c494e4b;

/** What the network of a lane needs of its transport. */
export interface LanePackets {
  readonly port: PacketPort;
  readonly clock: Clock;
  readonly phoneOf: (address: number, port: number) => number;
}

class LaneNetwork {
  readonly port: NetworkPort;
  readonly #names: readonly string[];
  readonly #linkOf: Uint8Array;
  readonly #deliveries: readonly Histogram[];

  constructor(plan: RunPlan, lane: number, packets: LanePackets) {
    const { network, seed } = plan.settings;
    const population = new Population(plan.phones, plan.online, plan.shape.lanes);
    const numberOf = linkNumbers(plan.settings);
    this.#linkOf = Uint8Array.from({ length: population.rowsPerLane }, (_, row) =>
      numberOf(population.phoneAt(lane, row)),
    );
    this.#names = [...network.links.map(({ name }) => name), 'no network'];
    this.#deliveries = this.#names.map(
      () => new Histogram(new Uint32Array(histogramLength(plan.shape.latencyRangeBits))),
    );
    const settings: NetworkSettings = {
      links: [...network.links.map(linkOf), NO_NETWORK],
      linkOf: this.#linkOf,
      outages: outagesOf(plan.settings),
      packetsHeldMax: network.held,
      seed: mixPair(seed, LINK_STREAM),
      lane,
    };
    this.port = new NetworkPort(settings, { ...packets, phoneAt: (row) => population.phoneAt(lane, row) });
  }

  /** The number of the link of this phone. @param row of a phone in the lane. */
  linkAt(row: number): number {
    return this.#linkOf[row] as number; // each phone has one
  }

  /** Latencies of deliveries to phones on the link of this one. @param row of a phone in the lane. */
  deliveryTo(row: number): Histogram {
    return this.#deliveries[this.linkAt(row)] as Histogram; // one per link
  }

  /** What was counted of each link so far. */
  links(): LinkReading[] {
    return this.port.linkCounters.map((counters, link) => ({
      name: this.#names[link] ?? '',
      counters: namedCounters(NETWORK_COUNTERS, counters),
      delivery: this.#deliveries[link]?.counts ?? new Uint32Array(0),
    }));
  }
}

/**
 * The networks of a lane; null if the scenario has none, or for the calibration of the driver, which is slowed by
 * nothing.
 */
export function laneNetwork(
  plan: RunPlan,
  lane: number,
  isCalibration: boolean,
  packets: LanePackets,
): LaneNetwork | null {
  return isCalibration || !hasNetwork(plan.settings.network) ? null : new LaneNetwork(plan, lane, packets);
}

/** Which phones each outage of a scenario hits: what the network throws away, and whose connections are lost by it. */
export function outagesOf({ network, phases, seed }: ScenarioSettings): Outages {
  // On the clock of traffic, which begins with settling; that takes exactly its time where there are outages.
  const outages = network.outages.map(({ at, duration, cells, tunnel }) => ({
    atMicros: phases.settle + at,
    durationMicros: duration,
    kind: cells === undefined ? ('tunnel' as const) : ('cells' as const),
    share: cells ?? tunnel ?? 0,
  }));
  return new Outages(seed, network.cells, outages);
}

/** The number of each phone's link; phones without one have the number behind the last. */
function linkNumbers({ network: { links }, platforms, seed }: ScenarioSettings): (phone: number) => number {
  const none = links.length;
  if (links.some(({ platform }) => platform !== undefined)) {
    const shares = new PlatformShares(seed, platforms);
    const ofPlatform = platforms.map(({ name }) => links.findIndex(({ platform }) => platform === name));
    return (phone) => {
      const link = ofPlatform[shares.of(phone)] ?? -1;
      return link < 0 ? none : link;
    };
  }
  const bounds: number[] = [];
  for (const { share } of links) bounds.push((bounds.at(-1) ?? 0) + (share ?? 1) * 2 ** 32);
  const stream = mixPair(seed, LINK_STREAM);
  return (phone) => {
    const drawn = mixPair(stream, phone) >>> 0;
    const link = bounds.findIndex((bound) => drawn < bound);
    return link < 0 ? none : link;
  };
}

function linkOf(link: NetworkLinkSettings): NetworkLink {
  return {
    roundTripMicros: link.roundTrip,
    jitterMicros: link.jitter,
    lossShare: link.loss,
    burstLossShare: link.burstLoss,
    burstMicros: link.burst,
    reorderedShare: link.reorder,
    duplicatedShare: link.duplicate,
    downBitsPerSecond: link.down,
    upBitsPerSecond: link.up,
  };
}
