/**
 * Digests of sets of messages, for proving that what was sent is what arrived without storing it.
 *
 * A digest is the sum of a mixed 64-bit value for each message (two independent 32-bit halves),
 * modulo 2^32 each: the order does not matter, one message missing, doubled or changed does.
 * Two sets that differ have equal digests once in 2^64.
 */
import { mixPair } from './mix.ts';

const FIRST_SALT = 0x1b873593;
const SECOND_SALT = 0x2545f491;

/** First half of a message's value. */
export function messageDigestLow(sender: number, id: number): number {
  return mixPair(sender ^ FIRST_SALT, id);
}

/** Second half of a message's value. */
export function messageDigestHigh(sender: number, id: number): number {
  return mixPair(id ^ SECOND_SALT, sender);
}
