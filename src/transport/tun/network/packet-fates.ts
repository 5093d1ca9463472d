/**
 * What happens to each packet: whether it is lost, when it arrives, and how often.
 *
 * A link is a queue each way: packets stay in order, and one that jitter delays holds up those behind it, as radio
 * links do that deliver in order. Bandwidth is the time that a packet takes of that queue. A reordered packet leaves
 * the queue in its turn and is late by itself. Losses come by themselves, and in bursts, because a radio that fades
 * loses all packets of a while (see #isInBurst).
 */
import { count } from '../../../base/counters.ts';
import { nextRandom, putExponential, RANDOM_STATE_WORDS, seedRandom } from '../../../base/pseudo-random.ts';
import { JITTERS_MAX, NETWORK_COUNTERS, NetworkCounter, type NetworkLink, QUEUE_MICROS_MAX } from './network-link.ts';

/** The way of a packet. */
export const Way = { UP: 0, DOWN: 1 } as const;

const WAYS = 2;
const BITS_PER_BYTE = 8;
const MICROS_PER_SECOND = 1e6;
/** Packets on a link without delay are late by up to this if they are reordered. */
const LATE_MICROS_MIN = 1000;

export class PacketFates {
  /** Memory of one phone. */
  static readonly PHONE_BYTES = WAYS * (2 * Float64Array.BYTES_PER_ELEMENT + 1) + 1;
  /** When the packet of the last {@link decide} arrives. */
  readonly dueMicros = new Float64Array(1);
  readonly #links: readonly NetworkLink[];
  readonly #linkOf: Uint8Array;
  /** A row of NETWORK_COUNTERS per link. */
  readonly #counters: readonly Float64Array[];
  readonly #random = new Int32Array(RANDOM_STATE_WORDS);
  readonly #drawn = new Float64Array(1);
  /** When the link of a phone has delivered what was sent before: two per phone, by way. */
  readonly #freeMicros: Float64Array;
  /** Whether the link was in its bad state at the last packet, and when that was. */
  readonly #isBad: Uint8Array;
  readonly #seenMicros: Float64Array;

  /** @param linkOf the number of the link of each phone. @param seed its random numbers follow from it. */
  constructor(links: readonly NetworkLink[], linkOf: Uint8Array, seed: number, lane: number) {
    this.#links = links;
    this.#linkOf = linkOf;
    this.#counters = links.map(() => new Float64Array(NETWORK_COUNTERS.length));
    this.#freeMicros = new Float64Array(WAYS * linkOf.length);
    this.#isBad = new Uint8Array(WAYS * linkOf.length);
    this.#seenMicros = new Float64Array(WAYS * linkOf.length).fill(Number.NEGATIVE_INFINITY);
    seedRandom(this.#random, 0, seed, lane);
  }

  /** A row of NETWORK_COUNTERS per link. */
  get counters(): readonly Float64Array[] {
    return this.#counters;
  }

  get bytes(): number {
    return this.#linkOf.length * PacketFates.PHONE_BYTES;
  }

  /** Counts a packet of a phone that was thrown away after it was decided on. @param place of NetworkCounter. */
  count(phone: number, place: number): void {
    count(this.#countersOf(phone), place);
  }

  /**
   * Decides what happens to a packet that a phone or its peer sends now. {@link dueMicros} holds when it arrives.
   * @param nowMicros its first element is the time.
   * @returns how often it arrives: 0 if it is lost.
   */
  decide(phone: number, way: number, bytes: number, isOut: boolean, nowMicros: Float64Array): number {
    this.dueMicros[0] = nowMicros[0] as number; // its first
    const link = this.#links[this.#linkOf[phone] as number] as NetworkLink; // callers name a phone, which has a link
    const counters = this.#countersOf(phone);
    count(counters, NetworkCounter.packets);
    const lost = this.#lostAs(link, WAYS * phone + way, isOut);
    if (lost >= 0) {
      count(counters, lost);
      return 0;
    }
    if (!this.#queue(link, WAYS * phone + way, way, bytes)) {
      count(counters, NetworkCounter.droppedByQueue);
      return 0;
    }
    if (this.#happens(link.reorderedShare)) {
      const late = Math.max(LATE_MICROS_MIN, link.roundTripMicros / 2);
      this.dueMicros[0] += late * ((nextRandom(this.#random, 0) >>> 0) / 2 ** 32);
      count(counters, NetworkCounter.reordered);
    }
    if ((this.dueMicros[0] as number) > (nowMicros[0] as number)) count(counters, NetworkCounter.delayed);
    if (!this.#happens(link.duplicatedShare)) return 1;
    count(counters, NetworkCounter.duplicated);
    return 2;
  }

  /** @returns the place of the counter of a loss, or -1. */
  #lostAs(link: NetworkLink, place: number, isOut: boolean): number {
    if (isOut) return NetworkCounter.lostInOutages;
    if (link.burstLossShare > 0 && this.#isInBurst(link, place)) return NetworkCounter.lostInBursts;
    return this.#happens(link.lossShare) ? NetworkCounter.lost : -1;
  }

  /**
   * Whether the link is in its bad state now, by the model of Gilbert ("Capacity of a burst-noise channel", 1960) and
   * Elliott ("Estimates of error rates for codes on burst-noise channels", 1963): a phone's link each way is in a good
   * or a bad state. In the bad one every packet is lost, in the good one each by itself with the probability of `loss`.
   * The state changes in time, not with each packet: a phone that sends again after a second finds that the fade of its
   * radio is over.
   *
   * Bursts end at the rate of 1 / their mean duration, and begin so often that the link is in its bad state for the
   * share of the time that is asked for; between two packets the state is forgotten at the sum of both rates.
   */
  #isInBurst({ burstLossShare, burstMicros }: NetworkLink, place: number): boolean {
    const nowMicros = this.dueMicros[0] as number; // still the time of the packet
    const elapsedMicros = nowMicros - (this.#seenMicros[place] as number); // two per phone, here and below
    const kept = Math.exp(-elapsedMicros / (burstMicros * (1 - burstLossShare)));
    const wasBad = this.#isBad[place] === 1;
    const isBad = this.#happens(burstLossShare * (1 - kept) + (wasBad ? kept : 0));
    this.#isBad[place] = isBad ? 1 : 0;
    this.#seenMicros[place] = nowMicros;
    return isBad;
  }

  /** Sets when the packet arrives. @returns false if it would wait too long for the packets before it. */
  #queue(link: NetworkLink, place: number, way: number, bytes: number): boolean {
    let arrivalMicros = (this.dueMicros[0] as number) + link.roundTripMicros / 2; // its only element, here and below
    if (link.jitterMicros > 0) {
      putExponential(this.#random, 0, this.#drawn, 0);
      arrivalMicros += link.jitterMicros * Math.min(JITTERS_MAX, this.#drawn[0] as number);
    }
    const freeMicros = this.#freeMicros[place] as number; // two per phone
    if (freeMicros - arrivalMicros > QUEUE_MICROS_MAX) return false;
    const rate = way === Way.UP ? link.upBitsPerSecond : link.downBitsPerSecond;
    const dueMicros = Math.max(arrivalMicros, freeMicros) + (bytes * BITS_PER_BYTE * MICROS_PER_SECOND) / rate;
    this.#freeMicros[place] = dueMicros;
    this.dueMicros[0] = dueMicros;
    return true;
  }

  #countersOf(phone: number): Float64Array {
    return this.#counters[this.#linkOf[phone] as number] as Float64Array; // a row per link
  }

  #happens(share: number): boolean {
    return share > 0 && nextRandom(this.#random, 0) >>> 0 < share * 2 ** 32;
  }
}
