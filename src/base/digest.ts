/**
 * Digests of sets of messages. They prove that what was sent is what arrived, without storing the messages.
 *
 * A digest is the sum of one mixed 64-bit value per message, kept as two independent 32-bit halves, each modulo 2^32.
 * The order of messages does not matter; a missing, duplicated or changed message does. Two different sets have the
 * same digest with a probability of 2^-64.
 */
import { mixPair } from './mix.ts';

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
