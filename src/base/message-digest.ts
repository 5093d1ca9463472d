/**
 * Digests of sets of messages. They prove that what was sent is what arrived, without storing the messages.
 *
 * A digest is the sum of one mixed 64-bit value per message, kept as two independent 32-bit halves, each modulo 2^32.
 * The order of messages does not matter; a missing, duplicated or changed message does. Two different sets have the
 * same digest with a probability of 2^-64.
 */
import { mixPair } from './pseudo-random.ts';

const FIRST_SALT = 0x1b873593;
const SECOND_SALT = 0x2545f491;

/** Lower half of a message's value. */
export function messageDigestLow(sender: number, id: number): number {
  return mixPair(sender ^ FIRST_SALT, id);
}

/** Upper half of a message's value. */
export function messageDigestHigh(sender: number, id: number): number {
  return mixPair(id ^ SECOND_SALT, sender);
}

/**
 * Adds a message to the digest whose lower half is in place `low` of a row of counters, and its upper half in the next.
 * @param times how often the set has the message.
 */
export function addToDigest(counters: Float64Array, low: number, sender: number, id: number, times = 1): void {
  const lowSum = (counters[low] as number) + Math.imul(times, messageDigestLow(sender, id)); // counters exist, here and below
  const highSum = (counters[low + 1] as number) + Math.imul(times, messageDigestHigh(sender, id));
  counters[low] = lowSum | 0;
  counters[low + 1] = highSum | 0;
}
