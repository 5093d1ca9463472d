/** What a mobile network does to the packets of a phone, and what is counted of it. */
import { counterPlaces } from '../../../base/counters.ts';

export interface NetworkLink {
  /** The shortest time there and back; half of it each way. */
  readonly roundTripMicros: number;
  /** Mean of a further delay of each packet, exponentially distributed. */
  readonly jitterMicros: number;
  /** Share of the packets that are lost, each by itself. */
  readonly lossShare: number;
  /** Share of the packets that are lost in bursts. */
  readonly burstLossShare: number;
  /** Mean duration of a burst. */
  readonly burstMicros: number;
  /** Share of the packets that are late by up to one more way, so that later ones overtake them. */
  readonly reorderedShare: number;
  /** Share of the packets that arrive twice. */
  readonly duplicatedShare: number;
  /** Bits per second to and from the phone; Infinity without a limit. */
  readonly downBitsPerSecond: number;
  readonly upBitsPerSecond: number;
}

/** Packets both ways. Lost ones are in exactly one of the counters from `lost` to `droppedForRoom`. */
export const NETWORK_COUNTERS = [
  'packets',
  'lost',
  'lostInBursts',
  'lostInOutages',
  'droppedByQueue', // of the phone's link: they would have waited too long for its bandwidth
  'droppedForRoom', // of the simulation: as many packets are on their way as the lane has room for
  'delayed',
  'reordered',
  'duplicated',
] as const;

/** Place of each counter in a row. */
export const NetworkCounter = counterPlaces(NETWORK_COUNTERS);

/** The link of phones that have none: nothing happens to their packets but outages. */
export const NO_NETWORK: NetworkLink = {
  roundTripMicros: 0,
  jitterMicros: 0,
  lossShare: 0,
  burstLossShare: 0,
  burstMicros: 1,
  reorderedShare: 0,
  duplicatedShare: 0,
  downBitsPerSecond: Number.POSITIVE_INFINITY,
  upBitsPerSecond: Number.POSITIVE_INFINITY,
};

/** A packet that would wait longer for its turn is dropped, as by the bounded queue of a base station. */
export const QUEUE_MICROS_MAX = 2e6;
/** No packet is later by jitter than so many means: one of 3,000 would be. */
export const JITTERS_MAX = 8;
