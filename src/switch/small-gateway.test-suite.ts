/** The gateway of a small switch, and what a shard that has started again says to it. */
import type { ManyToOneConsumer, ManyToOneProducer } from '../ring/many-to-one-ring.ts';
import type { RingMemory } from '../ring/ring-layout.ts';
import type { Placement } from '../wire/placement.ts';
import { Gateway, type GatewayListener, type GatewayParts } from './gateway.ts';
import { Hops } from './homes/hops.ts';
import { SWITCH_COUNTERS } from './terms/switch-counters.ts';

const LOOKUPS_MAX = 4;
const RUN_TAG = 77;

export interface SmallGatewayParts {
  readonly shards: number;
  readonly homes: Placement;
  readonly firstBusiness: number;
  readonly businesses: number;
  /** Of a shard. */
  readonly questionsMax: number;
  readonly tickMicros: number;
  readonly memory: RingMemory;
  readonly producers: () => ManyToOneProducer[];
  readonly inbox: () => ManyToOneConsumer;
  readonly counters: Float64Array;
}

export function smallGateway(
  parts: SmallGatewayParts,
  listener: GatewayListener,
  idBefore: GatewayParts['idBefore'] = () => 0,
): Gateway {
  const { shards, homes, firstBusiness, businesses, tickMicros, memory, counters } = parts;
  const questionsMax = Math.max(parts.questionsMax, businesses * 16 + LOOKUPS_MAX);
  return new Gateway(
    {
      ...{ peer: shards, peers: shards + 1, homes, firstBusiness, businesses },
      ...{ lookupsMax: LOOKUPS_MAX, questionsMax, tickMicros, runTag: RUN_TAG },
    },
    { memory, inboxes: parts.producers(), inbox: parts.inbox(), counters, wakeShard: () => {}, idBefore },
    listener,
  );
}

/** Tells the gateway that a shard has started again. */
export function sayStarted({ shards, memory, producers }: SmallGatewayParts, shard: number, incarnation: number): void {
  const counters = new Float64Array(SWITCH_COUNTERS.length);
  const hops = new Hops(memory, producers(), 0, new Int32Array(shards + 1), counters, () => {});
  hops.write.started(shards, shard, incarnation);
}
