/**
 * Contact lists of log-normal length in which every contact is mutual, computed from the seed; nothing is stored per
 * phone.
 *
 * A seeded permutation gives each phone a rank. The number of contacts falls with the rank, so the phones with more
 * than j contacts are the ranks below s(j), and the sizes s(0) >= s(1) >= … of these layers follow from the
 * distribution. In layer j, ranks below s(j) are paired: r with (c(j) - r) modulo s(j). That is its own inverse, so
 * contacts are mutual, and with an even size and an odd c(j) no rank is paired with itself:
 *
 *     layer 0   all phones             each has its contact 0 here
 *     layer 1   ranks below s(1)       contact 1 of those that have two or more
 *     …
 *
 * So a phone has exactly as many contacts as there are layers that it is in. Two layers may pair the same phones; that
 * is rare, because the pairings are independent of each other.
 */
import { assert } from '../../base/assert.ts';
import { mix32, mixPair } from '../../base/pseudo-random.ts';
import { normalCdf } from '../../stats/normal-distribution.ts';
import type { ContactGraph } from './contact-graph.ts';
import { RankPermutation } from './rank-permutation.ts';

/** How phones choose the contact that they write to. */
export type ContactChoice = 'zipf' | 'uniform';

export interface ContactDistribution {
  readonly distribution: 'lognormal';
  readonly median: number;
  /** Standard deviation of the logarithm of the number of contacts. */
  readonly sigma: number;
  /** The most contacts of a phone. */
  readonly max: number;
  readonly choice: ContactChoice;
}

const PAIR_SALT = 0x50414952;
const CHOICE_SALT = 0x43484f49;

/**
 * The number of phones with more than 0, 1, 2 … contacts, all even. It ends at the largest number of contacts, or where
 * too few phones would be left for their contacts to differ.
 */
function layerSizes({ median, sigma, max }: ContactDistribution, phones: number): Int32Array {
  const sizes = [phones];
  for (let j = 1; j < max; j++) {
    const beyond = 1 - normalCdf((Math.log(j + 0.5) - Math.log(median)) / sigma); // of a rounded number above j
    const size = 2 * Math.round((phones * beyond) / 2);
    if (size < j + 2) break;
    sizes.push(size);
  }
  return Int32Array.from(sizes);
}

export class MutualContacts implements ContactGraph {
  readonly #choiceSeed: number;
  readonly #isZipf: boolean;
  readonly #ranks: RankPermutation;
  readonly #sizes: Int32Array;
  readonly #sums: Int32Array;

  /** @param phones number of phones that take part, even: phones 0 to `phones` - 1. */
  constructor(seed: number, distribution: ContactDistribution, phones: number) {
    assert(phones >= 2 && phones % 2 === 0, 'an even number of phones can be paired');
    this.#choiceSeed = seed ^ CHOICE_SALT;
    this.#isZipf = distribution.choice === 'zipf';
    this.#ranks = new RankPermutation(seed, phones);
    this.#sizes = layerSizes(distribution, phones);
    this.#sums = this.#sizes.map((size, j) => ((mixPair(seed ^ PAIR_SALT, j) >>> 0) % size) | 1); // sizes are even
  }

  contactsOf(phone: number): number {
    return this.#layersOf(this.#ranks.to(phone));
  }

  phoneOf(phone: number, j: number): number {
    const difference = (this.#sums[j] as number) - this.#ranks.to(phone); // j is a layer of the phone
    return this.#ranks.from(difference < 0 ? difference + (this.#sizes[j] as number) : difference);
  }

  /**
   * A contact at random. zipf: contact j about in proportion to 1 / (j + 1): every octave (0, 1 to 2, 3 to 6, …) is
   * equally likely, and so are the contacts in it. Close contacts are close both ways, since j is the same for both.
   */
  contactFor(phone: number, number: number): number {
    const contacts = this.contactsOf(phone);
    const random = mixPair(mix32(this.#choiceSeed ^ phone), number);
    if (!this.#isZipf) return below(random, contacts);
    const octave = below(random, 32 - Math.clz32(contacts));
    const first = 2 ** octave - 1;
    return first + below(mix32(random), Math.min(first + 1, contacts - first));
  }

  /** Any contact of the recipient, if that message of it goes to the recipient. */
  writerOf(recipient: number, number: number, candidate: number): number {
    const contacts = this.contactsOf(recipient);
    let left = candidate;
    for (let j = 0; j < contacts; j++) {
      const phone = this.phoneOf(recipient, j);
      if (this.contactFor(phone, number) === j && left-- === 0) return phone;
    }
    return -1;
  }

  turnsBetween(): number {
    return 0;
  }

  /** In how many layers a rank is: sizes fall, so a binary search finds the first that is not above it. */
  #layersOf(rank: number): number {
    let from = 0;
    let to = this.#sizes.length;
    while (to - from > 1) {
      const middle = (from + to) >> 1;
      if ((this.#sizes[middle] as number) > rank)
        from = middle; // from < middle < to
      else to = middle;
    }
    return to;
  }
}

/** A random number from 0 to `bound` - 1, from 32 random bits. */
function below(random: number, bound: number): number {
  return ((random >>> 0) * (bound / 2 ** 32)) | 0;
}
