/** The section of a result about presence and typing: what phones watched and were told while measuring. */
import { z } from 'zod';
import { countOf, figure, figureOrNull } from './schema-terms.ts';

export const presenceSchema = z
  .strictObject({
    watch: countOf.describe('`presence.watch`: contacts that each phone watches'),
    subscriptions: countOf.describe('At the homes of watched accounts, at the end of the run'),
    watchesRefused: countOf.describe(
      'In the whole run: the phone, or all phones, watched as many accounts as they may',
    ),
    changesPerSecond: figureOrNull.describe('Logins, departures, and phones to the background and back'),
    noticesPerSecond: figureOrNull.describe('PRESENCE frames that phones received'),
    expectedNoticesPerSecond: figureOrNull.describe(
      'One answer for each WATCH, and one notice for each change to each phone that watches and is online, if none comes late',
    ),
    noticesPerMessage: figureOrNull.describe('Notices for each message that phones received'),
    coalesced: countOf.describe('Changes in the whole run whose notice was sent with that of a later one'),
    shed: countOf.describe(
      'Notices in the whole run that were put off for lack of room, or because the switch was overloaded',
    ),
    typingSentPerSecond: figureOrNull,
    typingReceivedPerSecond: figureOrNull,
    typingShed: countOf.describe('In the whole run'),
    bytes: figure.describe('Memory of the switch for subscriptions and watches in use, when all phones had logged in'),
  })
  .nullable()
  .prefault(null)
  .describe('Presence and typing; null in runs without, and in older results');

export type Presence = NonNullable<z.output<typeof presenceSchema>>;
