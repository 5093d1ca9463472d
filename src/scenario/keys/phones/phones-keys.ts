/** The keys of phones: how many there are, their numbers, and when they are connected. */
import { z } from 'zod';
import { PHONES_MAX } from '../../terms/limits.ts';
import { count, durationMicros, durationOrNone, share } from '../../terms/scalars.ts';
import { contactsKey } from './contacts-key.ts';

export const numberBlock = z.strictObject({
  first: count({ min: 1, max: 999_999_999_999_999 }).describe('First number of the block, E.164, at most 15 digits'),
  count: count({ min: 1, max: PHONES_MAX }).describe('Numbers in the block'),
});

export const phonesKeys = z.strictObject({
  count: count({ min: 8, max: PHONES_MAX }).describe('Phones that exist, offline ones included'),
  offline: share().describe('Share of phones that never connect; messages to them stay in their mailboxes'),
  contacts: contactsKey,
  heartbeat: durationOrNone({ min: 1000 }).describe('Interval between the heartbeats of a phone'),
  session: durationOrNone({ min: 1000 }).describe(
    'Mean time that a phone stays connected (exponential distribution); none: to the end',
  ),
  away: durationMicros().prefault('10s').describe('Time after which a phone that left connects again'),
  departure: z
    .enum(['logout', 'drop', 'vanish'])
    .prefault('logout')
    .describe('How a phone leaves: it logs out, its connection breaks, or it falls silent without closing'),
});
