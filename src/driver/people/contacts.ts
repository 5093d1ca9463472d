/**
 * Which phones write to which, computed from the seed; nothing is stored.
 *
 * Contact j of phone p is phone (p + distance j) modulo the number of phones that take part. So each phone is contact j
 * of exactly one other phone. A phone writes to its contacts in turn: message n goes to contact (n - 1) mod contacts.
 * The number of a message therefore tells its recipient which pair it belongs to and how many of that pair came before
 * it.
 */
import { assert } from '../../base/assert.ts';
import { mixPair } from '../../base/pseudo-random.ts';
import type { ContactGraph } from './contact-graph.ts';

/** Most contacts of a phone that has the same number as all others. */
export const CONTACTS_MAX = 4;
const SALT = 0x434f4e54;

export class Contacts implements ContactGraph {
  readonly count: number;
  readonly #phones: number;
  readonly #distances: Int32Array;

  /** @param phones number of phones that take part: phones 0 to `phones` - 1. */
  constructor(seed: number, count: number, phones: number) {
    assert(count >= 1 && count <= CONTACTS_MAX, 'a phone has from 1 to 4 contacts');
    assert(phones > count, 'there are more phones than contacts');
    this.count = count;
    this.#phones = phones;
    this.#distances = new Int32Array(count);
    for (let j = 0; j < count; j++) {
      let distance = 1 + ((mixPair(seed ^ SALT, j) >>> 0) % (phones - 1));
      while (this.#distances.subarray(0, j).includes(distance)) distance = 1 + (distance % (phones - 1));
      this.#distances[j] = distance;
    }
  }

  contactsOf(): number {
    return this.count;
  }

  contactFor(_phone: number, number: number): number {
    return (number - 1) % this.count;
  }

  turnsBetween(before: number, number: number): number {
    const since = before === 0 ? this.contactFor(0, number) + 1 - this.count : before;
    return (number - since) / this.count - 1;
  }

  phoneOf(phone: number, j: number): number {
    const sum = phone + (this.#distances[j] as number); // j < count
    return sum >= this.#phones ? sum - this.#phones : sum;
  }

  /** Each message number of a recipient's writers comes from one of them alone. */
  writerOf(recipient: number, number: number, candidate: number): number {
    if (candidate > 0) return -1;
    const difference = recipient - (this.#distances[this.contactFor(0, number)] as number); // the contact is below count
    return difference < 0 ? difference + this.#phones : difference;
  }
}
